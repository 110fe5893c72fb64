"""Papers in a real browser: sent one by one, small, cut and sent again; and taken up on another device."""

from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from PIL import Image
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.conftest import Stand, Watch
from tests.browser.phone import until
from tests.browser.walk import Person, photo, send
from tests.pressing import go_on

pytestmark = pytest.mark.browser

Open = Callable[..., BrowserContext]
PHONE_PHOTO = (4000, 5333)
SENT_AT_MOST = 300_000  # bytes that may leave the phone for a 3×4 photo


def iin_of(stand: Stand, surname: str) -> str:
    people = requests.get(f"{stand.sandbox}/control/state", timeout=20).json()["people"]
    return next(one["iin"] for one in people if one["surname"] == surname and one["sim"])


def big_photo(folder: Path) -> Path:
    """As a phone takes it: some megabytes."""
    path = folder / "phone.jpg"
    shades, grain = Image.radial_gradient("L").resize(PHONE_PHOTO), Image.effect_noise(PHONE_PHOTO, 8)
    Image.blend(shades, grain, 0.5).convert("RGB").save(path, "JPEG", quality=90)
    assert path.stat().st_size > 3_000_000
    return path


def answering(status: int) -> Callable[[Route], None]:
    """A server in front of the portal, or the portal itself, that answers with a page of its own."""
    return lambda route: route.fulfill(status=status, body="<p>")


def card(page: Page, name: str):  # a Locator
    return page.locator(f"[data-oqu-card={name}]")


def to_documents(person: Person) -> None:
    """Steps 1 and 2, by the shortest way."""
    page = person.page
    person.sign_in(path="/children/")
    if "/consent/" in page.url:
        person.give_consent()
    person.add_child("Айша")
    person.choose_child("Айша")
    page.locator("input[name=route][value=OUTSIDE]").check()
    person.press("Келесі қадамға өту")
    choose_by_cascade(page)
    page.locator("input[name=language]").first.check()
    person.onward()
    if "transport" in page.url:
        person.onward()
    person.heading("Құжаттарды жүктеу")


def choose_by_cascade(page: Page) -> None:
    """Each list fetches the next one by itself, down to the school (R76, D31)."""
    chosen = {"region": "590000000", "district": "593600000", "okrug": "593651000", "village": "593651100"}
    for level, code in chosen.items():
        select = page.locator(f"#id_{level}")
        expect(select).to_be_visible()
        if select.input_value() != code:
            with page.expect_navigation():
                select.select_option(code)
    expect(page.locator("main")).to_contain_text("Қарақоға орта мектебі")


@pytest.mark.rule("R76", "R86", "R89", "R91", "D31")
def test_papers_are_uploaded_one_by_one(
    stand: Stand, watch: Watch, open_context: Open, tmp_path: Path
) -> None:
    parent = Person(iin_of(stand, "Нұрланова"), open_context(), stand, watch, name="uploads")
    page = parent.page
    to_documents(parent)
    until(lambda: page.reload() and page.get_by_text("Жүктеу қажет").count() == 3, "the medical system's no")
    page.locator("input[name=data_correct]").check()

    sent: list[int] = []
    page.on("request", lambda request: sent.append(_size(request)) if "/upload/" in request.url else None)
    page.locator("#id_photo").set_input_files(big_photo(tmp_path))
    parent.look("crop")
    send(card(page, "photo"))
    expect(card(page, "photo")).to_contain_text("Жүктелді")
    assert max(sent) <= SENT_AT_MOST
    expect(page.locator("input[name=data_correct]")).to_be_checked()  # nothing else was reset

    wrong = tmp_path / "wrong.pdf"
    wrong.write_text("no PDF at all")
    page.locator("#id_f065").set_input_files(wrong)
    expect(card(page, "f065")).to_contain_text("Файлдың мазмұны оның атауына сәйкес келмейді")
    parent.look("wrong-file")
    sheet = big_photo(tmp_path)
    page.locator("#id_f065").set_input_files(sheet)
    send(card(page, "f065"))
    expect(card(page, "f065")).to_contain_text("Жүктелді")
    assert max(sent) < sheet.stat().st_size  # a photographed sheet is made smaller, too
    expect(card(page, "photo")).to_contain_text("Жүктелді")

    page.route("**/f052_2/upload/", lambda route: route.abort(), times=1)  # the connection is cut
    page.locator("#id_f052_2").set_input_files(photo(tmp_path))
    send(card(page, "f052-2"))
    expect(card(page, "f052-2")).to_contain_text("айланыс үзілді")
    parent.look("cut")
    for status, said in ((503, "уақытша ақау"), (429, "Бір минуттан кейін"), (413, "тым үлкен деп")):
        page.route("**/f052_2/upload/", answering(status), times=1)
        card(page, "f052-2").get_by_role("button", name="Қайталау").click()
        expect(card(page, "f052-2")).to_contain_text(said)
    heavy = tmp_path / "heavy.pdf"
    heavy.write_bytes(b"%PDF-1.4" + b"0" * 5 * 1024 * 1024)
    asked = len(sent)
    page.locator("#id_f052_2").set_input_files(heavy)
    expect(card(page, "f052-2")).to_contain_text("5 МБ-тан аспауы тиіс")
    assert len(sent) == asked  # nothing was sent
    page.locator("#id_f052_2").set_input_files(big_photo(tmp_path))
    send(card(page, "f052-2"))
    expect(card(page, "f052-2")).to_contain_text("Жүктелді")
    parent.look("uploaded")

    other = Person(parent.iin, open_context(width="desk"), stand, watch, name="resumed")
    other.sign_in(path="/applications/")
    other.follow("Жалғастыру")
    other.heading("Құжаттарды жүктеу")
    for name in ("photo", "f065", "f052-2"):
        expect(card(other.page, name)).to_contain_text("Жүктелді")
    other.look("documents")
    ticks_open_the_way(other)
    other.heading("Тексеру және қол қою")


def ticks_open_the_way(person: Person) -> None:
    """One tick is not enough; pressed all the same, the button says which is missing (R91)."""
    page = person.page
    correct, external = (page.locator(f"input[name={name}]") for name in ("data_correct", "external_data"))
    onward = page.locator("main").get_by_role("button", name="Келесі қадамға өту")
    correct.uncheck()
    external.uncheck()
    expect(onward).to_have_attribute("aria-disabled", "true")
    correct.check()
    expect(onward).to_have_attribute("aria-disabled", "true")
    go_on(onward, force=True)
    said = page.locator("main [role=alert]")
    expect(said).to_contain_text("Сыртқы жүйелерден дербес деректерді алуға келісім беретін белгіні қойыңыз.")
    expect(said).not_to_contain_text("Деректердің дұрыстығын растайтын белгіні қойыңыз.")
    external.check()
    expect(onward).to_have_attribute("aria-disabled", "false")
    go_on(onward)


def _size(request: Request) -> int:
    return len(request.post_data_buffer or b"")
