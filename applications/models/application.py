"""An application: what it holds from the first answer to the last status, and its history."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Child, Guardianship, Protection, User
from applications.status import ACTIVE, UNDER_REVIEW, Sight, Status, sight_of_school
from schools import calendar, periods, posts
from schools.models import Intake, Locality, Role, Route, StaffMember

CONTEST_IS_NEWS = timedelta(days=7)


class Channel(models.TextChoices):
    ONLINE = "ONLINE", _("Онлайн")
    IN_PERSON = "IN_PERSON", _("Мектепте")


def schools_by_role(held: Iterable[StaffMember]) -> tuple[list[int], list[int]]:
    """Those that are directed in these posts, and those whose decisions are prepared."""
    found: dict[str, set[int]] = {Role.DIRECTOR: set(), Role.EXECUTOR: set()}
    for post in held:
        if post.school_id:
            found[post.role].add(post.school_id)
    return sorted(found[Role.DIRECTOR]), sorted(found[Role.EXECUTOR])


def at_desk(user: User, *, now: datetime) -> tuple[int, str, date, int]:
    """What `at_desk_of` asks by."""
    return user.pk, user.iin, timezone.localdate(), periods.running(now)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def of_applicant(self, user: User) -> "ApplicationQuerySet":
        """Whatever the registers say of them today. One that a school is still filling in, in person, is
        the school's to finish: to its applicant it appears when it is registered (D15). Of a child whose
        whereabouts a court hides from the person nothing is shown, not even what they filed (D35)."""
        mine = self.filter(applicant=user).exclude(status=Status.DRAFT, channel=Channel.IN_PERSON)
        return mine.not_hidden_from(user)

    def not_hidden_from(self, user: User) -> "ApplicationQuerySet":
        """Without children whose whereabouts a court hides from the person (D35)."""
        return self.exclude(child__iin__in=Protection.objects.children_hidden_from(user))

    def for_parent(self, user: User) -> "ApplicationQuerySet":
        """The person's own, without the drafts for a child that by the register is no longer theirs (D34)."""
        denied = Guardianship.objects.filter(user=user).exclude(denied_at=None).values("child")
        return self.of_applicant(user).exclude(status=Status.DRAFT, child__in=denied)

    def shown_to(self, user: User) -> "ApplicationQuerySet":
        """The person's own, and what was filed for a child of theirs by somebody who is no longer the child's
        representative: it stays the child's (D34)."""
        return self._own_and(self.filed_for_children_of(user).without_representative(), user)

    def told_to(self, user: User) -> "ApplicationQuerySet":
        """And what was filed by somebody who still is one: of it the person is told how it stands (D80)."""
        return self._own_and(self.filed_for_children_of(user), user)

    def filed_for_children_of(self, user: User, *, since: datetime | None = None) -> "ApplicationQuerySet":
        """By whomever, for a child whom the register has not denied to the person, nor a court hidden.
        `since`: the register must have named the two after it."""
        answered = {"answered_at__gte": since} if since else {}
        children = user.guardianships.standing().filter(**answered).values("child")
        return self.exclude(status=Status.DRAFT).filter(child__in=children).not_hidden_from(user)

    def _own_and(self, others: "ApplicationQuerySet", user: User) -> "ApplicationQuerySet":
        """Two questions, each by an index of its own; «or» would read all applications of the country."""
        return self.filter(pk__in=self.for_parent(user).values("pk").union(others.values("pk")))

    def without_representative(self) -> "ApplicationQuerySet":
        """The register has said twice that the applicant does not represent the child any more (D34)."""
        ended = Guardianship.objects.exclude(closed_at=None)
        return self.filter(Exists(ended.filter(user=OuterRef("applicant"), child=OuterRef("child"))))

    def for_staff(self, user: User, *, now: datetime) -> "ApplicationQuerySet":
        """Of the schools where the user is director or executor, what a school is shown anything of (D43);
        nothing of a child whom a court hides from this person of theirs (D35)."""
        return self.at_desk_of(*at_desk(user, now=now))

    def at_desk_of(self, user: int, iin: str, today: date, running: int) -> "ApplicationQuerySet":
        """`for_staff` of plain values, for questions that are prepared."""
        posts = StaffMember.in_force(today).filter(user=user, role__in=[Role.DIRECTOR, Role.EXECUTOR])
        ours = self.filter(intake__school__in=posts.values("school")).seen_by_school(running)
        return ours.not_hidden_from(User(pk=user, iin=iin))

    def with_facts(self) -> "ApplicationQuerySet":
        """With the rows that most of its facts are told of (facts.of)."""
        return self.select_related("applicant", "child", "intake__school__locality", "intake__language")

    def seen_by_school(self, running: int) -> "ApplicationQuerySet":
        """`running`: the earliest year whose intake is not over."""
        found = Q(pk__in=[])
        for season_over, years in ((False, {"year__gte": running}), (True, {"year__lt": running})):
            seen = [one for one in Status if sight_of_school(one, season_over=season_over) != Sight.NOTHING]
            found |= Q(status__in=seen, **years)
        return self.filter(found)

    def for_director(self, user: User, *, today: date | None = None) -> "ApplicationQuerySet":
        """Filed applications of the schools that the user directs."""
        posts = StaffMember.in_force(today).filter(user=user, role=Role.DIRECTOR)
        filed = self.exclude(status=Status.DRAFT).filter(intake__school__in=posts.values("school"))
        return filed.not_hidden_from(user)

    def waiting_for(self, user: User, held: Iterable[StaffMember]) -> "ApplicationQuerySet":
        """What waits for this person's own hand in these posts (D58): a director's whole work, an executor's
        until a decision is proposed; nothing of a child of theirs, which falls to a colleague (D39)."""
        return self.waiting_at(user.pk, user.iin, *schools_by_role(held))

    def waiting_at(
        self, user: int, iin: str, directed: Iterable[int], prepared: Iterable[int]
    ) -> "ApplicationQuerySet":
        """`waiting_for` of plain values, for questions that are prepared."""
        theirs = Q(intake__school__in=directed, status__in=UNDER_REVIEW)
        theirs |= Q(intake__school__in=prepared, status=Status.IN_REVIEW)
        own = Guardianship.objects.standing().filter(user=user).values("child")
        others = self.filter(theirs).exclude(applicant=user).exclude(child__in=own)
        return others.not_hidden_from(User(pk=user, iin=iin))

    def of_areas(self, areas: Iterable[Locality], *, year: int, reader: User) -> "ApplicationQuerySet":
        """For a department: what is its work at the schools of regions and districts; nothing of a child whom
        a court hides from this officer, not even in a number (D35). Hence a list: a replica that
        is read here may not know them yet."""
        inside = self.filter(posts.inside(areas, "intake__school__locality__kato"))
        hidden = list(Protection.objects.children_hidden_from(reader))
        return inside.at_work(year=year).exclude(child__iin__in=hidden)

    def at_work(self, *, year: int) -> "ApplicationQuerySet":
        """Of a year's intake, and what an earlier one has left without an answer: no first of September
        answers it (D13)."""
        return self.filter(Q(year=year) | Q(year__lt=year, status__in=UNDER_REVIEW))

    def in_person_drafts(self, user: User) -> "ApplicationQuerySet":
        """In-person applications that the user's schools have begun to register (D15)."""
        posts = user.posts.filter(role__in=[Role.DIRECTOR, Role.EXECUTOR])
        begun = self.filter(
            status=Status.DRAFT, channel=Channel.IN_PERSON, intake__school__in=posts.values("school")
        )
        return begun.not_hidden_from(user)

    def active(self) -> "ApplicationQuerySet":
        return self.filter(status__in=ACTIVE)

    def under_review(self) -> "ApplicationQuerySet":
        return self.filter(status__in=UNDER_REVIEW)

    def due_today(self, now: datetime) -> "ApplicationQuerySet":
        return self.under_review().filter(due_at__gte=now, due_at__lt=calendar.end_of_day(now))

    def contested(self, now: datetime) -> "ApplicationQuerySet":
        """D52: what the applicant has not filed: while an answer is waited for, and a week long after it."""
        told = Q(status__in=UNDER_REVIEW) | Q(contested_at__gte=now - CONTEST_IS_NEWS)
        return self.active().filter(told, contested_at__isnull=False)

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
    applicant_phone = models.CharField(
        max_length=12, blank=True
    )  # for SMS, of somebody without a profile (D15)
    special_needs = models.BooleanField(default=False)  # R60-R63
    step1_at = models.DateTimeField(null=True, blank=True)  # when the education register last answered (R53)
    # step 2
    route = models.CharField(max_length=7, choices=Route.choices, blank=True)
    intake = models.ForeignKey(
        Intake, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    transport = models.BooleanField(default=False)  # R78-R83
    transport_address = models.JSONField(default=dict, blank=True)  # {"same": bool, "kato", "line"}
    step2_at = models.DateTimeField(null=True, blank=True)
    # step 3
    data_correct_at = models.DateTimeField(null=True, blank=True)  # R91, the first tick
    external_data_at = models.DateTimeField(null=True, blank=True)  # R91, the second tick
    ticks_version = models.CharField(max_length=20, blank=True)
    step3_at = models.DateTimeField(null=True, blank=True)
    # What the registers told (D34): the facts that the applicant was shown last, and, where they kept silent
    # at the last step, the moment of the older answer that is leaned on.
    registers_seen = models.JSONField(default=dict, blank=True)
    registers_as_of = models.DateTimeField(null=True, blank=True)
    left_at = models.CharField(max_length=10, blank=True)  # the page where the draft is taken up again
    # signing and review
    snapshot = models.JSONField(default=dict, blank=True)  # applicant, child, addresses as they were signed
    corrected = models.JSONField(default=dict, blank=True)  # names after the signature, for the papers (D34)
    submitted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)  # submitted_at in the school's working time
    due_at = models.DateTimeField(null=True, blank=True)  # D13
    reminded_at = models.DateTimeField(null=True, blank=True)  # the school, before the term ended
    overdue_told_at = models.DateTimeField(null=True, blank=True)  # the school and the department, after it
    decided_at = models.DateTimeField(null=True, blank=True)
    contested_at = models.DateTimeField(null=True, blank=True)  # the applicant has filed no such paper (D52)
    contest = models.TextField(blank=True)  # in their words
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    document_awaited = False  # in a list, where `supplements.marked` has looked
    document_awaited_until: datetime | None = None  # in a parent's, where `supplements.dated` has

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
        indexes = [
            models.Index(fields=["status", "due_at"], name="application_queue"),
            # What a department counts of a region stands in it: no row, with all that was signed, is read.
            models.Index(
                fields=["intake", "status"],
                include=["route", "due_at", "decided_at"],
                name="application_of_intake",
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"draft {self.pk}"

    @property
    def chosen_intake(self) -> Intake:
        """Where it goes: every filed application has it, and so has a draft beyond its second step."""
        if self.intake is None:
            raise ValueError("no school is chosen yet")
        return self.intake

    @property
    def is_whole_to_school(self) -> bool:
        """More than its outcome (D43)."""
        return sight_of_school(Status(self.status), season_over=False) == Sight.WHOLE

    def is_overdue(self, now: datetime) -> bool:
        return Status(self.status) in UNDER_REVIEW and self.due_at is not None and self.due_at < now


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
