"""Applying again after a refusal or a withdrawal (R109, R116, D20)."""

import copy
import logging
from datetime import datetime
from enum import Enum

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.storage import StoreAway
from applications import beginning, drafts, eligibility, lifecycle, steps, stored, supplements
from applications.models import (
    About,
    Application,
    Document,
    DocumentKind,
    RefusalReason,
    Route,
    private_path,
)
from applications.status import CLOSED
from schools import periods
from schools.models import Intake, School

logger = logging.getLogger(__name__)


class Opened(Enum):
    """What has become of the answers of the earlier application, and of the school that was pressed."""

    COPIED = "the draft is new: answers copied, that school chosen"
    AS_IT_IS = "begun before: nothing copied, and no other school pressed than it has"
    CHOSEN = "begun before without a school: nothing copied but that school chosen"
    FOR_ANOTHER = "begun before for another school, which stays"


# What decisions from before grounds were rows are about (D20, D49).
ABOUT = {
    RefusalReason.AGE: About.CHILD,
    RefusalReason.ENROLLED: About.CHILD,
    RefusalReason.UNTRUE: About.CHILD,
    RefusalReason.NO_SEATS: About.SCHOOL,
}


def is_over(application: Application, *, now: datetime) -> bool:
    """The intake that it was filed in has ended: nobody is filed for in that year any more, and a button of
    this application opens no other year's (D83)."""
    return periods.is_over(application.year, now)


def is_of_another_year(application: Application, *, now: datetime) -> bool:
    """The portal takes another year's by its settings: its button would lead into that one (D83)."""
    return application.year != periods.current_year(now)


def ended(application: Application, *, now: datetime) -> dict[str, bool]:
    """Why nobody applies in its year any more, for the pages that say so."""
    return {
        "intake_over": is_over(application, now=now),
        "other_year": is_of_another_year(application, now=now),
    }


def allowed(application: Application, *, now: datetime) -> bool:
    """R109, R116: after a refusal or a withdrawal, to the same school or another one, while the year's intake
    lasts (D83); not while another application for the child is active (R202)."""
    if application.status not in CLOSED:
        return False
    if any(ended(application, now=now).values()):
        return False
    return not Application.objects.active().filter(child=application.child_id).exists()


def way_to(application: Application, school: School) -> Route:
    """How the applicant would file to that school: one of their address takes their child as its own."""
    return Route.LOCAL if school in eligibility.local_schools(application) else Route.OUTSIDE


def reapply(
    application: Application, *, to: Intake | None = None, now: datetime
) -> tuple[Application, Opened]:
    """A draft with everything kept except what was wrong; documents are confirmed anew (D20). With `to` that
    school is chosen in it, where the rules would take it: else raises Blocked, and nothing is opened.

    When a draft for this child is begun already, it is that one, as it is. Only a school that it does not
    have yet is chosen in it: whoever presses must be told, for they will sign it.
    """
    if not allowed(application, now=now):
        raise lifecycle.NotAllowed(f"{application.status} is not applied for again")
    year = periods.current_year(now)
    choice = _choice(application, to, year=year, now=now) if to else None
    draft = beginning.open_draft(application.applicant, application.child, year=year)
    with drafts.locked(draft) as row:
        opened = _opened(row, choice)
        if opened == Opened.COPIED:
            _copy_answers(application, row, now=now)
        if choice and opened in (Opened.COPIED, Opened.CHOSEN):
            _choose(row, choice, now=now)
    if opened == Opened.COPIED:
        for document in _documents(application):
            _copy_document(document, row)
    return row, opened


def _opened(draft: Application, choice: Application | None) -> Opened:
    """Before anything is written into it."""
    if draft.copied_from_id is None and draft.step1_at is None:
        return Opened.COPIED
    if choice is None or draft.intake_id == choice.intake_id:
        return Opened.AS_IT_IS
    return Opened.CHOSEN if draft.intake_id is None else Opened.FOR_ANOTHER


def page_of_choice(draft: Application, to: Intake) -> str:
    """Where the draft's school is changed to that one: among the country's, or with the way to it."""
    among_all = draft.route == way_to(draft, to.school) == Route.OUTSIDE
    return steps.SCHOOL if among_all else steps.WAY


def _choice(application: Application, to: Intake, *, year: int, now: datetime) -> Application:
    """The application as it would go to that school. Raises Blocked."""
    wanted = copy.copy(application)
    wanted.year, wanted.intake, wanted.route = year, to, way_to(application, to.school)
    eligibility.check_school(wanted, now=now)
    return wanted


def _choose(draft: Application, choice: Application, *, now: datetime) -> None:
    """Another school has a transport of its own."""
    draft.intake, draft.route = choice.intake, choice.route
    draft.transport, draft.transport_address = False, {}
    draft.step2_at = None if choice.chosen_intake.school.has_transport else now
    draft.save()


def _documents(application: Application) -> list[Document]:
    """As they were filed, and in place of one the better one that was added (D55)."""
    better = {one.kind: one.document for one in supplements.added(application)}
    filed = application.documents.filter(erased_at=None, added=False).exclude(kind=DocumentKind.SCAN)
    found = [(better.get(one.kind) if one.position == 1 else None) or one for one in filed]
    return [one for one in found if not one.erased_at]


def _copy_answers(old: Application, draft: Application, *, now: datetime) -> None:
    draft.copied_from = old
    for name in ("extra_phone", "special_needs", "transport", "transport_address"):
        setattr(draft, name, getattr(old, name))
    wrong = _wrong(old)
    draft.step1_at = None if wrong == About.CHILD else old.step1_at  # nobody was asked now (R53)
    draft.intake = None if wrong == About.SCHOOL else _same_intake(old, draft.year)
    if draft.intake:
        draft.route, draft.step2_at = old.route, now
    draft.save()


def _wrong(application: Application) -> str:
    """The step that is asked again; documents are confirmed anyway (D20)."""
    signed = application.decisions.signed().select_related("ground").first()
    if signed is None or not signed.reason_code:
        return ""
    return signed.ground.about if signed.ground else ABOUT.get(RefusalReason(signed.reason_code), "")


def _same_intake(old: Application, year: int) -> Intake | None:
    """The same school and language in the year that is filed for now."""
    if old.intake is None:
        return None
    return Intake.objects.filter(
        school=old.intake.school_id, language=old.intake.language_id, year=year
    ).first()


def _copy_document(document: Document, draft: Application) -> None:
    """A file of its own, so that replacing it in the draft leaves the old application whole."""
    try:
        content = stored.read(document.file, document.sha256)
        name = default_storage.save(private_path(document, ""), ContentFile(content))
    except stored.Spoiled as spoiled:
        logger.error("document %s is %s in the store", document.pk, spoiled.fault)
        return  # it will be asked for
    except StoreAway as error:
        logger.error("document %s is not copied: %s", document.pk, error)
        return  # nor does the whole wait for a store that is silent
    with drafts.locked(draft):
        Document.objects.create(application=draft, **document.facts() | {"file": name})
