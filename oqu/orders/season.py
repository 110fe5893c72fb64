"""The settings of the season (D77): what each says now, and where it is changed."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.models import Ground
from schools.models import Holiday, Intake, Language, Locality, Period
from schools.periods import current_year


@dataclass(frozen=True)
class Row:
    """What lies in the database, and the page that changes it."""

    title: str | Promise
    count: int
    page: str
    of: int | None = None


@dataclass(frozen=True)
class Fixed:
    """What was given to the portal when it was started, under this name."""

    title: str | Promise
    name: str
    unit: str | Promise = ""
    divided: int = 1

    @property
    def value(self) -> int:
        return int(getattr(settings, self.name)) // self.divided


_SECONDS_OF_DAY, _SECONDS_OF_HOUR, _MINUTE = 24 * 3600, 3600, 60
FIXED = (
    Fixed(_("Келісімнің мерзімі"), "CONSENT_LIFETIME_SECONDS", _("күн"), _SECONDS_OF_DAY),
    Fixed(_("1414 жауабын күту"), "CONSENT_ANSWER_SECONDS", _("минут"), _MINUTE),
    Fixed(_("Файлдың ең үлкен көлемі"), "UPLOAD_MAX_BYTES", _("Кбайт"), 1024),
    Fixed(
        _("Қол қояр алдында тізілім жауабының ескіру мерзімі"), "REGISTER_FRESH_SIGNED", _("минут"), _MINUTE
    ),
    Fixed(
        _("Тізілім үнсіз болса, соңғы жауабына сүйену мерзімі"),
        "REGISTER_LAST_ANSWER",
        _("сағат"),
        _SECONDS_OF_HOUR,
    ),
    Fixed(_("Өңір ашылғаннан кейінгі қарбалас уақыт"), "OPENING_RUSH", _("минут"), _MINUTE),
    Fixed(_("Порталда бір мезгілде бола алатын адам саны"), "WAITING_ROOM_PLACES"),
    Fixed(_("Күту залы өңір ашылардан қанша бұрын қосылады"), "WAITING_ROOM_BEFORE", _("минут")),
    Fixed(_("Күту залы өңір ашылған соң қанша уақыт тұрады"), "WAITING_ROOM_AFTER", _("минут")),
    Fixed(_("SMS жіберілмейтін түнгі уақыттың басы"), "QUIET_FROM", _("сағат")),
    Fixed(_("SMS жіберілмейтін түнгі уақыттың соңы"), "QUIET_TO", _("сағат")),
    Fixed(_("SMS-тің жеткені туралы хабар күту"), "SMS_REPORT_HOURS", _("сағат")),
    Fixed(_("Мектеп қызметкерінің ЖСН бойынша күндік іздеулері"), "LOOK_UPS_A_DAY"),
    Fixed(_("Әрекетсіз сеанстың ұзақтығы"), "SESSION_IDLE_SECONDS", _("минут"), _MINUTE),
    Fixed(_("Сеанстың ең ұзақ мерзімі"), "SESSION_MAX_SECONDS", _("сағат"), _SECONDS_OF_HOUR),
)


def rows(*, now: datetime) -> list[Row]:
    """Of the running year."""
    year, regions = current_year(now), Locality.objects.filter(parent=None).count()
    dated = Period.objects.filter(year=year).count()
    free = Holiday.objects.filter(date__year__in=(year, year + 1)).count()
    return [
        Row(_("Мерзімі жарияланған өңірлер"), dated, "reference:schools_period_changelist", of=regions),
        Row(_("Осы және келесі жылдың мереке күндері"), free, "reference:schools_holiday_changelist"),
        Row(
            _("Орын жариялаған мектеп пен тіл жазбалары"),
            Intake.objects.filter(year=year).count(),
            "reference:schools_intake_changelist",
        ),
        Row(_("Оқу тілдері"), Language.objects.count(), "reference:schools_language_changelist"),
        Row(_("Күшіндегі бас тарту негіздері"), Ground.objects.in_force().count(), "review:grounds"),
    ]
