"""A school's decision."""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.prepared import Prepared
from applications.models.application import Application
from applications.models.ground import Ground


class Result(models.TextChoices):
    """Told as what has been decided; a button or a radio has its own words."""

    ACCEPT = "ACCEPT", pgettext_lazy("result", "Қабылдау")
    REFUSE = "REFUSE", pgettext_lazy("result", "Бас тарту")


class RefusalReason(models.TextChoices):
    """The grounds of decisions from before they were rows (D16, D49)."""

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

    def signed(self) -> "DecisionQuerySet":
        """The newest first: that one stands, each behind it was corrected by the one before (D54)."""
        return self.exclude(signed_at=None).order_by("-pk")

    def standing(self) -> "DecisionQuerySet":
        """Signed, and overtaken by no signed correction (D54)."""
        overtaking = Decision.objects.exclude(signed_at=None).filter(corrects=OuterRef("pk"))
        return self.signed().filter(~Exists(overtaking))


class Decision(models.Model):
    """A school's decision, prepared by one person and signed by the director.

    A decision prepared by the executor moves the application to «Қол қоюда»; one that the director
    prepares alone does not. `signature` is set when the director has signed; `returned_at` when the
    director sent it back; a newer decision replaces an unsigned older one. One that was signed by mistake
    stays as it is: another one `corrects` it (D54).
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="decisions")
    result = models.CharField(max_length=6, choices=Result.choices)
    reason_code = models.CharField(max_length=20, blank=True)
    ground = models.ForeignKey(Ground, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.TextField(blank=True)  # shown to the parent as it is
    transport = models.BooleanField(null=True, blank=True)  # R213, D17: null when it was not asked for
    transport_reason = models.TextField(blank=True)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    returned_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.TextField(blank=True)
    signed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    corrects = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="corrections"
    )
    mistake = models.TextField(blank=True)  # what was wrong with the one it corrects; the parent reads it

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
                condition=Q(signed_at__isnull=False, corrects__isnull=True),
                name="one_signed_decision_per_application",
            ),
            models.UniqueConstraint(
                fields=["corrects"],
                condition=Q(signed_at__isnull=False),
                name="one_signed_correction_of_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, mistake="") | (Q(corrects__isnull=False) & ~Q(mistake="")),
                name="correction_says_what_was_wrong",
            ),
        ]

    def __str__(self) -> str:
        return f"decision {self.pk} {self.result}"

    @classmethod
    def waiting_of(cls, application: Application) -> "Decision | None":
        """The one of `waiting` that counts."""
        found = _WAITING.first(application.pk)
        if found:
            found.application = application  # the very one, with all that the caller has changed in it
        return found

    @property
    def ground_name(self) -> str:
        """As it was worded when the decision was written."""
        if self.ground:
            return self.ground.name
        return str(RefusalReason(self.reason_code).label) if self.reason_code else ""


_WAITING = Prepared(lambda application: Decision.objects.waiting().filter(application=application)[:1], int)
