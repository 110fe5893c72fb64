"""The service itself: applications, their documents, signatures, decisions, history and papers."""

import secrets
import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Child, User
from applications.status import ACTIVE, UNDER_REVIEW, Status
from schools.models import Intake, Role


def new_token() -> str:
    """192 random bits for an address that must not be guessed."""
    return secrets.token_urlsafe(24)


def private_path(_instance: models.Model, _filename: str) -> str:
    """A random name: nothing of what a person called the file is trusted."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


class Channel(models.TextChoices):
    ONLINE = "ONLINE", _("Онлайн")
    IN_PERSON = "IN_PERSON", _("Мектепте")


class Route(models.TextChoices):
    LOCAL = "LOCAL", _("Шағын аудан бойынша")
    OUTSIDE = "OUTSIDE", _("Шағын ауданнан тыс")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def for_parent(self, user: User) -> "ApplicationQuerySet":
        """The person's own. A paper application that a school is still filling in is the school's to finish:
        to its applicant it appears when it is registered (D15)."""
        return self.filter(applicant=user).exclude(status=Status.DRAFT, channel=Channel.IN_PERSON)

    def for_staff(self, user: User) -> "ApplicationQuerySet":
        """Filed applications of the schools where the user is director or executor."""
        return (
            self.exclude(status=Status.DRAFT)
            .filter(intake__school__staff__in=user.posts.filter(role__in=[Role.DIRECTOR, Role.EXECUTOR]))
            .distinct()
        )

    def for_director(self, user: User) -> "ApplicationQuerySet":
        """Filed applications of the schools that the user directs."""
        posts = user.posts.filter(role=Role.DIRECTOR)
        return self.exclude(status=Status.DRAFT).filter(intake__school__staff__in=posts).distinct()

    def paper_drafts(self, user: User) -> "ApplicationQuerySet":
        """Paper applications that the user's schools have begun to register (D15)."""
        return self.filter(
            status=Status.DRAFT,
            channel=Channel.IN_PERSON,
            intake__school__staff__in=user.posts.filter(role__in=[Role.DIRECTOR, Role.EXECUTOR]),
        ).distinct()

    def active(self) -> "ApplicationQuerySet":
        return self.filter(status__in=ACTIVE)

    def under_review(self) -> "ApplicationQuerySet":
        return self.filter(status__in=UNDER_REVIEW)

    def overdue(self, now: datetime) -> "ApplicationQuerySet":
        """The school has not answered in its term (R121, D13)."""
        return self.under_review().filter(due_at__lt=now)


class Application(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in addresses
    number = models.CharField(max_length=20, unique=True, null=True, blank=True)
    year = models.PositiveSmallIntegerField()  # first year of the academic year
    child = models.ForeignKey(Child, on_delete=models.PROTECT, related_name="applications")
    applicant = models.ForeignKey(User, on_delete=models.PROTECT, related_name="applications")
    channel = models.CharField(max_length=9, choices=Channel.choices, default=Channel.ONLINE)
    filed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )  # the school's person who registered it, when filed in person (D15)
    copied_from = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.DRAFT, db_index=True)
    # step 1
    extra_phone = models.CharField(max_length=12, blank=True)  # R50, D21: shown to the school, no SMS
    paper_phone = models.CharField(max_length=12, blank=True)  # for SMS, of somebody without a profile (D15)
    special_needs = models.BooleanField(default=False)  # R60-R63
    step1_at = models.DateTimeField(null=True, blank=True)  # when the education register last answered (R53)
    # step 2
    route = models.CharField(max_length=7, choices=Route.choices, blank=True)
    intake = models.ForeignKey(Intake, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    transport = models.BooleanField(default=False)  # R78-R83
    transport_address = models.JSONField(default=dict, blank=True)  # {"same": bool, "kato", "line"}
    step2_at = models.DateTimeField(null=True, blank=True)
    # step 3
    data_correct_at = models.DateTimeField(null=True, blank=True)  # R91, the first tick
    external_data_at = models.DateTimeField(null=True, blank=True)  # R91, the second tick
    ticks_version = models.CharField(max_length=20, blank=True)
    step3_at = models.DateTimeField(null=True, blank=True)
    left_at = models.CharField(max_length=10, blank=True)  # the page where the draft is taken up again
    # signing and review
    snapshot = models.JSONField(default=dict, blank=True)  # applicant, child, addresses as they were signed
    submitted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)  # submitted_at in the school's working time
    due_at = models.DateTimeField(null=True, blank=True)  # D13
    reminded_at = models.DateTimeField(null=True, blank=True)  # the school, before the term ended
    overdue_told_at = models.DateTimeField(null=True, blank=True)  # the school and the department, after it
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["child", "year"],
                condition=Q(status__in=sorted(ACTIVE)),
                name="one_active_application_per_child",  # R52, R202, D4
            ),
            models.UniqueConstraint(
                fields=["child", "applicant", "year"],
                condition=Q(status=Status.DRAFT, channel=Channel.ONLINE),
                name="one_draft_per_child_and_applicant",
            ),
            models.CheckConstraint(
                condition=~Q(channel=Channel.IN_PERSON) | Q(filed_by__isnull=False, intake__isnull=False),
                name="paper_application_is_of_a_school",  # R130, D15
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT)
                | Q(
                    number__isnull=False,
                    intake__isnull=False,
                    route__in=Route.values,
                    submitted_at__isnull=False,
                    received_at__isnull=False,
                    due_at__isnull=False,
                    data_correct_at__isnull=False,  # R91: the applicant's on screen, the school's from paper
                    external_data_at__isnull=False,
                ),
                name="filed_application_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[Status.ACCEPTED, Status.REFUSED]) | Q(decided_at__isnull=False),
                name="decided_application_has_its_time",
            ),
        ]
        indexes = [models.Index(fields=["status", "due_at"], name="application_queue")]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"

    @property
    def chosen_intake(self) -> Intake:
        """Where it goes: every filed application has it, and so has a draft beyond its second step."""
        if self.intake is None:
            raise ValueError("no school is chosen yet")
        return self.intake

    def is_overdue(self, now: datetime) -> bool:
        return Status(self.status) in UNDER_REVIEW and self.due_at is not None and self.due_at < now


class DocumentKind(models.TextChoices):
    PHOTO = "PHOTO", _("3×4 см өлшеміндегі екі фотосурет")
    F065 = "F065", _("№ 065/у нысанды профилактикалық екпелердің картасы")
    F052_2 = "F052_2", _("«052-2/у» нысандағы «Бала денсаулығы паспорты»")
    PMPC = "PMPC", _("ПМПК анықтамасы")
    SCAN = "SCAN", _("Қол қойылған қағаз өтінімнің көшірмесі")


AUTOMATIC_KINDS = (DocumentKind.F065, DocumentKind.F052_2)  # R86, R87


class DocumentSource(models.TextChoices):
    AUTO = "AUTO", _("Автоматты түрде жүктелді")
    MANUAL = "MANUAL", _("Ата-ана жүктеді")
    SCHOOL = "SCHOOL", _("Мектеп қағаздан жүктеді")


class Document(models.Model):
    """A stored file of an application. A new file replaces the row of its slot (kind, position)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=6, choices=DocumentKind.choices)
    position = models.PositiveSmallIntegerField(default=1)  # a second photo is 2 (D6)
    source = models.CharField(max_length=6, choices=DocumentSource.choices)
    file = models.FileField(upload_to=private_path)
    mime = models.CharField(max_length=20)  # application/pdf or image/jpeg
    size = models.PositiveIntegerField()  # bytes
    sha256 = models.CharField(max_length=64)
    label = models.CharField(max_length=200, blank=True)  # what the person called the file; shown, never used
    origin = models.CharField(max_length=200, blank=True)  # AUTO: the system it came from
    issued_on = models.DateField(null=True, blank=True)  # AUTO: as the system that sent it says
    valid_until = models.DateField(null=True, blank=True)  # PMPC only (R90, D10)
    width = models.PositiveSmallIntegerField(default=0)  # pixels; 0 of a PDF
    height = models.PositiveSmallIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "kind", "position"], name="one_document_per_slot"),
            models.CheckConstraint(
                condition=~Q(kind=DocumentKind.PMPC) | Q(valid_until__isnull=False),
                name="pmpc_has_its_term",
            ),
        ]

    def __str__(self) -> str:
        return f"document {self.pk} {self.kind}"


class FetchState(models.TextChoices):
    WAITING = "WAITING", _("Тексерілуде")
    FOUND = "FOUND", _("Автоматты түрде жүктелді")
    MISSING = "MISSING", _("Жүктеу қажет")
    FAILED = "FAILED", _("Жүйе жауап бермеді")


class MedicalFetch(models.Model):
    """The request for one medical paper; the worker's queue (R86, R87)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="fetches")
    kind = models.CharField(max_length=6, choices=[(k.value, k.label) for k in AUTOMATIC_KINDS])
    state = models.CharField(max_length=7, choices=FetchState.choices, default=FetchState.WAITING)
    requested_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["application", "kind"], name="one_fetch_per_paper")]

    def __str__(self) -> str:
        return f"fetch {self.pk} {self.kind}"


class Result(models.TextChoices):
    ACCEPT = "ACCEPT", _("Қабылдау")
    REFUSE = "REFUSE", _("Бас тарту")


class RefusalReason(models.TextChoices):
    """Grounds a school may name (D16)."""

    INCOMPLETE = "INCOMPLETE", _("Құжаттар толық емес")
    UNTRUE = "UNTRUE", _("Мәліметтер дұрыс емес")
    NO_SEATS = "NO_SEATS", _("Бос орын жоқ")
    AGE = "AGE", _("Баланың жасы сәйкес келмейді")
    ENROLLED = "ENROLLED", _("Бала мектепке қабылданған")
    OTHER = "OTHER", _("Басқа себеп")


class DecisionQuerySet(models.QuerySet["Decision"]):
    def waiting(self) -> "DecisionQuerySet":
        """Neither signed nor sent back, the newest first: of several on one application only that counts."""
        return self.filter(signed_at=None, returned_at=None).order_by("-pk")


class Decision(models.Model):
    """A school's decision, prepared by one person and signed by the director.

    A decision prepared by the executor moves the application to «Қол қоюда»; one that the director
    prepares alone does not. `signature` is set when the director has signed; `returned_at` when the
    director sent it back; a newer decision replaces an unsigned older one.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="decisions")
    result = models.CharField(max_length=6, choices=Result.choices)
    reason_code = models.CharField(max_length=10, choices=RefusalReason.choices, blank=True)
    reason = models.TextField(blank=True)  # shown to the parent as it is
    transport = models.BooleanField(null=True, blank=True)  # R213, D17: null when it was not asked for
    transport_reason = models.TextField(blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(result=Result.REFUSE) | (~Q(reason_code="") & ~Q(reason="")),
                name="refusal_names_its_reason",  # R109, D16
            ),
            models.CheckConstraint(
                condition=Q(signed_by__isnull=True, signed_at__isnull=True)
                | Q(signed_by__isnull=False, signed_at__isnull=False),
                name="signed_decision_has_signer_and_time",
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(signed_at__isnull=False),
                name="one_signed_decision_per_application",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk} {self.result}"


class Purpose(models.TextChoices):
    APPLICATION = "APPLICATION", _("Өтінім")
    WITHDRAWAL = "WITHDRAWAL", _("Өтінімді кері қайтарып алу")
    DECISION = "DECISION", _("Шешім")


class Method(models.TextChoices):
    QR = "QR", _("QR-код")
    EDS = "EDS", _("ҚР ҰКО ЭЦҚ")


class SigningState(models.TextChoices):
    OPEN = "OPEN", _("Қол қою күтілуде")
    DONE = "DONE", _("Қол қойылды")
    CANCELLED = "CANCELLED", _("Бас тартылды")
    FAILED = "FAILED", _("Қол қою қабылданбады")


class SigningBatchQuerySet(models.QuerySet["SigningBatch"]):
    def for_user(self, user: User) -> "SigningBatchQuerySet":
        """The person's own. Decisions are shown only while the person directs the school they are of."""
        foreign = SigningRequest.objects.filter(purpose=Purpose.DECISION).exclude(
            application__in=Application.objects.for_director(user)
        )
        return self.filter(user=user).exclude(requests__in=foreign)


class SigningBatch(models.Model):
    """One invitation to sign, by QR or by EDS key: one PIN for one document or for many decisions. Lives
    five minutes, each of its documents is signed once."""

    token = models.CharField(max_length=40, unique=True, default=new_token)  # in addresses
    auth_token = models.CharField(max_length=40, default=new_token)  # Bearer of eGov Mobile
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = SigningBatchQuerySet.as_manager()

    def __str__(self) -> str:
        return f"signing batch {self.pk}"


class SigningRequest(models.Model):
    """One document of an invitation, and what became of it."""

    batch = models.ForeignKey(SigningBatch, on_delete=models.CASCADE, related_name="requests")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="signing_requests")
    purpose = models.CharField(max_length=11, choices=Purpose.choices)
    decision = models.ForeignKey(
        Decision, on_delete=models.CASCADE, null=True, blank=True, related_name="signing_requests"
    )
    payload = models.FileField(upload_to=private_path)  # the exact bytes to sign: a PDF
    payload_sha256 = models.CharField(max_length=64)
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


class StatusChange(models.Model):
    """History of an application, shown to the parent (R103-R105); written only by lifecycle."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="changes")
    old = models.CharField(max_length=9, choices=Status.choices)
    new = models.CharField(max_length=9, choices=Status.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


class PaperKind(models.TextChoices):
    RECEIPT = "RECEIPT", _("Өтінім")
    NOTICE = "NOTICE", _("Нәтиже туралы хабарлама")


class Receipt(models.Model):
    """A sealed paper: the application's receipt or the notice of its result (R95, R100, R101, D14).

    Created empty in the transaction of its cause; the worker renders it. The row is the queue. The receipt
    of a paper application has no signature of ours: its parent signed by hand (D15).
    """

    token = models.CharField(max_length=40, unique=True, default=new_token)  # in the QR code
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="receipts")
    kind = models.CharField(max_length=7, choices=PaperKind.choices)
    signature = models.ForeignKey(
        Signature, on_delete=models.PROTECT, null=True, blank=True, related_name="receipts"
    )
    file = models.FileField(upload_to=private_path, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    rendered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    dead = models.BooleanField(default=False)  # the last try failed; ops see it

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "kind"], name="one_paper_per_kind"),
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
                fields=["next_try_at"], name="paper_due", condition=Q(rendered_at__isnull=True, dead=False)
            ),
        ]

    def __str__(self) -> str:
        return f"paper {self.pk} {self.kind}"
