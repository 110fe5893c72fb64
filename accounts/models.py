"""Who: people as the state registers know them, their children, and the consents they gave."""

import re
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.fields import LockedTextField
from accounts.prepared import Prepared


def masked(number: str) -> str:
    """An IIN or a phone as a page may show it: the last four digits."""
    return "•" * (len(number) - 4) + number[-4:]


def spaced(phone: str) -> str:
    """As people write it: +7 701 123 45 01."""
    found = re.fullmatch(r"\+7(\d{3})(\d{3})(\d{2})(\d{2})", phone)
    return " ".join(("+7", *found.groups())) if found else phone


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(iin=username)


class User(AbstractBaseUser):
    """A person who signs in through eGov: a parent, a school's executor or director (R29, R30).

    There are no passwords of our own; names, phone and address come from the registers (R49).
    """

    iin = models.CharField(max_length=12, unique=True)
    surname = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300, blank=True)
    patronymic = models.CharField(max_length=300, blank=True)
    birth_date = models.DateField(null=True, blank=True)
    phone = models.CharField(max_length=12, blank=True)  # E.164, from the Mobile Citizens Database
    phone_known_at = models.DateTimeField(null=True, blank=True)  # when eGov told it; never: it is from paper
    phone_confirmed_at = models.DateTimeField(null=True, blank=True)  # by the person, asked by the portal
    # Where else they allow to tell them when an SMS does not arrive; empty time: nowhere.
    second_phone = models.CharField(max_length=12, blank=True)
    email = models.EmailField(blank=True)
    ways_allowed_at = models.DateTimeField(null=True, blank=True)
    lang = models.CharField(max_length=2, choices=[("kk", "Қазақша"), ("ru", "Русский")], default="kk")
    registered_address = models.JSONField(default=dict, blank=True)  # egov.persons.Address as a dict
    refreshed_at = models.DateTimeField(null=True, blank=True)  # when the registers were last asked
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "iin"

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(iin__regex=r"^\d{12}$"), name="user_iin_has_twelve_digits")
        ]

    def __str__(self) -> str:
        return f"user {self.pk}"  # names and IIN stay out of logs

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def masked_iin(self) -> str:
        return masked(self.iin)

    def represents(self, child: "Child") -> bool:
        """By what the register has said last (D22, D34)."""
        return bool(_STANDING_TIE(self.pk, child.pk))

    @property
    def masked_phone(self) -> str:
        """Enough of it to know one's own: +7 701 ••• •• 01."""
        shown = f"{self.shown_phone[:6]} ••• •• {self.phone[-2:]}" if self.phone else ""
        return shown.replace(" ", "\N{NO-BREAK SPACE}")

    @property
    def shown_phone(self) -> str:
        return spaced(self.phone)


class Sex(models.TextChoices):
    MALE = "M", _("Ұл")
    FEMALE = "F", _("Қыз")


class Child(models.Model):
    """A child as the register of births knows it; one row per child, whichever parent added it."""

    iin = models.CharField(max_length=12, unique=True)
    surname = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300)
    patronymic = models.CharField(max_length=300, blank=True)
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=Sex.choices)
    registered_address = models.JSONField(default=dict, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    guardians = models.ManyToManyField(User, through="Guardianship", related_name="children")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(iin__regex=r"^\d{12}$"), name="child_iin_has_twelve_digits")
        ]

    def __str__(self) -> str:
        return f"child {self.pk}"

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)

    @property
    def masked_iin(self) -> str:
        return masked(self.iin)

    @property
    def initials(self) -> str:
        return " ".join(f"{part[0]}." for part in (self.surname, self.name, self.patronymic) if part)


class Relation(models.TextChoices):
    """What the register says of the adult (D22)."""

    PARENT = "PARENT", _("Ата-анасы")
    GUARDIAN = "GUARDIAN", _("Заңды өкілі")


class GuardianshipQuerySet(models.QuerySet["Guardianship"]):
    def standing(self) -> "GuardianshipQuerySet":
        """Those that the register has not denied (D34)."""
        return self.filter(denied_at=None)


class Guardianship(models.Model):
    """The user may act for the child; written when they add the child (R55-R59), asked again before each act
    that leans on it (D34)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="guardianships")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, related_name="guardianships")
    relation = models.CharField(max_length=8, choices=Relation.choices, default=Relation.PARENT)
    document = models.CharField(max_length=100, blank=True)  # of the guardian: number of the decree (D22)
    added_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)  # the question that was answered last
    denied_at = models.DateTimeField(null=True, blank=True)  # since when the register knows no such tie
    closed_at = models.DateTimeField(null=True, blank=True)  # …said it twice, and what follows was done

    objects = GuardianshipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "child"], name="one_guardianship_per_pair")]
        indexes = [
            models.Index(fields=["denied_at"], name="tie_denied", condition=Q(closed_at=None)),
            models.Index(fields=["added_at"], name="tie_added"),
        ]

    def __str__(self) -> str:
        return f"guardianship {self.pk}"


_STANDING_TIE = Prepared(
    lambda user, child: Guardianship.objects.standing().filter(user=user, child=child).values_list("pk"),
    int,
    int,
)


class ProtectionQuerySet(models.QuerySet["Protection"]):
    def in_force(self) -> "ProtectionQuerySet":
        return self.filter(lifted_at=None)

    def children_hidden_from(self, user: User) -> models.QuerySet[Any, str]:
        """IINs, for a question that leaves these children out."""
        return self.in_force().filter(barred_iin=user.iin).values_list("child_iin", flat=True)


class Protection(models.Model):
    """A court has barred a person from knowing where a child is. By IIN, for neither of them need be known
    here yet; rows stay, ended ones too, with who set and lifted them and why. It ends by an officer's word
    alone: no day that passes and no register that falls silent about it tells where a child is."""

    child_iin = models.CharField(max_length=12)
    barred_iin = models.CharField(max_length=12)
    since = models.DateTimeField()
    # Nobody: the register of births said so.
    set_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=300)
    document = models.CharField(max_length=100, blank=True)  # number of the court's decision
    decided_on = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)  # by the decision: from then on an officer looks again
    region = models.CharField(max_length=9, blank=True)  # whose department answers for it: a code of KATO
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    lifted_why = models.CharField(max_length=300, blank=True)

    objects = ProtectionQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["barred_iin"], name="protection_barred", condition=Q(lifted_at=None)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["child_iin", "barred_iin"],
                condition=Q(lifted_at=None),
                name="one_protection_of_a_child_from_a_person",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None) | Q(lifted_by__isnull=False) & ~Q(lifted_why=""),
                name="lifted_protection_says_by_whom_and_why",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="protection_says_why"),
        ]

    def __str__(self) -> str:
        return f"protection {self.pk}"


class ConsentStatus(models.TextChoices):
    PENDING = "PENDING", _("Жауап күтілуде")
    GRANTED = "GRANTED", _("Келісім берілді")
    DENIED = "DENIED", _("Келісім берілмеді")
    EXPIRED = "EXPIRED", _("Мерзімі өтті")
    REVOKED = "REVOKED", _("Қайтарып алынды")  # given once, then taken back: here or at 1414


class Consent(models.Model):
    """Consent to personal-data processing, asked by SMS from 1414 (R37-R40): one of the applicant's
    own (child is null), one per child."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    child = models.ForeignKey(Child, on_delete=models.CASCADE, null=True, blank=True, related_name="consents")
    child_iin = models.CharField(max_length=12, blank=True)  # before the child is added there is no row
    reference = models.CharField(max_length=64, unique=True)  # the consent system's own
    status = models.CharField(
        max_length=8, choices=ConsentStatus.choices, default=ConsentStatus.PENDING, db_index=True
    )
    token = LockedTextField(blank=True)
    public_key = LockedTextField(blank=True)
    text_version = models.CharField(max_length=20)
    requested_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)  # for one taken back at 1414: when we learned it

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status=ConsentStatus.REVOKED, revoked_at__isnull=False)
                | Q(revoked_at=None) & ~Q(status=ConsentStatus.REVOKED),
                name="revoked_consent_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=ConsentStatus.GRANTED)
                | Q(answered_at__isnull=False, expires_at__isnull=False),
                name="granted_consent_has_times",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk} {self.status}"


class Trouble(models.Model):
    """A system outside that fails now: one row for each, gone when it works again.

    Web, worker and `manage.py health` read the same row. A queue that calls the system is not claimed from
    until `until`; its own rows stay as they are.
    """

    system = models.CharField(max_length=20, primary_key=True)  # EgovError.system
    ours = models.BooleanField()  # egov.errors.Misconfigured: it will not pass by itself
    reason = models.CharField(max_length=100)
    failures = models.PositiveIntegerField(default=1)  # tries in a row, each after its pause
    since = models.DateTimeField()
    seen_at = models.DateTimeField()
    until = models.DateTimeField()  # asked again then

    def __str__(self) -> str:
        return f"{self.system}: {self.reason}"


class EntryKind(models.TextChoices):
    """What the journal tells: a change of a watched row, or what changes none."""

    BASELINE = "BASELINE"  # the row as it was when it began to be watched
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    READ = "READ"
    SIGN_IN = "SIGN_IN"
    SIGN_OUT = "SIGN_OUT"
    ERASED = "ERASED"  # at the end of its term: what, and by which row of the table of terms


class Shown(models.TextChoices):
    """What was shown of a child, or of many."""

    APPLICATION = "APPLICATION", _("Өтінімді ашты")
    DOCUMENT = "DOCUMENT", _("Құжатты ашты")
    PAPER = "PAPER", _("Мөр басылған құжатты жүктеп алды")
    LIST = "LIST", _("Өтінімдер тізімін қарады")
    SEARCH = "SEARCH", _("Өтінімдер арасынан іздеді")
    LOOK_UP = "LOOK_UP", _("ЖСН бойынша іздеді")
    EXPORT = "EXPORT", _("Барлық деректің көшірмесін алды")
    TABLE = "TABLE", _("Өтінімдер тізімін файлға түсірді")


class JournalEntry(models.Model):
    """Who did or saw what. Only ever added: the database refuses any change (accounts/watching.py)."""

    at = models.DateTimeField(db_default=Now(), editable=False)  # by the database's clock
    kind = models.CharField(max_length=8, choices=EntryKind.choices)
    model = models.CharField(max_length=40)  # the row it is about: its model, its key
    row = models.CharField(max_length=64)
    # {"by": page, task or command, "user", "posts", "from"}; null: not said by the portal
    said = models.JSONField(null=True)
    child = models.BigIntegerField(null=True)  # whose data was read
    nonce = models.UUIDField(db_default=RandomUUID(), editable=False)  # in the digest of what is personal
    facts = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["model", "row", "id"], name="journal_of_a_row"),
            models.Index(fields=["child", "id"], name="journal_of_a_child", condition=Q(child__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk} {self.kind}"


class JournalLink(models.Model):
    """An entry's place in the chain; positions have no gaps. The entry's id is no foreign key: one that is
    gone must be told, not prevented."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.BigIntegerField(unique=True)
    entry_hash = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"link {self.position}"
