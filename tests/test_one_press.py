"""No press takes anything away by itself (D72): each address that takes something away asks first, on a page
or in a part of its own, by a signature, or what it took can be brought back."""

import re
from enum import StrEnum
from pathlib import Path

import pytest
from django.conf import settings

from tests.access.doors import DOORS

TEMPLATES = Path(settings.BASE_DIR) / "templates"


class Asks(StrEnum):
    PAGE = "a page of its own has the only button"
    PART = "the button lies in a folded part that says what is lost"
    SIGNATURE = "nothing is done before it is signed"
    BACK = "what was taken can be brought back on the same page"
    AGAIN = "the same page asks, and a second press takes"


# Every address that takes something away; and the template where it asks.
TAKES_AWAY = {
    "accounts:disown_phone": (Asks.PAGE, "accounts/disown_phone.html"),
    "accounts:ways": (Asks.AGAIN, "accounts/ways.html"),
    "accounts:revoke_consent": (Asks.PAGE, "accounts/revoke_consent.html"),
    "cabinet:delete_draft": (Asks.PAGE, "cabinet/delete_draft.html"),
    "cabinet:sign_withdrawal": (Asks.SIGNATURE, "cabinet/withdraw.html"),
    "in_person:delete": (Asks.PAGE, "filing/in_person/delete.html"),
    "schools:staff_of_school": (Asks.AGAIN, "schools/staff/_ends.html"),  # the present director's post
    "schools:end_post": (Asks.PAGE, "schools/staff/end.html"),
    "review:end_ground": (Asks.PAGE, "review/grounds/end.html"),
    "review:lift_protection": (Asks.PAGE, "review/lift_protection.html"),
    "cabinet:take_back_appeal": (Asks.PART, "cabinet/_appeal.html"),
    "review:delete_note": (Asks.PART, "review/_notes.html"),
    "ops:system": (Asks.PAGE, "ops/system.html"),
    "ops:sessions": (Asks.PAGE, "ops/person.html"),
    "keepers:draft": (Asks.PART, "keepers/draft.html"),
    # A file removed, replaced, turned or cut; a conclusion dropped with the mark that demanded it.
    "filing:step": (Asks.BACK, "filing/_upload.html"),
    "filing:upload": (Asks.BACK, "filing/_upload.html"),
    "in_person:page": (Asks.BACK, "filing/_upload.html"),
    "in_person:upload": (Asks.BACK, "filing/_upload.html"),
    "cabinet:supplement": (Asks.BACK, "cabinet/supplement.html"),
    "reference:schools_period_delete": (Asks.PAGE, "reference/remove.html"),
    "reference:schools_holiday_delete": (Asks.PAGE, "reference/remove.html"),
    "reference:schools_streetalias_delete": (Asks.PAGE, "reference/remove.html"),
    "reference:schools_endedplace_delete": (Asks.PAGE, "reference/remove.html"),
}
# Those that add, say, ask, or set what the same page sets otherwise.
TAKES_NOTHING = {
    "public:before", "papers:form", "papers:paper", "notifications:sms_report", "accounts:login",
    "accounts:logout", "accounts:extend", "accounts:language", "accounts:consent", "accounts:profile",
    "accounts:refresh_profile", "accounts:phone", "family:data",
    "accounts:refresh_children", "accounts:add_child", "notifications:read_all", "filing:start",
    "accounts:child_consent", "accounts:confirm_child", "accounts:renew_consent", "cabinet:contest",
    "cabinet:reapply", "cabinet:renew_papers", "filing:ask_address",
    "notifications:settings", "review:search", "review:called", "review:decide", "review:sign",
    "review:return", "review:write_note", "review:correct", "review:ask", "review:export_queue",
    "review:export_admitted", "review:order_table_again", "review:export_department", "review:remind",
    "schools:staff_of_area", "schools:staff_of_portal", "keepers:many",
    "keepers:school", "keepers:version", "keepers:request", "review:protections", "review:new_ground",
    "review:ground", "ops:room", "in_person:start", "filing:sign", "cabinet:sign_supplement",
    "review:sign_decision", "signing:complete", "signing:check", "review:carry", "review:bulk",
    "reference:schools_school_add", "reference:schools_school_change", "reference:schools_intake_add",
    "reference:schools_intake_change", "reference:schools_period_add", "reference:schools_period_change",
    "reference:schools_holiday_add", "reference:schools_holiday_change", "reference:schools_language_add",
    "reference:schools_language_change", "reference:schools_streetalias_add",
    "reference:schools_endedplace_add", "reference:schools_endedplace_change",
    "cabinet:appeal", "review:pass_appeal", "review:answer_appeal", "notifications:opening", "ops:queue",
    "ops:systems", "ops:season", "ops:orders",
}  # fmt: skip


def test_each_address_that_is_posted_to_says_whether_it_takes_anything_away() -> None:
    posted = {door.name for door in DOORS if door.post is not None}

    assert posted == TAKES_AWAY.keys() | TAKES_NOTHING
    assert not TAKES_AWAY.keys() & TAKES_NOTHING


@pytest.mark.rule("D72")
@pytest.mark.parametrize("name", TAKES_AWAY)
def test_it_asks_before_it_takes(name: str) -> None:
    asks, template = TAKES_AWAY[name]
    page = (TEMPLATES / template).read_text()
    forms = re.compile(rf"""<form[^>]*action="{{% url '{name}'""")
    elsewhere = [one for one in TEMPLATES.rglob("*.html") if one != TEMPLATES / template]

    assert not any(forms.search(one.read_text()) for one in elsewhere)
    if asks is Asks.PAGE:
        assert "<form" in page and not forms.search(page)  # it posts to where it stands
    elif asks is Asks.PART:
        parts = re.findall(r"<details.*?</details>", page, re.DOTALL)
        assert any("button--danger" in part and "<p>" in part for part in parts)
        assert "button--danger" not in re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    elif asks is Asks.SIGNATURE:
        assert forms.search(page)
    elif asks is Asks.AGAIN:
        assert 'name="remove_yes"' in page
    else:
        assert 'name="bring_back"' in page


# Buttons of pictures that have been chosen and not sent: what is in the browser alone is somebody's work too.
TAKES_PICTURES = {"cancel", "drop"}  # brought back in tests/browser/test_scripts.py
TAKES_NO_PICTURE = {
    "turn", "closer", "farther", "left", "right", "up", "down", "middle", "send", "more", "earlier", "back",
}  # fmt: skip


def test_each_button_of_chosen_pictures_says_whether_it_takes_any() -> None:
    pages = "".join(path.read_text() for path in TEMPLATES.rglob("*.html"))

    assert set(re.findall(r'data-oqu-do="(\w+)"', pages)) == TAKES_PICTURES | TAKES_NO_PICTURE
