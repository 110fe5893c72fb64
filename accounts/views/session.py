"""What belongs to every page: the session's end and its extension, and the language."""

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts import paths
from accounts.session import forget_whose
from accounts.visitors import LEARNED

# Pages of the signed-in are not stored anyway; this empties the rest on a shared computer.
CLEAR_SITE_DATA = '"cache", "storage"'


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def logout(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "accounts/logout.html")
    auth.logout(request)
    response = redirect("accounts:logout")
    response.headers["Clear-Site-Data"] = CLEAR_SITE_DATA
    forget_whose(response)
    return response


@require_POST
def extend(request: HttpRequest) -> HttpResponse:
    """The request itself renews the session; scripts learn for how long, a page is shown again."""
    if request.accepts("text/html"):
        return redirect(paths.page_of(request) or reverse("public:home"))
    seconds = getattr(request, "session_seconds", 0)
    return JsonResponse({"seconds": seconds}, status=200 if seconds else 401)


@csrf_exempt  # for a visitor it changes how pages read and nothing else: no cookie is worth that
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The same page in the other language; static/js/portal.js keeps what is typed on it."""
    return _own_language(request) if request.user.is_authenticated else _language(request)


def _language(request: HttpRequest) -> HttpResponse:
    page = paths.internal(request.POST.get("next")) or paths.page_of(request) or reverse("public:home")
    return spoken(request, redirect(page), request.POST.get("language", ""))


def spoken(request: HttpRequest, response: HttpResponse, chosen: str) -> HttpResponse:
    """From this answer on the portal speaks the chosen language, if it is one, and so do the person's SMS."""
    if chosen not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated and request.user.lang != chosen:
        request.user.lang = chosen
        request.user.save(update_fields=["lang"])
    if request.user.is_authenticated:
        return remember_language(response, chosen)
    if request.COOKIES.get(LEARNED):
        response.delete_cookie(LEARNED, samesite="Lax")
    return _speak(response, chosen)


_own_language = csrf_protect(_language)  # it is stored with the person, whose SMS speak it too


def chosen_language(request: HttpRequest) -> str:
    """The language that a visitor has chosen in this browser, or "". One that was learned of a person is no
    choice of the next one to sign in here, nor newer than what that person has chosen elsewhere since."""
    if request.COOKIES.get(LEARNED):
        return ""
    language = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return language if language in dict(settings.LANGUAGES) else ""


def remember_language(response: HttpResponse, language: str) -> HttpResponse:
    """This browser goes on in the language of the person, also when they have signed out."""
    _set(response, LEARNED, "1")
    return _speak(response, language)


def _speak(response: HttpResponse, language: str) -> HttpResponse:
    _set(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _set(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
