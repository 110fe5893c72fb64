"""Public check of a paper (R95): anyone, without signing in, without a script.

The pages ask for nothing but the paper and say in words what it is.
"""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts import throttle
from applications.models import Paper
from applications.papers import checking, forms, keys

MISSES, FILES = 30, 20  # a minute and an address: a paper is found by nobody but who holds it


@csrf_exempt  # changes nothing and knows nobody; and the length is looked at before the body is read
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest) -> HttpResponse:
    """Compare a PDF; the way of those who cannot scan."""
    return _answer(request, paper=None)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@throttle.guessed("check", per_minute=MISSES)
def paper(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR code leads."""
    finding, paper = checking.of_token(token)
    return _answer(request, paper=paper, finding=finding, status=200 if paper else 404)


@require_safe
def certificates(request: HttpRequest) -> HttpResponse:
    """Whose seal stands on papers, now and before (R95): a stable address, for people and for viewers."""
    context = {"published": keys.published(), "host": settings.PUBLIC_URL}
    return render(request, "papers/check/certificates.html", context)


@require_safe
def certificate(request: HttpRequest, key_id: str) -> HttpResponse:
    """One of them as a file, which viewers and systems take in."""
    found = next((one for one in keys.published() if one.id == key_id), None)
    if found is None:
        raise Http404
    name = f"OQU-seal-{found.id}.crt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(found.chain, content_type="application/x-pem-file", headers=headers)


def _answer(
    request: HttpRequest,
    *,
    paper: Paper | None,
    finding: checking.Finding | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {"host": settings.PUBLIC_URL, "finding": finding, "form": forms.CheckForm()}
    if request.method == "POST":
        if not throttle.allowed(request, what="check-file", per_minute=FILES):
            return throttle.too_often(request)
        context["form"] = form = forms.read(request)
        if form.is_valid():
            content = form.cleaned_data["file"].read()
            context["verdict"], found = checking.of_file(content, expected=paper)
            context["finding"] = found or finding
        else:
            status = 400
    return render(request, "papers/check/check.html", context, status=status)
