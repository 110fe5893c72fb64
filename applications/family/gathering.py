"""Everything that the portal holds about a person and their children, as plain facts (D41).

Of a child only while the registers say today that it is theirs (D34), and nothing that tells where a child is
whom a court hides from them (D35). Nothing of other people but what stands on papers that the person has: a
reader is named by the post.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import translation

from accounts import protection
from accounts.journal import readers_of
from accounts.models import Child, Consent, EntryKind, Guardianship, JournalEntry, User, masked
from applications.cabinet.readers import Look, asked_about, looks
from applications.documents import aside
from applications.family.in_both import InBoth, both, name_of
from applications.models import (
    Appeal,
    Application,
    Decision,
    Document,
    Paper,
    RemovedDocument,
    Signature,
    StatusChange,
    Supplement,
)  # fmt: skip
from applications.status import Status
from notifications import texts
from notifications.models import Message, Wishes
from schools import address_requests
from schools.models import AddressAsker, StaffMember

NOT_THEIRS = "the registers do not say today that this child is yours: its data is left out"
ANOTHER = "another representative of the child"
TOLD = (  # of a person and of a child, as the registers gave it
    "iin", "surname", "name", "patronymic", "birth_date", "registered_address", "refreshed_at",
)  # fmt: skip
FILED = (  # of an application, beside its signed facts
    "extra_phone", "applicant_phone", "special_needs", "transport", "transport_address", "data_correct_at",
    "external_data_at", "ticks_version", "corrected", "created_at", "contested_at", "contest",
)  # fmt: skip


@dataclass(frozen=True)
class Gathered:
    facts: dict[str, Any]
    children: list[Child]  # whose data is in it
    applications: list[Application]  # whose files belong to it


def gather(user: User, *, now: datetime) -> Gathered:
    ties = _ties(user, now=now)
    children = [tie.child for tie in ties]
    whole = {child.pk for child in children if not protection.hidden_from(user, child)}
    mine = list(_applications(user))
    facts = {
        "made_at": now,
        "person": _person(user),
        "posts": [_post(post) for post in StaffMember.every.filter(user=user).order_by("pk")],
        "told_of_work": Wishes.objects.filter(user=user).values().first(),
        "consents": [_consent(one, whole) for one in user.consents.order_by("pk")],
        "children": [_child(tie, whole=tie.child_id in whole) for tie in ties],
        "applications": [_application(one, user, whole=one.child_id in whole) for one in mine],
        "asked_addresses": [_asked(one) for one in user.address_requests.select_related("request__school")],
        "messages": [_message(one) for one in Message.objects.filter(recipient=user, hidden_at=None)],
        "who_looked": [look for child in children if child.pk in whole for look in _looks(child, user)],
        "sign_ins": [_sign_in(one) for one in _entries(user)],
    }
    own = [one for one in mine if one.child_id in whole and one.applicant_id == user.pk]
    return Gathered(facts, [child for child in children if child.pk in whole], own)


def may_have(user: User, children: Iterable[int], *, now: datetime) -> bool:
    """Are all these children still the person's, and none of them hidden? Asked again at every fetch."""
    standing = {tie.child_id for tie in _ties(user, now=now) if not protection.hidden_from(user, tie.child)}
    return set(children) <= standing


def _ties(user: User, *, now: datetime) -> list[Guardianship]:
    """Those that the registers have confirmed, not longer ago than one may lean on them."""
    since = now - timedelta(seconds=settings.REGISTER_LAST_ANSWER)
    ties = user.guardianships.standing().filter(answered_at__gte=since)
    return list(ties.select_related("child").order_by("pk"))


def _applications(user: User) -> Iterable[Application]:
    related = ("child", "applicant", "intake__school", "intake__language")
    return Application.objects.shown_to(user).select_related(*related).order_by("pk")


def _person(user: User) -> dict[str, Any]:
    more = ("phone", "phone_known_at", "second_phone", "email", "ways_allowed_at", "lang", "created_at")
    return {name: getattr(user, name) for name in (*TOLD, *more, "last_login")}


def _post(post: StaffMember) -> dict[str, Any]:
    """Ended ones too; of ops it is of no place."""
    place = post.school or post.region
    told = {"role": both(post.get_role_display), "place": name_of(place)}
    return told | {"since": post.appointed_at, "until": post.ended_at}


def _asked(asker: AddressAsker) -> dict[str, Any]:
    """An address that a department was asked to add (D63)."""
    asked = asker.request
    told: dict[str, Any] = {"place": name_of(address_requests.place_of(asked))}
    told |= {name: getattr(asked, name) for name in ("kato", "street", "house")}
    told |= {"at": asker.at, "answered_at": asked.answered_at}
    return told | {"added_to": name_of(asked.school), "not_added": asked.words}


def _consent(consent: Consent, whole: set[int]) -> dict[str, Any]:
    """The tokens are no data about anybody: they open the registers."""
    shown = consent.child_iin if consent.child_id in whole else masked(consent.child_iin)
    times = ("requested_at", "answered_at", "expires_at", "revoked_at")
    about = {"about": shown or "own", "state": both(consent.get_status_display)}
    about["text_version"] = consent.text_version
    return about | {name: getattr(consent, name) for name in times}


def _child(tie: Guardianship, *, whole: bool) -> dict[str, Any]:
    child = tie.child
    facts = {name: getattr(child, name) for name in TOLD if whole or name != "registered_address"}
    facts |= {"sex": both(child.get_sex_display), "you_are": both(tie.get_relation_display)}
    return facts | {"document": tie.document, "added_at": tie.added_at, "confirmed_at": tie.answered_at}


def _application(application: Application, user: User, *, whole: bool) -> dict[str, Any]:
    """Of one that somebody else has filed: where it stands, nothing of that person (D34)."""
    brief = {"number": application.number, "year": application.year, "filed_at": application.submitted_at}
    if not whole:
        return brief | {"left_out": NOT_THEIRS}
    mine = application.applicant_id == user.pk
    told = brief | _standing(application) | {"child": application.child.iin}
    return told | (_own(application) if mine else {"filed_by": ANOTHER})


def _standing(application: Application) -> dict[str, Any]:
    signed = application.decisions.signed()
    intake = application.intake
    return {
        "status": both(lambda: Status(application.status).label),
        "channel": both(application.get_channel_display),
        "route": both(application.get_route_display),
        "school": name_of(intake.school if intake else None),
        "language": name_of(intake.language if intake else None),
        "received_at": application.received_at,
        "due_at": application.due_at,
        "decided_at": application.decided_at,
        "history": [_change(one) for one in application.changes.all()],
        "decisions": [_decision(one) for one in signed],
    }


def _change(change: StatusChange) -> dict[str, Any]:
    return {"status": both(lambda: Status(change.new).label), "at": change.at}


def _own(application: Application) -> dict[str, Any]:
    return {name: getattr(application, name) for name in FILED} | {
        "signed_facts": application.snapshot,
        "seen_of_registers": application.registers_seen,
        "documents": [_document(one) for one in application.documents.order_by("pk")],
        "set_aside": [_set_aside(one) for one in aside.of_person(application)],
        "supplements": [_supplement(one) for one in application.supplements.all()],
        "appeals": [_appeal(one) for one in application.appeals.all()],
        "medical_requests": [
            {"kind": both(one.get_kind_display), "state": both(one.get_state_display), "at": one.requested_at}
            for one in application.fetches.order_by("pk")
        ],
        "signatures": [_signature(one) for one in application.signatures.order_by("pk")],
        "papers": [_paper(one) for one in application.papers.order_by("pk")],
    }


def _decision(decision: Decision) -> dict[str, Any]:
    """Of one that was corrected also when (D54)."""
    names = ("reason", "transport_reason", "signed_at", "mistake")
    later = decision.corrections.signed().first()
    told = {"result": both(decision.get_result_display), "ground": both(lambda: decision.ground_name)}
    told |= {name: getattr(decision, name) for name in names}
    return told | {"transport_given": decision.transport, "corrected_at": later.signed_at if later else None}


def _document(document: Document) -> dict[str, Any]:
    names = ("label", "origin", "size", "sha256", "added_at", "issued_on", "valid_until", "erased_at")
    about = {"kind": both(document.get_kind_display), "source": both(document.get_source_display)}
    return about | {name: getattr(document, name) for name in names}


def _set_aside(removed: RemovedDocument) -> dict[str, Any]:
    """What the person took out of a draft or replaced in it, while it is kept (D72)."""
    about = {"kind": both(removed.get_kind_display), "label": removed.label, "size": removed.size}
    return about | {"removed_at": removed.removed_at, "kept_until": aside.ends_at(removed)}


def _supplement(supplement: Supplement) -> dict[str, Any]:
    """What the school has asked for, and when it was answered (D55)."""
    names = ("why", "asked_at", "answered_at")
    about = {"kind": both(supplement.get_kind_display), "answer_by": supplement.until}
    return about | {name: getattr(supplement, name) for name in names}


def _appeal(appeal: Appeal) -> dict[str, Any]:
    """What was asked of the school and of the department, and what they have said (D73)."""
    names = ("number", "words", "filed_at", "opinion", "opinion_at", "answer_by", "answer", "ended_at")
    told = {"wish": both(appeal.get_wish_display), "outcome": both(appeal.get_outcome_display)}
    return told | {name: getattr(appeal, name) for name in names}


def _signature(signature: Signature) -> dict[str, Any]:
    """Who signed is named on the paper, with no number of a school's person."""
    names = ("signer_name", "serial", "valid_from", "valid_to", "algorithm", "signed_at")
    about = {"purpose": both(signature.get_purpose_display), "method": both(signature.get_method_display)}
    return about | {name: getattr(signature, name) for name in names}


def _paper(paper: Paper) -> dict[str, Any]:
    about = {"kind": both(paper.get_kind_display), "made_at": paper.rendered_at, "sha256": paper.sha256}
    return about | {"superseded_at": paper.superseded_at}


def _message(message: Message) -> dict[str, Any]:
    def worded() -> texts.Wording:
        return texts.wording(message.template, message.context)

    names = ("phone", "text", "created_at", "sent_at", "delivered_at", "read_at")
    about = {"way": both(message.get_channel_display), "title": both(lambda: worded().title)}
    about["body"] = both(lambda: worded().body)
    about["state"] = both(message.get_state_display)
    return about | {name: getattr(message, name) for name in names}


def _looks(child: Child, user: User) -> list[dict[str, Any]]:
    entries = list(readers_of(child, but=user, also=asked_about(child)))
    return [
        {
            "entry": look.number,
            "at": look.at,
            "child": child.iin,
            "what": InBoth(look.what, ru.what),
            "why": InBoth(look.why, ru.why),
            "post": InBoth(look.post, ru.post),
            "place": name_of(look.place),
        }
        for look, ru in zip(_in("kk", entries, child), _in("ru", entries, child), strict=True)
    ]


def _in(language: str, entries: list[JournalEntry], child: Child) -> list[Look]:
    with translation.override(language):
        return looks(entries, child=child)


def _entries(user: User) -> Iterable[JournalEntry]:
    kinds = (EntryKind.SIGN_IN, EntryKind.SIGN_OUT)
    return JournalEntry.objects.filter(model="accounts.user", row=str(user.pk), kind__in=kinds).order_by("pk")


def _sign_in(entry: JournalEntry) -> dict[str, Any]:
    return {"what": entry.kind, "at": entry.at, "network": (entry.said or {}).get("from", "")}
