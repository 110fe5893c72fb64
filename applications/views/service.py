"""Public pages: home, the service page, the schedule and the questions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "service/home.html")


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "service/service.html")


@require_GET
def schedule(request: HttpRequest) -> HttpResponse:
    return render(request, "service/schedule.html")


@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    return render(request, "service/questions.html")
