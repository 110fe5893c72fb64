"""Public check of a paper (R95): anyone, without signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def form(request: HttpRequest) -> HttpResponse:
    return render(request, "verify/form.html")


def paper(request: HttpRequest, token: str) -> HttpResponse:
    return render(request, "verify/paper.html", {"token": token})
