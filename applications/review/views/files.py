"""The documents of a case, handed to those at work who may see them: the file itself, and a page of it as a
picture. The caller has checked access; each look is written down."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404

from accounts import journal
from accounts.access import SignedInRequest
from accounts.models import Shown
from applications import stored
from applications.documents import keeping, pictures
from applications.documents.faults import Rejected
from applications.models import Application, Document
from applications.review import looking

PICTURES = 120  # a minute and a person


def handed_over(application: Application) -> QuerySet[Document]:
    """Without what the applicant has uploaded and not signed yet (D55)."""
    return application.documents.exclude(added=True, supplement__answered_at=None)


def whole(request: SignedInRequest, application: Application, document_id: UUID) -> HttpResponseBase:
    if not handed_over(application).filter(public_id=document_id).exists():
        raise Http404
    return keeping.show(request, application, document_id)


def drawn(
    request: SignedInRequest, application: Application, document_id: UUID, number: int
) -> HttpResponseBase:
    """As the cell has drawn it: no browser takes a stranger's file apart here (D9)."""
    one = get_object_or_404(handed_over(application), public_id=document_id, erased_at=None)
    turn = looking.number(request.GET.get("turn", ""), 3, least=0)
    zoom = looking.number(request.GET.get("zoom", ""), len(pictures.LONGEST))
    try:
        picture = pictures.draw(one, number=number, turn=turn, zoom=zoom)
    except (stored.Spoiled, Rejected):
        return stored.harden(HttpResponse(status=503))
    journal.seen(request, one, child=application.child, what=Shown.DOCUMENT)
    return stored.harden(HttpResponse(picture.content, content_type="image/jpeg"))
