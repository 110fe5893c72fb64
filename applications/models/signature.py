"""A batch of documents to sign, each of them a signing request; and the signature that came of it."""

from datetime import date, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.fields import LockedTextField
from accounts.models import Protection, User
from applications.models.application import Application
from applications.models.decision import Decision
from applications.models.fields import new_token, private_path
from notifications.queue import QueueRow


class Purpose(models.TextChoices):
    APPLICATION = "APPLICATION", _("Өтінім")
    WITHDRAWAL = "WITHDRAWAL", _("Өтінімді кері қайтарып алу")
    DECISION = "DECISION", _("Шешім")
    SUPPLEMENT = "SUPPLEMENT", _("Қосымша құжат")


class Method(models.TextChoices):
    QR = "QR", _("QR-код")
    EDS = "EDS", _("ҚР ҰКО ЭЦҚ")


class SigningState(models.TextChoices):
    OPEN = "OPEN", _("Қол қою күтілуде")
    DONE = "DONE", _("Қол қойылды")
    CANCELLED = "CANCELLED", _("Бас тартылды")
    FAILED = "FAILED", _("Қол қою қабылданбады")


class SigningBatchQuerySet(models.QuerySet["SigningBatch"]):
    def ahead(self) -> "SigningBatchQuerySet":
        """Those that were over when they began: to be drawn, not to be signed (D67)."""
        return self.filter(expires_at__lte=F("created_at"))

    def for_user(self, user: User, *, today: date | None = None) -> "SigningBatchQuerySet":
        """The person's own. Decisions are shown only while the person directs the school they are of, and
        nothing of a child that a court hides from the person (D35)."""
        foreign = SigningRequest.objects.filter(purpose=Purpose.DECISION).exclude(
            application__in=Application.objects.for_director(user, today=today)
        )
        hidden = SigningRequest.objects.exclude(purpose=Purpose.DECISION).filter(
            application__child__iin__in=Protection.objects.children_hidden_from(user)
        )
        return (
            self.filter(user=user).exclude(signing_requests__in=foreign).exclude(signing_requests__in=hidden)
        )


class SigningBatch(models.Model):
    """One batch to sign, by QR or by EDS key: one PIN for one document or for many decisions. Lives
    five minutes, each of its documents is signed once."""

    token = models.CharField(max_length=40, unique=True, default=new_token)  # in addresses
    auth_token = LockedTextField(default=new_token)  # Bearer of eGov Mobile
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # D45: the first phone that has read the QR, its network as a short hash; when one of another network did.
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_from = models.CharField(max_length=16, blank=True)
    opened_elsewhere_at = models.DateTimeField(null=True, blank=True)
    # …and the last one that has shown by the person's key whose it is; each login (its hash) is taken once.
    proven_at = models.DateTimeField(null=True, blank=True)
    proven_from = models.CharField(max_length=16, blank=True)
    proofs = ArrayField(models.CharField(max_length=64), default=list, blank=True)

    objects = SigningBatchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"signing batch {self.pk}"

    @property
    def is_ahead(self) -> bool:
        """See SigningBatchQuerySet.ahead."""
        return self.expires_at <= self.created_at


class SigningRequest(models.Model):
    """One document of a batch, and what became of it."""

    batch = models.ForeignKey(SigningBatch, on_delete=models.CASCADE, related_name="signing_requests")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="signing_requests")
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, null=True, blank=True, related_name="signing_requests"
    )
    payload = models.FileField(upload_to=private_path)  # the exact bytes to sign: a PDF; "" until it is drawn
    payload_sha256 = models.CharField(max_length=64)
    stated = models.JSONField(default=dict, blank=True)  # beside the application's facts: facts.stated
    content_sha256 = models.CharField(max_length=64)  # of the facts in it: a later change voids the request
    state = models.CharField(max_length=9, choices=SigningState.choices, default=SigningState.OPEN)
    error = models.CharField(max_length=40, blank=True)  # why FAILED: a refusal code, never a text
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]  # the order in which a batch is shown, given out and answered
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose=Purpose.DECISION) | Q(decision__isnull=False),
                name="decision_request_names_its_decision",
            ),
            models.UniqueConstraint(
                fields=["batch", "application", "purpose"], name="one_document_of_a_kind_per_batch"
            ),
        ]

    def __str__(self) -> str:
        return f"signing request {self.pk} {self.purpose}"

    @property
    def user(self) -> User:
        """Who is to sign."""
        return self.batch.user

    @property
    def is_correction(self) -> bool:
        return self.decision is not None and self.decision.corrects_id is not None

    @property
    def is_theirs(self) -> bool:
        """A parent's paper is about a child whom the person still represents (D34); a decision is the
        school's."""
        return self.purpose == Purpose.DECISION or self.application.child.is_represented_by(self.user)


class Drawing(QueueRow):
    """An original that the worker has yet to draw: of a batch of many, or ahead of need (D67). Gone when it
    stands, or never will."""

    signing_request = models.OneToOneField(SigningRequest, on_delete=models.CASCADE, related_name="drawing")
    ahead = models.BooleanField(default=False)  # nobody waits for it yet

    class Meta:
        indexes = [models.Index(fields=["ahead", "next_try_at", "id"], name="drawing_due")]

    def __str__(self) -> str:
        return f"drawing {self.pk}"


class RevocationList(models.Model):
    """An authority's list of revoked certificates that stood in for its answer (OCSP). A list may weigh
    megabytes and serve a thousand signatures, so it is kept once."""

    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField(upload_to=private_path)
    kept_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"revocation list {self.pk}"


class Signature(models.Model):
    """The evidence of one signature, enough to verify it again years later."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="signatures")
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="signature"
    )
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    method = models.CharField(max_length=3, choices=Method.choices)
    payload = models.FileField(upload_to=private_path)  # the signed bytes
    payload_sha256 = models.CharField(max_length=64)
    stated = models.JSONField(default=dict, blank=True)  # as in the signing request
    cms = models.BinaryField()  # DER, detached
    certificate = models.BinaryField()  # DER
    ocsp = models.BinaryField(blank=True)  # DER answer that said "good"
    crl = models.ForeignKey(  # the list that was looked at when nobody answered
        RevocationList, on_delete=models.PROTECT, null=True, blank=True, related_name="signatures"
    )
    signer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    signer_iin = models.CharField(max_length=12)
    signer_bin = models.CharField(max_length=12, blank=True)
    signer_name = models.CharField(max_length=300)
    serial = models.CharField(max_length=64)  # hex
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField()
    algorithm = models.CharField(max_length=40)
    signed_at = models.DateTimeField()  # ours: when it was accepted
    stamped_at = models.DateTimeField(null=True, blank=True)  # by the believed time stamp inside it (D36)
    # The CMS with stamp, chain and answers (CAdES-LT), once the worker has made it; what was signed stays.
    long_cms = models.BinaryField(blank=True, default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "purpose"],
                condition=Q(purpose__in=["APPLICATION", "WITHDRAWAL"]),
                name="one_signature_per_application_and_purpose",
            )
        ]

    def __str__(self) -> str:
        return f"signature {self.pk} {self.purpose}"

    @property
    def registers_as_of(self) -> datetime | None:
        """Of the older answer that a withdrawal leans on, where the registers gave no newer one (D34)."""
        told = self.stated.get("registers_as_of")
        return datetime.fromisoformat(told) if told else None

    @property
    def is_of_another(self) -> bool:
        """A withdrawal by somebody else than the applicant (D36)."""
        return "by" in self.stated
