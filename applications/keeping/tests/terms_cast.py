"""For each row of the table of terms: something whose term begins at a given moment."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.db.models import Model

from accounts.models import Child, Consent, ConsentStatus, Guardianship, Protection, User
from applications.documents import aside
from applications.models import (
    Application,
    DeskMemory,
    Document,
    DocumentKind,
    DocumentSource,
    FamilyExport,
    LookUp,
    Reminder,
    RemovedDocument,
    RevocationList,
    SigningBatch,
    SigningRequest,
    StatusChange,
    TableExport,
    TableKind,
)
from applications.status import Status
from notifications.models import Channel, Message, MessageState, SmsReport
from schools.models import AddressAsker, AddressRequest, ListDraft, Locality, School

MakeApplication = Callable[..., Application]


def _set(row: Model, **values: Any) -> Any:
    """Past what the row sets by itself."""
    type(row)._default_manager.filter(pk=row.pk).update(**values)
    row.refresh_from_db()
    return row


def user(at: datetime, iin: str = "880120399905") -> User:
    found, _ = User.objects.get_or_create(iin=iin, defaults={"surname": "Ахметов", "name": "Данияр"})
    return _set(found, last_login=at, created_at=at)


def document(application: Application, at: datetime) -> Document:
    found = Document(
        application=application, kind=DocumentKind.PHOTO, source=DocumentSource.MANUAL, mime="image/jpeg",
        size=5, sha256="0" * 64, label="Арман.jpg", added_at=at,
    )  # fmt: skip
    found.file.save("file", ContentFile(b"photo"), save=False)
    found.save()
    return found


def draft(at: datetime, make: MakeApplication) -> Application:
    found = make()
    document(found, at)
    return _set(found, updated_at=at)


def moved(status: Status) -> Callable[[datetime, MakeApplication], Application]:
    def filed(at: datetime, make: MakeApplication) -> Application:
        found = make(status, submitted_at=at, year=at.year - 1, decided_at=at)
        StatusChange.objects.create(application=found, old=Status.IN_REVIEW, new=status, at=at)
        document(found, at)
        return found

    return filed


def batch(at: datetime, make: MakeApplication) -> SigningBatch:
    application = make(Status.IN_REVIEW)
    found = SigningBatch.objects.create(user=application.applicant, created_at=at, expires_at=at)
    one = SigningRequest(batch=found, application=application, purpose="WITHDRAWAL", payload_sha256="0" * 64)
    one.payload.save("payload", ContentFile(b"%PDF"), save=True)
    return found


def consent(at: datetime, **values: Any) -> Consent:
    return Consent.objects.create(
        user=user(at), reference=f"ref-{at.timestamp()}-{values.get('status')}", text_version="1",
        **{"status": ConsentStatus.PENDING, "requested_at": at} | values,
    )  # fmt: skip


def granted(at: datetime, **values: Any) -> Consent:
    times = {"requested_at": at, "answered_at": at, "expires_at": at}
    return consent(at, **times | {"status": ConsentStatus.GRANTED} | values)


def message(at: datetime, **values: Any) -> Message:
    return Message.objects.create(
        key=f"test:{at.timestamp()}:{len(values)}:SMS", channel=Channel.SMS, recipient=user(at),
        template="in_review", created_at=at, next_try_at=at,
        **{"state": MessageState.DELIVERED} | values,
    )  # fmt: skip


def crl(at: datetime) -> RevocationList:
    found = RevocationList(sha256="1" * 64, kept_at=at)
    found.file.save("crl", ContentFile(b"list"), save=True)
    return found


def child(at: datetime) -> Child:
    return Child.objects.create(
        iin="191102599908", name="Айша", birth_date=date(2019, 11, 2), sex="F", refreshed_at=at
    )


def tie(at: datetime) -> Guardianship:
    return Guardianship.objects.create(user=user(at), child=child(at), denied_at=at)


def protection(at: datetime) -> Protection:
    by = user(at)
    return Protection.objects.create(
        child_iin="191102599908", barred_iin="900708499904", since=at - timedelta(days=1), set_by=by,
        why="№ 1",        lifted_at=at, lifted_by=by, lifted_why="№ 2",
    )  # fmt: skip


def report(at: datetime) -> SmsReport:
    return SmsReport.objects.create(event_id=7, received_at=at)


def a_school() -> School:
    place = Locality.objects.get_or_create(kato="710000000", defaults={"name_kk": "x", "name_ru": "x"})[0]
    return School.objects.create(
        bin="990540099922", locality=place, name_kk="x", name_ru="x", sort_kk="x", search="x"
    )


def look_up(at: datetime) -> LookUp:
    asked = {"applicant_iin": "900708499904", "child_iin": "191102599908", "why": "CAME"}
    return LookUp.objects.create(by=user(at), school=a_school(), at=at, **asked)


def reminder(at: datetime) -> Reminder:
    return Reminder.objects.create(by=user(at), school=a_school(), at=at, day=at.date(), overdue=1)


def list_draft(at: datetime) -> ListDraft:
    return ListDraft.objects.create(author=user(at), school=a_school(), created_at=at, changed_at=at)


def address_request(at: datetime) -> AddressRequest:
    found = AddressRequest.objects.create(kato="710000000", street="x", house="1", asked_at=at)
    AddressAsker.objects.create(request=found, user=user(at), at=at)
    return found


def desk(at: datetime) -> DeskMemory:
    return DeskMemory.objects.create(user=user(at), term="Ахметов", at=at)


def export(at: datetime) -> FamilyExport:
    found = FamilyExport(user=user(at), ordered_at=at, next_try_at=at, made_at=at, ends_at=at)
    found.file.save("export", ContentFile(b"zip"), save=True)
    return found


def table(at: datetime) -> TableExport:
    found = TableExport(user=user(at), ordered_at=at, next_try_at=at, made_at=at, ends_at=at)
    found.kind, found.form, found.lang = TableKind.QUEUE, "csv", "kk"
    found.file.save("table", ContentFile(b"csv"))
    return found


def removed(at: datetime, make: MakeApplication) -> RemovedDocument:
    application = make()
    aside.put(document(application, at), now=at)
    return application.removed_documents.get()


def only(make: Callable[[datetime], Any]) -> Callable[[datetime, MakeApplication], Any]:
    """Of what is about no application."""
    return lambda at, _make: make(at)


MAKERS: dict[str, Callable[[datetime, MakeApplication], Any]] = {
    "drafts": draft,
    "signing": batch,
    "files_of_closed": moved(Status.WITHDRAWN),
    "files_of_accepted": moved(Status.ACCEPTED),
    "closed": moved(Status.REFUSED),
    "accepted": moved(Status.ACCEPTED),
    "consents_never_given": only(lambda at: consent(at, status=ConsentStatus.DENIED)),
    "tokens": only(lambda at: granted(at, token="token", public_key="key")),
    "consents": only(granted),
    "texts": only(lambda at: message(at, text="OQU: өтінім", phone="+77011234501")),
    "messages": only(message),
    "reports": only(report),
    "look_ups": only(look_up),
    "reminders": only(reminder),
    "desk": only(desk),
    "list_drafts": only(list_draft),
    "address_requests": only(address_request),
    "lists": only(crl),
    "exports": only(export),
    "tables": only(table),
    "removed": removed,
    "ties": only(tie),
    "protections": only(protection),
    "people": only(user),
    "children": only(child),
}
