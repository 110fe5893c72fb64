"""The sealed papers: the receipt of an application and the notice of its result."""

from datetime import datetime

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import written
from accounts.prepared import Prepared
from applications.models.application import Application
from applications.models.fields import new_token, private_path
from applications.models.signature import Signature
from notifications.queue import QueueRow


class PaperKind(models.TextChoices):
    RECEIPT = "RECEIPT", _("Өтінім")
    NOTICE = "NOTICE", _("Нәтиже туралы хабарлама")


class PaperQuerySet(models.QuerySet["Paper"]):
    def order(
        self, application: Application, kind: str, signature: Signature | None, *, now: datetime
    ) -> "Paper":
        """A paper to be made by the worker; only a receipt of an in-person application goes without
        a signature (D15). Raises outside a transaction, like a message."""
        if not connection.in_atomic_block:
            raise RuntimeError("a paper is ordered in the transaction of its cause")
        if found := _STANDING.first(application.pk, kind):
            return found
        paper = Paper(
            application=application, kind=kind, signature=signature, created_at=now, next_try_at=now
        )
        written.insert(paper)
        return paper

    def standing(self) -> "PaperQuerySet":
        """Without the notices of decisions that were corrected (D54)."""
        return self.filter(superseded_at=None)


class Paper(QueueRow):
    """A sealed paper: the application's receipt or the notice of its result (R95, R100, R101, D14).

    Created empty in the transaction of its cause; the worker renders it. The row is the queue. The receipt
    of an in-person application has no signature of ours: its parent signed by hand (D15).
    """

    token = models.CharField(max_length=40, unique=True, default=new_token)  # in the QR code
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="papers")
    kind = models.CharField(max_length=7, choices=PaperKind.choices)
    signature = models.ForeignKey(
        Signature, on_delete=models.PROTECT, null=True, blank=True, related_name="papers"
    )
    file = models.FileField(upload_to=private_path, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    rendered_at = models.DateTimeField(null=True, blank=True)
    stamped_at = models.DateTimeField(null=True, blank=True)  # when its last time stamp was made; none yet
    renew_by = models.DateTimeField(null=True, blank=True)  # when the certificate of that stamp ends
    dead = models.BooleanField(default=False)  # the last try failed; ops see it
    superseded_at = models.DateTimeField(null=True, blank=True)  # its decision was corrected then (D54)

    objects = PaperQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=Q(superseded_at__isnull=True),
                name="one_paper_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind=PaperKind.RECEIPT) | Q(signature__isnull=False),
                name="notice_has_its_signature",
            ),
            models.CheckConstraint(
                condition=Q(rendered_at__isnull=True, sha256="")
                | (Q(rendered_at__isnull=False) & ~Q(sha256="")),
                name="rendered_paper_has_its_hash",
            ),
        ]
        indexes = [
            models.Index(fields=["sha256"], name="paper_by_hash", condition=~Q(sha256="")),  # the check page
            models.Index(
                fields=["next_try_at", "id"],
                name="paper_due",
                condition=Q(rendered_at__isnull=True, dead=False),
            ),
            models.Index(
                fields=["next_try_at", "id"],
                name="paper_unstamped",
                condition=Q(rendered_at__isnull=False, stamped_at__isnull=True),
            ),
            models.Index(fields=["id"], name="paper_dead", condition=Q(dead=True)),
        ]

    def __str__(self) -> str:
        return f"paper {self.pk} {self.kind}"

    @property
    def address(self) -> str:
        """Its last part: the standing one of a kind goes by the kind alone."""
        return f"{self.kind}-{self.pk}".lower() if self.superseded_at else self.kind.lower()


class PaperCopy(models.Model):
    """The hash of an earlier copy of a paper that was sealed anew or stamped later: whoever holds one is told
    so, and not that it was changed."""

    paper = models.ForeignKey(Paper, on_delete=models.PROTECT, related_name="copies")
    sha256 = models.CharField(max_length=64, unique=True)
    rendered_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"earlier copy {self.pk} of paper {self.paper_id}"


_STANDING = Prepared(
    lambda application, kind: Paper.objects.standing().filter(application=application, kind=kind), int, str
)
