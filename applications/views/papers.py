"""Handing out sealed papers, to the parent and to the school alike."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render

from applications import receipts
from applications.models import Application, PaperKind


def download(request: HttpRequest, application: Application, kind: str) -> HttpResponseBase:
    """The caller has checked access. A file that is not the one we sealed is never handed out as ours."""
    if kind.upper() not in PaperKind.values:
        raise Http404
    receipt = get_object_or_404(application.receipts, kind=kind.upper())
    try:
        return receipts.serve(receipt)
    except receipts.Spoiled:
        return render(request, "applications/paper_spoiled.html", {"application": application}, status=503)
