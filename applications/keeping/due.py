"""Whose term is over: one question for each row of the table. `before` is the moment in which the term of
what is due had begun at the latest."""

from datetime import date, datetime

from django.db.models import PROTECT, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Child, Consent, ConsentStatus, Guardianship, Protection, User
from applications.models import (
    Appeal,
    Application,
    DeskMemory,
    Document,
    FamilyExport,
    LookUp,
    Reminder,
    RemovedDocument,
    RevocationList,
    Signature,
    SigningBatch,
    StatusChange,
    TableExport,
)
from applications.status import Status
from notifications.models import Message, MessageState, SmsReport
from schools.models import AddressRequest, ListDraft
from schools.periods import LAST_DAY

CLOSED = (Status.REFUSED, Status.WITHDRAWN)
NEVER_GIVEN = (ConsentStatus.PENDING, ConsentStatus.DENIED, ConsentStatus.EXPIRED)


def drafts(before: datetime) -> QuerySet[Application]:
    """Never what was filed once: a row that only says that it is a draft is evidence."""
    untouched = Application.objects.filter(status=Status.DRAFT, updated_at__lt=before, submitted_at=None)
    return untouched.exclude(Exists(Signature.objects.filter(application=OuterRef("pk"))))


def desk(before: datetime) -> QuerySet[DeskMemory]:
    return DeskMemory.objects.filter(at__lt=before)


def files_of_closed(before: datetime) -> QuerySet[Application]:
    """Not while an appeal is to be answered: whoever answers it may ask for them (D73)."""
    appealed = Appeal.objects.open().filter(application=OuterRef("pk"))
    return _with_files(_over(before).filter(status__in=CLOSED)).exclude(Exists(appealed))


def files_of_accepted(before: datetime) -> QuerySet[Application]:
    return _with_files(_over(before).filter(status=Status.ACCEPTED))


def closed(before: datetime) -> QuerySet[Application]:
    return _over(before).filter(status__in=CLOSED)


def accepted(before: datetime) -> QuerySet[Application]:
    return _over(before).filter(status=Status.ACCEPTED)


def _over(before: datetime) -> QuerySet[Application]:
    """The intake of their year has ended, and nothing has moved since."""
    day = timezone.localdate(before)
    last = day.year if day > date(day.year, *LAST_DAY) else day.year - 1
    moved = StatusChange.objects.filter(application=OuterRef("pk"), at__gte=before)
    return Application.objects.filter(year__lte=last, submitted_at__lt=before).exclude(Exists(moved))


def _with_files(applications: QuerySet[Application]) -> QuerySet[Application]:
    return applications.filter(Exists(Document.objects.filter(application=OuterRef("pk"), erased_at=None)))


def signing(before: datetime) -> QuerySet[SigningBatch]:
    return SigningBatch.objects.filter(expires_at__lt=before)


def consents_never_given(before: datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(status__in=NEVER_GIVEN, expires_at=None, requested_at__lt=before)


def tokens(before: datetime) -> QuerySet[Consent]:
    return Consent.objects.filter(expires_at__lt=before).exclude(token="", public_key="")


def consents(before: datetime) -> QuerySet[Consent]:
    """Not while an application of the person is kept: it leans on them."""
    ended = Consent.objects.annotate(ended_at=Coalesce("revoked_at", "expires_at")).filter(
        ended_at__lt=before
    )
    return ended.exclude(Exists(Application.objects.filter(applicant=OuterRef("user"))))


def texts(before: datetime) -> QuerySet[Message]:
    sent = Message.objects.filter(created_at__lt=before).exclude(state=MessageState.PENDING)
    return sent.exclude(text="", phone="")


def messages(before: datetime) -> QuerySet[Message]:
    return Message.objects.filter(created_at__lt=before)


def reports(before: datetime) -> QuerySet[SmsReport]:
    return SmsReport.objects.filter(received_at__lt=before)


def look_ups(before: datetime) -> QuerySet[LookUp]:
    return LookUp.objects.filter(at__lt=before)


def reminders(before: datetime) -> QuerySet[Reminder]:
    return Reminder.objects.filter(at__lt=before)


def list_drafts(before: datetime) -> QuerySet[ListDraft]:
    return ListDraft.objects.filter(changed_at__lt=before)


def address_requests(before: datetime) -> QuerySet[AddressRequest]:
    """From the answer, or from the asking where nobody has answered."""
    since = AddressRequest.objects.annotate(since=Coalesce("answered_at", "asked_at"))
    return since.filter(since__lt=before)


def lists(before: datetime) -> QuerySet[RevocationList]:
    used = Signature.objects.filter(crl=OuterRef("pk"))
    return RevocationList.objects.filter(kept_at__lt=before).exclude(Exists(used))


def exports(before: datetime) -> QuerySet[FamilyExport]:
    """Ended, or never made: a dead order ends with its last try."""
    ended = Q(ends_at__lt=before) | Q(dead=True, next_try_at__lt=before)
    return FamilyExport.objects.filter(ended)


def tables(before: datetime) -> QuerySet[TableExport]:
    """Ended, or never made."""
    ended = Q(ends_at__lt=before) | Q(dead=True, next_try_at__lt=before)
    return TableExport.objects.filter(ended)


def removed(before: datetime) -> QuerySet[RemovedDocument]:
    return RemovedDocument.objects.filter(removed_at__lt=before)


def ties(before: datetime) -> QuerySet[Guardianship]:
    """Those that the register has denied; not while an application of the two is kept."""
    filed = Application.objects.filter(applicant=OuterRef("user"), child=OuterRef("child"))
    return Guardianship.objects.filter(denied_at__lt=before).exclude(Exists(filed))


def protections(before: datetime) -> QuerySet[Protection]:
    return Protection.objects.filter(lifted_at__lt=before)


def people(before: datetime) -> QuerySet[User]:
    """Nothing of them is kept any more: no application, signature, post, consent or message."""
    found = User.objects.filter(Q(last_login__lt=before) | Q(last_login=None), created_at__lt=before)
    found = found.filter(posts=None, consents=None, messages=None)
    for relation in User._meta.get_fields(include_hidden=True):  # those without a name of their own, too
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT:
            held = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            found = found.exclude(Exists(held))
    return found


def children(before: datetime) -> QuerySet[Child]:
    """Nobody has them in their profile, nothing was filed for them."""
    alone = Child.objects.filter(guardianships=None, applications=None, consents=None)
    return alone.filter(Q(refreshed_at__lt=before) | Q(refreshed_at=None))
