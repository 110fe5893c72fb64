"""The journal: entries, and their chain."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


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
