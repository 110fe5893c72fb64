"""Where and when: localities, schools and their people, addresses, intakes, periods, holidays."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from schools.staff import Role as Role
from schools.staff import StaffMember as StaffMember


def _in_language(kk: str, ru: str) -> str:
    return (ru or kk) if get_language() == "ru" else kk


class Locality(models.Model):
    """One row of the KATO classifier; regions have no parent."""

    kato = models.CharField(max_length=9, primary_key=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    name_kk = models.CharField(max_length=200)
    name_ru = models.CharField(max_length=200)
    sort_kk = models.CharField(max_length=400, db_index=True)  # schools.kazakh.sort_key of the name

    class Meta:
        verbose_name_plural = "localities"

    def __str__(self) -> str:
        return self.name_kk

    @property
    def name(self) -> str:
        """In the reader's language."""
        return _in_language(self.name_kk, self.name_ru)

    @property
    def long_name(self) -> str:
        """«Астана қаласы», not «Астана қ.»: for texts, where the classifier's abbreviations look odd."""
        kk = self.name_kk.removesuffix(" қ.") + " қаласы" if self.name_kk.endswith(" қ.") else self.name_kk
        return _in_language(kk, self.name_ru.replace("г. ", "город ", 1))


class Language(models.Model):
    """A language of instruction. A table: besides Kazakh and Russian there are others in the south."""

    code = models.CharField(_("Коды"), max_length=3, primary_key=True)
    name_kk = models.CharField(_("Атауы қазақша"), max_length=40)
    name_ru = models.CharField(_("Атауы орысша"), max_length=40)
    position = models.PositiveSmallIntegerField(_("Тізімдегі орны"), default=0)

    class Meta:
        verbose_name = _("Оқыту тілі")
        verbose_name_plural = _("Оқыту тілдері")

    def __str__(self) -> str:
        return self.code

    @property
    def name(self) -> str:
        return _in_language(self.name_kk, self.name_ru)


class School(models.Model):
    bin = models.CharField(_("БСН"), max_length=12, unique=True)
    locality = models.ForeignKey(
        Locality, on_delete=models.PROTECT, related_name="schools", verbose_name=_("Елді мекен")
    )
    name_kk = models.CharField(_("Атауы қазақша"), max_length=300)
    name_ru = models.CharField(_("Атауы орысша"), max_length=300)
    address_kk = models.CharField(_("Мекенжайы қазақша"), max_length=300, blank=True)
    address_ru = models.CharField(_("Мекенжайы орысша"), max_length=300, blank=True)
    phone = models.CharField(_("Телефон"), max_length=40, blank=True)
    has_transport = models.BooleanField(_("Оқушыларды тасымалдайды"), default=False)  # R80
    sort_kk = models.CharField(max_length=600, db_index=True)
    search = models.CharField(max_length=600, blank=True)  # both names with Kazakh letters folded
    # D57: from that day on it is offered to nobody; who takes its microdistrict over, if anybody does.
    stops_on = models.DateField(_("Қабылдауды тоқтататын күні"), null=True, blank=True)
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("Құқықтық мирасқоры"),
    )

    class Meta:
        verbose_name = _("Мектеп")
        verbose_name_plural = _("Мектептер")
        constraints = [
            models.CheckConstraint(condition=Q(bin__regex=r"^\d{12}$"), name="school_bin_has_twelve_digits"),
            models.CheckConstraint(
                condition=Q(successor=None) | (Q(stops_on__isnull=False) & ~Q(successor=F("pk"))),
                name="succeeded_school_stops",
            ),
        ]

    def __str__(self) -> str:
        return self.name_kk

    @property
    def name(self) -> str:
        return _in_language(self.name_kk, self.name_ru)

    @property
    def address(self) -> str:
        return _in_language(self.address_kk, self.address_ru)

    def has_stopped(self, on: date) -> bool:
        """Is it offered to nobody any more (D57)?"""
        return self.stops_on is not None and self.stops_on <= on

    def goes_by(self, number: str) -> bool:
        """Is this its BIN, or was it once?"""
        return number == self.bin or self.former_bins.filter(number=number).exists()


class FormerBin(models.Model):
    """A number that a school had until a day: what was signed under it stays the school's, and no other
    school ever gets it (D57)."""

    number = models.CharField(max_length=12, unique=True)
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="former_bins")
    until = models.DateField()

    def __str__(self) -> str:
        return self.number


class Parity(models.TextChoices):
    ALL = "ALL", _("барлығы")
    ODD = "ODD", _("тақ")
    EVEN = "EVEN", _("жұп")


class MicrodistrictAddress(models.Model):
    """One range of houses of a school's microdistrict (R69). An address may belong to several schools.

    street_key "" stands for the whole locality, house_to null for "to the end of the street",
    house_from 1 with house_to null and no suffix for the whole street. An exact house with a letter or
    fraction has house_from == house_to and its suffix, e.g. 12 and "А" or 6 and "/1". An excluded range is
    taken out of the school's other ranges of that street: «все, кроме 49/53».
    """

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="addresses")
    locality = models.ForeignKey(Locality, on_delete=models.PROTECT, related_name="+")
    street = models.CharField(max_length=200, blank=True)  # as the department wrote it
    street_key = models.CharField(max_length=200, blank=True)  # schools.addresses.street_key
    house_from = models.PositiveIntegerField(default=1)
    house_to = models.PositiveIntegerField(null=True, blank=True)
    suffix = models.CharField(max_length=20, blank=True)
    parity = models.CharField(max_length=4, choices=Parity.choices, default=Parity.ALL)
    excluded = models.BooleanField(default=False)
    line = models.PositiveIntegerField(null=True, blank=True)  # of the list that brought it

    class Meta:
        # The numbers stand in it too, so that a common street of a large city is not read from the table.
        indexes = [models.Index(fields=["street_key", "locality", "house_from", "house_to"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(house_to__isnull=True) | Q(house_to__gte=F("house_from")),
                name="house_range_runs_forward",
            )
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.house_from}-{self.house_to or ''}{self.suffix}"


class AddressList(models.Model):
    """One version of a school's microdistrict: who brought it, when and what for, its lines as they were and
    what was read from them. The rows of MicrodistrictAddress are those of the version that has not ended."""

    school = models.ForeignKey(School, on_delete=models.CASCADE, related_name="address_lists")
    began = models.DateTimeField(default=timezone.now)
    ended = models.DateTimeField(null=True, blank=True)
    author = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    source = models.CharField(max_length=255)
    lines = models.JSONField(default=dict)  # number of the line -> its text
    rows = models.JSONField(default=list)
    aliases = models.JSONField(default=list)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["school"], condition=Q(ended=None), name="one_current_address_list_per_school"
            )
        ]

    def __str__(self) -> str:
        return f"address list {self.pk}"


class ListDraft(models.Model):
    """A list that somebody is reading through before it is saved: its lines as text, each with the school it
    is of (D64). Saved, it stays for who presses the button twice, without its lines."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    school = models.ForeignKey(  # null: the lines are of several
        School, on_delete=models.CASCADE, null=True, blank=True, related_name="list_drafts"
    )
    source = models.CharField(max_length=255, blank=True)  # the file's name
    lines = models.JSONField(default=list)  # [number, text, key of the school]
    last_line = models.PositiveIntegerField(default=0, db_default=0)  # no number is given to two lines
    base = models.BigIntegerField(
        null=True, blank=True
    )  # key of the version whose text was mended; 0: none stood
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    saved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"list draft {self.pk}"


class AddressRequest(models.Model):
    """A registered address that no school's microdistrict holds, and that a parent asks to have added (D63).
    Of the person nothing is told to who keeps the lists; who waits for the answer is an `AddressAsker`."""

    kato = models.CharField(max_length=9)
    street = models.CharField(max_length=200, blank=True)
    house = models.CharField(max_length=40, blank=True)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    school = models.ForeignKey(  # that it was added to
        School, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    words = models.CharField(max_length=300, blank=True)  # why it was not

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kato", "street", "house"],
                condition=Q(answered_at=None),
                name="one_open_request_per_address",
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None, school=None, words="")
                | Q(answered_at__isnull=False, school__isnull=False, words="")
                | (Q(answered_at__isnull=False, school=None) & ~Q(words="")),
                name="address_request_is_added_or_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"address request {self.pk}"


class AddressAsker(models.Model):
    """Who has asked for an address, and is told the answer (D63)."""

    request = models.ForeignKey(AddressRequest, on_delete=models.CASCADE, related_name="askers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="address_requests"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "user"], name="one_asking_per_person_and_address")
        ]

    def __str__(self) -> str:
        return f"asker {self.pk}"


class StreetAlias(models.Model):
    """Two names of one street: an old one and a new one, or spellings that no rule brings together.

    What a school's list says belongs to that list and goes with it; without a school it is everybody's, and
    without a place the whole country's. A key without a type is a name, whatever is called by it.
    """

    locality = models.ForeignKey(
        Locality,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("Елді мекен"),
    )
    key = models.CharField(_("Бір атауы"), max_length=200)  # schools.addresses.street_key
    other = models.CharField(_("Екінші атауы"), max_length=200)
    school = models.ForeignKey(
        School, on_delete=models.CASCADE, null=True, blank=True, related_name="aliases"
    )

    class Meta:
        verbose_name = _("Көшенің екінші атауы")
        verbose_name_plural = _("Көшелердің екінші атаулары")
        indexes = [models.Index(fields=["key", "locality"]), models.Index(fields=["other", "locality"])]
        constraints = [
            models.UniqueConstraint(
                fields=["locality", "key", "other"],
                condition=Q(school=None),
                nulls_distinct=False,
                name="one_alias_per_pair",
            ),
            models.UniqueConstraint(
                fields=["locality", "key", "other", "school"], name="one_alias_per_pair_and_school"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.other}"


class Route(models.TextChoices):
    """The way of admission: by the address, or to a school of another microdistrict."""

    LOCAL = "LOCAL", _("Шағын аудан бойынша")
    OUTSIDE = "OUTSIDE", _("Шағын ауданнан тыс")


class Intake(models.Model):
    """Seats of one school in one academic year and language, first grade (D3).

    The held_* counters are changed only by schools/seats.py, in the transaction that moves an application.
    """

    school = models.ForeignKey(
        School, on_delete=models.PROTECT, related_name="intakes", verbose_name=_("Мектеп")
    )
    year = models.PositiveSmallIntegerField(_("Оқу жылы"))  # first year of the academic year
    language = models.ForeignKey(
        Language, on_delete=models.PROTECT, related_name="+", verbose_name=_("Оқыту тілі")
    )
    seats = models.PositiveIntegerField(_("Орын саны"))
    outside_ratio = models.PositiveSmallIntegerField(
        _("Сырттан келген бір балаға шағын ауданнан неше бала"), null=True, blank=True
    )  # over settings.OUTSIDE_RATIO
    outside_limit = models.PositiveIntegerField(
        _("Шағын ауданнан тыс балаларға орын")
    )  # seats // (ratio + 1), kept by seats.set_seats
    held_local = models.PositiveIntegerField(_("Шағын аудан балалары алған орын"), default=0)
    held_outside = models.PositiveIntegerField(_("Шағын ауданнан тыс балалар алған орын"), default=0)

    class Meta:
        verbose_name = _("Мектептің қабылдауы")
        verbose_name_plural = _("Қабылдау орындары")
        constraints = [
            models.UniqueConstraint(
                fields=["school", "year", "language"], name="one_intake_per_school_year_language"
            ),
            models.CheckConstraint(
                condition=Q(held_outside__lte=F("outside_limit")), name="outside_never_over_its_limit"
            ),
            models.CheckConstraint(
                condition=Q(outside_limit__lte=F("seats")), name="outside_limit_within_seats"
            ),
        ]

    def __str__(self) -> str:
        return f"intake {self.pk}"


class Period(models.Model):
    """A region's dates of one year's intake (R22-R28); both days inclusive, Asia/Almaty (D8)."""

    region = models.ForeignKey(
        Locality, on_delete=models.CASCADE, related_name="periods", verbose_name=_("Өңір")
    )
    year = models.PositiveSmallIntegerField(_("Оқу жылы"))
    opens = models.DateField(_("Ашылатын күні"))
    closes = models.DateField(_("Жабылатын күні"))
    asks_documents = models.BooleanField(
        _("Мектеп жақсырақ құжат сұрай алады"), default=False
    )  # D55: a school may ask for a better document

    class Meta:
        verbose_name = _("Өңірдің мерзімі")
        verbose_name_plural = _("Өңірлердің мерзімдері")
        constraints = [
            models.UniqueConstraint(fields=["region", "year"], name="one_period_per_region_and_year"),
            models.CheckConstraint(condition=Q(closes__gte=F("opens")), name="period_runs_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} {self.year}"


class DayKind(models.TextChoices):
    OFF = "off", _("демалыс күні")
    WORK = "work", _("жұмыс күні")


class Holiday(models.Model):
    """A day that breaks the week's rule: a holiday, or a working Saturday or Sunday (D25)."""

    date = models.DateField(_("Күні"), primary_key=True)
    kind = models.CharField(_("Түрі"), max_length=4, choices=DayKind.choices, default=DayKind.OFF)
    name_kk = models.CharField(_("Атауы қазақша"), max_length=100)
    name_ru = models.CharField(_("Атауы орысша"), max_length=100)

    class Meta:
        verbose_name = _("Ерекше күн")
        verbose_name_plural = _("Демалыс және ауыстырылған күндер")

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"
