"""A form of another window after a new sign-in: its key is an old one, so it is refused, and what was typed
stands in its page again, to be sent once more (D81). Nothing of what it asks for is done.

It is believed to be ours by its key, which only a page of ours in this browser has borne, and by what the
browser says of where it comes from: another site puts nothing into anybody's form.
"""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import kept, paths, session

# The pages that give back what was typed on them (accounts/kept.py).
GIVE_BACK = frozenset({
    "accounts:add_child", "accounts:profile", "accounts:ways", "notifications:settings", "cabinet:appeal",
    "cabinet:contest", "cabinet:supplement", "filing:start", "filing:step", "in_person:start",
    "in_person:page", "review:queue", "review:application", "review:bulk", "review:appeal", "review:correct",
    "review:protections", "review:lift_protection", "review:new_ground", "review:ground",
    "schools:staff_of_school", "schools:staff_of_area", "schools:staff_of_portal", "keepers:many",
    "keepers:school", "keepers:draft", "keepers:version", "keepers:request", "ops:queue", "ops:system",
    "ops:room",
})  # fmt: skip
# Forms that stand on every page; nothing is typed in them.
OF_EVERY_PAGE = frozenset({"accounts:language", "accounts:extend", "accounts:phone"})


def lead_back(request: HttpRequest) -> HttpResponse | None:
    """To the page with what was typed in its form; None of any other form."""
    if not _says_it_is_ours(request) or not session.is_of_another_window(request):
        return None
    page, door = paths.page_of(request), resolve(request.path).view_name
    shown = resolve(page.partition("?")[0]).view_name if page else ""
    if door in OF_EVERY_PAGE and shown not in OF_EVERY_PAGE | {""}:
        messages.warning(
            request,
            _(
                "Басқа терезеде порталға қайта кірдіңіз, сондықтан бұл әрекет орындалған жоқ. Батырманы "
                "қайта басыңыз."
            ),
        )
        return redirect(page)
    if shown not in GIVE_BACK:
        return None
    if not kept.keep(request, page=page, user=request.user.pk, now=timezone.now()):
        return None
    messages.warning(
        request,
        _(
            "Басқа терезеде порталға қайта кірдіңіз, сондықтан бұл әрекет орындалған жоқ. Толтырғаныңыз "
            "төменде тұр: оны тексеріп, батырманы қайта басыңыз. Файл таңдаған болсаңыз, оны қайта таңдаңыз."
        ),
    )
    return redirect(page)


def _says_it_is_ours(request: HttpRequest) -> bool:
    """The browser's own words, which no page can forge; of a press, not of a script."""
    told = request.headers
    return (
        told.get("Origin") == f"{request.scheme}://{request.get_host()}"
        and told.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        and told.get("Sec-Fetch-Mode", "navigate") == "navigate"
        and request.accepts("text/html")
    )
