"""Handing out private files, sealed papers and documents, to the parent and to the school alike."""

from collections.abc import Callable

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from applications import documents, files, receipts
from applications.models import Application, PaperKind


def download(request: HttpRequest, application: Application, kind: str) -> HttpResponseBase:
    """A sealed paper. The caller has checked access."""
    if kind.upper() not in PaperKind.values:
        raise Http404
    receipt = get_object_or_404(application.receipts, kind=kind.upper())
    return _whole_or_why(request, application, lambda: receipts.serve(receipt))


def document(request: HttpRequest, application: Application, document_id: object) -> HttpResponseBase:
    """A document of an application. The caller has checked access."""
    found = get_object_or_404(application.documents, public_id=document_id)
    return _whole_or_why(request, application, lambda: documents.serve(found))


def _whole_or_why(
    request: HttpRequest, application: Application, serve: Callable[[], FileResponse]
) -> HttpResponseBase:
    """A file that is not the one we stored is never handed out as ours; a page says so."""
    try:
        return serve()
    except files.Spoiled:
        return render(request, "applications/paper_spoiled.html", {"application": application}, status=503)
