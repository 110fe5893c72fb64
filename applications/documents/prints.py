"""A photo as small as a page shows it, drawn in the cell (D9): the parent sees what was uploaded and does not
pay for all of it at 150 kbit/s. The browser may keep it for minutes: another photo has another address."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response

from accounts import journal
from accounts.models import Shown
from applications import stored
from applications.documents import pictures
from applications.documents.faults import Rejected
from applications.models import Application

MOST_BYTES = 10 * 1024
LONGEST = (302, 226, 151)  # twice what the page shows, for a fine screen; or as much as is light enough
KEPT = "private, max-age=600"
A_MINUTE = 60  # and a person


def show(request: HttpRequest, application: Application, document_id: object) -> HttpResponseBase:
    """Of a document of an application whose term is not over. The caller has checked access."""
    found = get_object_or_404(application.documents, public_id=document_id, erased_at=None)
    if not found.can_be_turned:
        raise Http404
    tag = f'"{found.sha256[:32]}"'
    if unchanged := get_conditional_response(request, etag=tag):
        return _kept(unchanged, tag)
    try:
        content = stored.read(found.file, found.sha256)
        small = _light(content)
    except (stored.Spoiled, Rejected):
        return stored.harden(HttpResponse(status=503))
    journal.seen(request, found, child=application.child, what=Shown.DOCUMENT)
    return _kept(HttpResponse(small, content_type="image/jpeg"), tag)


def _light(content: bytes) -> bytes:
    """Raises Rejected."""
    for longest in LONGEST:
        small = pictures.smaller(content, longest=longest)
        if len(small) <= MOST_BYTES:
            break
    return small


def _kept(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    stored.harden(response)
    response.headers["Cache-Control"] = KEPT
    response.headers["ETag"] = tag
    return response
