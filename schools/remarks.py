"""What a reader of lists has to say about a line; an error keeps the file from being imported (R69)."""

from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from schools.addresses import Span


class Kind(TextChoices):
    """What a reader has to say about a line. The errors keep the file from being imported."""

    NO_STREET = "no street named", _("Көше көрсетілмеген")
    UNREAD = "cannot be read", _("Оқылмады")
    REVERSED = "a range that runs backwards", _("Аралық кері бағытта жазылған")
    AMBIGUOUS = "can be read in two ways", _("Екі түрлі түсінуге болады")
    TORN = "a number may be torn in two", _("Сан екіге бөлініп кеткен сияқты")
    BOUNDARY = "a boundary and not houses", _("Үйлер емес, шекара жазылған")
    UNKNOWN_LOCALITY = "no such village in the school's district", _("Мектеп ауданында мұндай ауыл жоқ")
    ONE_SIDE = "read as one side of the street", _("Көшенің бір жағы деп оқылды")
    SEPARATOR = "a comma seems to be missing", _("Үтір жоқ сияқты")
    ORDER = "out of order", _("Реті бұзылған")
    DUPLICATE = "named twice", _("Екі рет жазылған")
    FLATS = "flats are not taken into account", _("Пәтерлер ескерілмейді")
    LINE_BREAK = "a line break inside", _("Жол үзілген")
    WHOLE_STREET = "no houses named, the whole street is taken", _("Үйлер көрсетілмеген, көше толық алынды")
    PRIVATE = "private houses, all houses are taken", _("Жеке сектор, барлық үй алынды")
    UP_TO = "read from the first house on", _("Бірінші үйден бастап деп оқылды")
    WITHIN = "says where the street lies", _("Көшенің орналасқан жері")
    OUT_OF_REACH = "nobody's address can match this", _("Ешкімнің мекенжайы бұған сәйкес келмейді")
    OTHER_CLASSES = "for other classes, left out", _("Басқа сыныптарға арналған, қалдырылды")
    IGNORED = "no address, left out", _("Мекенжай емес, қалдырылды")


ERRORS = frozenset(
    {
        Kind.NO_STREET,
        Kind.UNREAD,
        Kind.REVERSED,
        Kind.AMBIGUOUS,
        Kind.TORN,
        Kind.BOUNDARY,
        Kind.UNKNOWN_LOCALITY,
    }
)


@dataclass(frozen=True)
class Remark:
    kind: Kind
    text: str = ""

    @property
    def is_error(self) -> bool:
        return self.kind in ERRORS

    def __str__(self) -> str:
        return f"{self.kind.value}: «{self.text}»" if self.text else self.kind.value


@dataclass
class Houses:
    spans: list[Span] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    seen: set[Span] = field(default_factory=set)

    def add(self, span: Span) -> None:
        if span in self.seen:
            return self.say(Kind.DUPLICATE, str(span))
        self.seen.add(span)
        return self.spans.append(span)

    def say(self, kind: Kind, text: str = "") -> None:
        self.remarks.append(Remark(kind, text))


class Asked(Exception):
    """A person has to say what this means."""

    def __init__(self, kind: Kind, text: str) -> None:
        super().__init__(text)
        self.remark = Remark(kind, text)
