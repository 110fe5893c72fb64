"""A parent's appeal of a refusal (D73)."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Child, Guardianship, Protection, User
from applications.models.application import Application
from applications.models.decision import Decision
from applications.status import Status
from schools import posts
from schools.models import Intake, Locality, Role, StaffMember


class Wish(models.TextChoices):
    """What is asked for."""

    ADMIT = "ADMIT", _("Бас тарту туралы шешімді өзгертіп, баланы қабылдау")
    REVIEW = "REVIEW", _("Өтінімді қайта қарап, негізделген шешім шығару")


class Outcome(models.TextChoices):
    UPHELD = "UPHELD", _("Шағым қанағаттандырылды")
    DECLINED = "DECLINED", _("Шағым қанағаттандырусыз қалдырылды")
    TAKEN_BACK = "TAKEN_BACK", _("Шағымды өтініш беруші кері қайтарып алды")


class Stage(StrEnum):
    """In whose hands an appeal is, or how it has ended."""

    AT_SCHOOL = "AT_SCHOOL"
    AT_DEPARTMENT = "AT_DEPARTMENT"
    MENDED = "MENDED"  # the school has decided otherwise by itself
    UPHELD = "UPHELD"
    FULFILLED = "FULFILLED"  # it was upheld, and the school has decided otherwise
    DECLINED = "DECLINED"
    TAKEN_BACK = "TAKEN_BACK"

    @property
    def is_open(self) -> bool:
        return self in (Stage.AT_SCHOOL, Stage.AT_DEPARTMENT)


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> "AppealQuerySet":
        """Not answered, and the refusal stands: a school that has decided otherwise has answered itself."""
        corrected = Decision.objects.exclude(signed_at=None).filter(corrects=OuterRef("decision"))
        return self.filter(~Exists(corrected), outcome="", application__status=Status.REFUSED)

    def of_areas(self, areas: Iterable[Locality]) -> "AppealQuerySet":
        return self.filter(posts.inside(areas, "application__intake__school__locality__kato"))

    def with_school(self, now: datetime) -> "AppealQuerySet":
        """In its three days: the school corrects its decision, or passes the appeal on."""
        return self.open().filter(opinion="", pass_by__gt=now)

    def with_department(self, now: datetime) -> "AppealQuerySet":
        """Passed on, or past the school's term."""
        return self.open().filter(Q(opinion_at__lte=now) | Q(pass_by__lte=now))

    def may_be_read_by(self, user: int, iin: str) -> "AppealQuerySet":
        """Nothing of a child of theirs (D39) or hidden from them (D35); of plain values, for questions that
        are prepared."""
        own = Guardianship.objects.standing().filter(user=user).values("child")
        hidden = Protection.objects.children_hidden_from(User(pk=user, iin=iin))
        found = self.exclude(by=user).exclude(application__child__in=own)
        return found.exclude(application__child__iin__in=hidden)

    def at_work_of(self, user: User, *, areas: Iterable[Locality], running: int) -> "AppealQuerySet":
        """To the schools where the person works, and those of the areas watched over for a department. Of the
        running year and the one before: the terms of an appeal reach over the 31st of August, and what was
        answered then stays to be read and carried out; of earlier ones what is open, for no first of
        September answers it. Nothing of a child whom a court hides from this person (D35), nor of their own
        one (D39)."""
        held = StaffMember.in_force().filter(user=user, role__in=[Role.DIRECTOR, Role.EXECUTOR])
        theirs = Q(school__in=held.values("school")) | posts.inside(areas, "school__locality__kato")
        of_schools = Intake.objects.filter(theirs)
        intakes = list(of_schools.filter(year__gte=running - 1).values_list("pk", flat=True))
        left = self.open().filter(application__intake__in=of_schools.filter(year__lt=running - 1))
        open_yet = list(left.order_by().values_list("pk", flat=True))  # mostly none
        hidden = list(Protection.objects.children_hidden_from(user))
        barred = list(Child.objects.filter(iin__in=hidden).values_list("pk", flat=True)) if hidden else []
        own = list(user.guardianships.standing().values_list("child", flat=True))
        found = self.filter(Q(application__intake__in=intakes) | Q(pk__in=open_yet))
        return found.exclude(by=user).exclude(application__child__in=[*barred, *own])


class Appeal(models.Model):
    """Of one decision. It is filed with the school, which decides otherwise or passes it on within three
    working days; the department answers within twenty more."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in addresses
    number = models.CharField(max_length=24, unique=True)  # of its receipt
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="appeals")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="appeals")
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    wish = models.CharField(max_length=6, choices=Wish.choices)
    words = models.TextField()
    filed_at = models.DateTimeField()
    pass_by = models.DateTimeField()  # from then on it is the department's, whatever the school has done
    opinion = models.TextField(blank=True)  # of the school
    opinion_at = models.DateTimeField(null=True, blank=True)
    opinion_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer_by = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField(blank=True)  # of the department; the parent reads it
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["decision"], condition=~Q(outcome="TAKEN_BACK"), name="one_appeal_of_a_decision"
            ),
            models.CheckConstraint(condition=~Q(words=""), name="appeal_says_why"),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at__isnull=True) | (~Q(outcome="") & Q(ended_at__isnull=False)),
                name="ended_appeal_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["UPHELD", "DECLINED"]) | ~Q(answer=""),
                name="answered_appeal_has_its_answer",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal {self.number}"

    @property
    def passed_at(self) -> datetime:
        """When it comes to the department: with the school's opinion, and at the end of its term without."""
        return min(self.opinion_at or self.pass_by, self.pass_by)

    def stage(self, now: datetime) -> Stage:
        if self.outcome == Outcome.UPHELD:
            return Stage.UPHELD if self._stands() else Stage.FULFILLED
        if self.outcome:
            return Stage(self.outcome)
        if not self._stands():
            return Stage.MENDED
        return Stage.AT_DEPARTMENT if self.passed_at <= now else Stage.AT_SCHOOL

    def _stands(self) -> bool:
        """The refusal that was appealed: another refusal in its place is another decision (D54)."""
        corrected = any(one.signed_at for one in self.decision.corrections.all())
        return self.application.status == Status.REFUSED and not corrected
