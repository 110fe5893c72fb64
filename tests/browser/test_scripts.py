"""Scripts on pages that lack what they look for: they step aside and break nothing."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, Route, expect

pytestmark = pytest.mark.browser

SCRIPTS = Path(settings.BASE_DIR) / "static" / "js"
IMPORT = 'import "./packed.js";'
ONE_TICK = """<form data-oqu-upload-form><input type="checkbox" name="data_correct">
<button data-oqu-ticks>Next</button></form>"""
LISTS = """<form data-oqu-cascade><select id="id_region"><option>1<option>2</select>
<div data-oqu-refresh><button type="button">Refresh</button></div></form>
<input type="checkbox" id="other"><div data-oqu-when="other">Fields</div>"""


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page of no address: its storage is off, as a browser's settings may have it."""
    page = chromium.new_page()
    yield page
    page.close()


def run(page: Page, script: str, *, on: str) -> list[str]:
    """Its uncaught errors, to be read when it has done its work: a module runs some time later."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content(on)
    load(page, script)
    return errors


def load(page: Page, script: str) -> None:
    """With what it imports, in one: a page of no address has nowhere to ask for it."""
    own = (SCRIPTS / script).read_text().replace(IMPORT, (SCRIPTS / "packed.js").read_text())
    page.add_script_tag(content=own, type="module")


def test_upload_watches_the_one_tick_of_a_paper_application(page: Page) -> None:
    errors = run(page, "upload.js", on=ONE_TICK)
    button = page.locator("[data-oqu-ticks]")
    expect(button).to_have_attribute("aria-disabled", "true")

    page.locator("input").check()

    expect(button).to_have_attribute("aria-disabled", "false")
    assert errors == []


def test_scripts_of_a_page_come_after_that_of_all_pages_and_in_their_order(page: Page) -> None:
    def answer(route: Route) -> None:
        name = route.request.url[-1]
        route.fulfill(content_type="text/javascript", body=f"document.body.append('{name}')")

    page.route("http://nowhere.test/*", answer)
    later = '<script type="module" data-oqu-src="http://nowhere.test/{}"></script>'
    errors = run(page, "portal.js", on="".join(map(later.format, "abc")))

    page.wait_for_function("document.body.textContent.includes('c')")
    assert page.inner_text("body").split() == ["abc"]
    assert errors == []


def test_lists_do_without_storage(page: Page) -> None:
    errors = run(page, "cascade.js", on=LISTS)

    expect(page.locator("[data-oqu-when]")).to_be_hidden()
    assert errors == []


@pytest.mark.parametrize("lost", ["packed.js", "portal.js"])
def test_way_of_signing_is_chosen_though_a_script_has_not_come(page: Page, lost: str) -> None:
    """On a bad line one file of several is lost: what the window needs comes with its script, or neither."""
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    names = ("packed.js", "portal.js", "signing.js")
    tags = "".join(f'<script type="module" src="/{name}"></script>' for name in names)
    whole = f"<!DOCTYPE html>{render_to_string('signing/_ways.html')}{tags}"

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        if name in names and name != lost:
            route.fulfill(path=SCRIPTS / name, content_type="text/javascript")
        elif name:
            route.abort()
        else:
            route.fulfill(body=whole, content_type="text/html; charset=utf-8")

    page.route("**/*", answer)
    page.goto("http://portal.test/")  # until its modules have run

    for way in page.get_by_role("link").all():
        expect(way).to_be_visible()
    assert page.get_by_role("link").count() == 2
    assert page.get_by_role("button", name="Жабу").count() == (lost == "portal.js")
    assert errors == []


SENT = """async () => Promise.all([...document.querySelector("input").files].map(async (file) => {
  const picture = await createImageBitmap(file).catch(() => ({}));
  return [file.name, picture.width, picture.height];
}))"""
NAMES = """() => [...document.querySelector("input").files].map((file) => file.name)"""
HELD = """() => {
  const made = window.createImageBitmap;
  const gate = () => new Promise((go) => { window.go = go; });
  window.createImageBitmap = async (...what) => { await gate(); return made(...what); };
}"""
COUNT = """() => document.querySelector("input").addEventListener("change", () => {
  document.body.dataset.sent = Number(document.body.dataset.sent ?? 0) + 1;
})"""


def choosing(page: Page, script: str, kind: str) -> list[str]:
    """A card of the documents' page with its script alone: what the script lets through is counted."""
    card = f'<div data-oqu-upload {kind}><input type="file" multiple></div>'
    errors = run(page, "portal.js", on=f"<form>{card}</form>{render_to_string('filing/_pictures.html')}")
    load(page, script)
    page.evaluate(COUNT)
    return errors


def shot(name: str, width: int, height: int, shade: int = 40) -> FilePayload:
    out = io.BytesIO()
    grain = Image.effect_noise((width, height), 30).point(lambda grey: min(255, max(0, grey - 128 + shade)))
    grain.convert("RGB").save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def large(name: str) -> FilePayload:
    """So many bytes that it is made smaller."""
    made = shot(name, 31, 40)
    return {**made, "buffer": made["buffer"] + bytes(1_000_000)}


def choose(page: Page, *files: FilePayload) -> None:
    page.locator("input").set_input_files(list(files))


def sent(page: Page, *, times: int) -> Any:
    """The files that the field holds when its change is let through."""
    page.wait_for_function(f"document.body.dataset.sent === '{times}'")
    return page.evaluate(SENT)


DATED = """<form data-oqu-upload-form><input name="csrfmiddlewaretoken"><div data-oqu-card>
<input name="valid_until"><div data-oqu-upload="http://nowhere.test/" data-oqu-most="9" data-text-term="Term?"
data-text-failed="Failed"><input type="file" name="pmpc"></div></div>
<button data-oqu-ticks>Next</button></form>"""


@pytest.mark.rule("D10")
def test_conclusion_waits_for_its_term_and_for_its_shots(page: Page) -> None:
    errors = run(page, "upload.js", on=DATED)
    page.route("http://nowhere.test/", lambda route: route.abort())
    term, box = page.locator("[name=valid_until]"), page.locator("[data-oqu-upload]")
    page.locator("[type=file]").set_input_files(FilePayload(name="a.pdf", mimeType="", buffer=b"%PDF"))
    expect(box).to_contain_text("Term?")
    expect(term).to_be_focused()

    box.evaluate("""box => box.insertAdjacentHTML("beforeend", "<b data-oqu-do='send'></b>")""")
    term.fill("31.05.2028")
    term.blur()
    expect(box).to_contain_text("Term?")  # the shots are still being chosen
    box.locator("b").evaluate("tray => tray.remove()")
    term.fill("31.05.2029")
    term.blur()

    expect(box).to_contain_text("Failed")  # it was sent
    assert errors == []


DROP = """(names) => {
  const given = new DataTransfer();
  for (const name of names) given.items.add(new File(["x"], name));
  const said = { dataTransfer: given, bubbles: true, cancelable: true };
  return document.querySelector("label").dispatchEvent(new DragEvent("drop", said)); // false: it was taken
}"""


def test_file_can_be_dropped_where_its_field_is_out_of_sight(page: Page) -> None:
    field = '<div data-oqu-file><input type="file"><label>File</label><b data-oqu-file-name>None</b></div>'
    errors = run(page, "portal.js", on=f"<main>{field}</main>")
    page.evaluate(COUNT)

    assert page.evaluate(DROP, ["a.pdf", "b.pdf"])  # one is asked for
    assert not page.evaluate(DROP, ["a.pdf"])

    page.wait_for_function("document.body.dataset.sent === '1'")
    assert page.evaluate(NAMES) == ["a.pdf"]
    expect(page.locator("b")).to_have_text("a.pdf")
    assert errors == []


@pytest.mark.rule("D71")
def test_a_photo_is_turned_enlarged_moved_and_sent_as_it_is_seen(page: Page) -> None:
    errors = choosing(page, "crop.js", "data-photo")
    choose(page, shot("p.jpg", 1600, 1000))
    frame = page.locator(".crop__frame")
    expect(frame).to_be_focused()
    expect(page.get_by_text("Фотосурет тым қараңғы")).to_be_visible()
    expect(page.get_by_text("Суреттің сапасы жақсы")).to_be_hidden()

    page.get_by_role("button", name="Бұру").click()  # now it is 1000×1600
    frame.press("+")
    before = page.evaluate("document.querySelector('canvas').toDataURL()")
    frame.press("ArrowRight")
    assert page.evaluate("document.querySelector('canvas').toDataURL()") != before
    page.get_by_role("button", name="Осы суретті жүктеу").click()

    assert sent(page, times=1) == [["p.jpg", 869, 1159]]  # 1000 / 1.15 across, in 3×4
    expect(frame).to_have_count(0)
    page.evaluate("() => { window.createImageBitmap = () => Promise.reject(new Error('no memory')); }")
    choose(page, shot("q.jpg", 40, 30))
    page.wait_for_function("document.body.dataset.sent === '2'")  # as it was chosen: the server decides
    assert page.evaluate("document.querySelector('input').files[0].name") == "q.jpg"
    assert errors == []


@pytest.mark.rule("D71")
def test_shots_of_a_document_are_numbered_put_in_order_and_sent_together(page: Page) -> None:
    errors = choosing(page, "shots.js", "")
    choose(page, shot("a.jpg", 30, 40), shot("b.jpg", 31, 40))
    choose(page, shot("c.jpg", 32, 40))  # the camera gives one at a time
    expect(page.locator(".shots li")).to_have_count(3)
    expect(page.get_by_text("осы ретпен бір PDF-ке біріктіріледі")).to_be_visible()

    page.get_by_role("button", name="Алға жылжыту").last.click()
    page.get_by_role("button", name="Алып тастау").first.click()
    expect(page.locator(".shots li")).to_have_count(2)
    page.get_by_role("button", name="Жүктеу", exact=True).click()

    assert sent(page, times=1) == [["c.jpg", 32, 40], ["b.jpg", 31, 40]]
    choose(page, *[shot(f"{number}.jpg", 30, 40) for number in range(11)])
    expect(page.locator(".shots li")).to_have_count(10)
    expect(page.get_by_text("10 суретке дейін")).to_be_visible()
    choose(page, {"name": "d.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    expect(page.get_by_text("PDF-файлды жеке таңдаңыз")).to_be_visible()
    assert [name for name, *_size in page.evaluate(SENT)] == [f"{number}.jpg" for number in range(10)]
    expect(page.locator(".shots li")).to_have_count(10)
    page.get_by_role("button", name="Болдырмау").click()
    expect(page.locator(".shots li")).to_have_count(0)
    assert sent(page, times=2) == []
    assert errors == []


@pytest.mark.rule("D72")
def test_what_one_press_takes_of_chosen_pictures_comes_back(page: Page) -> None:
    errors = choosing(page, "shots.js", "")
    choose(page, shot("a.jpg", 30, 40), shot("b.jpg", 31, 40), shot("c.jpg", 32, 40))
    back = page.get_by_role("button", name="Алып тасталғанын қайтару")
    expect(back).to_be_hidden()
    page.get_by_role("button", name="Алып тастау").nth(1).click()
    assert page.evaluate(NAMES) == ["a.jpg", "c.jpg"]
    back.click()
    assert page.evaluate(NAMES) == ["a.jpg", "b.jpg", "c.jpg"]
    page.get_by_role("button", name="Болдырмау").click()
    expect(back).to_be_focused()
    expect(page.get_by_role("button", name="Жүктеу", exact=True)).to_be_hidden()
    assert sent(page, times=1) == []
    choose(page, shot("d.jpg", 33, 40))
    back.click()
    assert page.evaluate(NAMES) == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert errors == []

    errors = choosing(page, "crop.js", "data-photo")
    choose(page, shot("p.jpg", 300, 400))
    page.get_by_role("button", name="Болдырмау").click()
    assert page.evaluate(NAMES) == []
    page.get_by_role("button", name="Суретті қайтару").click()
    expect(page.locator(".crop__frame")).to_be_focused()
    assert page.evaluate(NAMES) == ["p.jpg"]
    expect(page.get_by_role("button", name="Суретті қайтару")).to_have_count(0)
    assert errors == []


@pytest.mark.rule("D71")
def test_field_holds_every_shot_while_one_of_them_is_made_smaller(page: Page) -> None:
    """«Келесі» may be pressed at any moment; who has cancelled is not brought back."""
    errors = choosing(page, "shots.js", "")
    page.evaluate(HELD)
    choose(page, shot("a.jpg", 30, 40))
    expect(page.locator(".shots li")).to_have_count(1)
    choose(page, large("b.jpg"))
    page.wait_for_function("() => Boolean(window.go)")
    send = page.get_by_role("button", name="Жүктеу", exact=True)
    expect(send).to_be_disabled()
    assert page.evaluate(NAMES) == ["a.jpg", "b.jpg"]
    page.evaluate("() => window.go()")
    expect(send).to_be_enabled()
    assert page.evaluate(NAMES) == ["a.jpg", "b.jpg"]

    choose(page, large("c.jpg"))
    expect(send).to_be_disabled()
    page.get_by_role("button", name="Болдырмау").click()
    page.evaluate("() => window.go()")
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert page.evaluate(NAMES) == []
    expect(page.locator(".shots li")).to_have_count(0)
    assert errors == []


@pytest.mark.rule("D71")
def test_file_chosen_after_the_shots_were_cancelled_stays(page: Page) -> None:
    """Though one of them was still being made smaller."""
    errors = choosing(page, "shots.js", "")
    page.evaluate(HELD)
    choose(page, large("a.jpg"), large("b.jpg"))
    page.wait_for_function("() => Boolean(window.go)")
    page.get_by_role("button", name="Болдырмау").click()
    choose(page, {"name": "c.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"})
    for _shot in range(2):
        page.evaluate("() => window.go()")
        page.evaluate("() => new Promise((done) => setTimeout(done, 50))")
    assert page.evaluate(NAMES) == ["c.pdf"]
    expect(page.locator(".shots")).to_have_count(0)
    assert errors == []


WALKED = """<form {mark}><select id="id_region"><option>1<option>2<option>3</select>
<div data-oqu-refresh><button name="refresh">Refresh</button></div><button id="next">Next</button></form>"""
LET_THROUGH = """() => {
  window.asked = [];
  document.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("change", ({ target }) => asked.push(target.value));
}"""


@pytest.mark.parametrize("mark", ["data-oqu-cascade", "data-oqu-residence", "data-oqu-places"])
def test_list_on_which_arrows_are_pressed_asks_when_it_is_left(page: Page, mark: str) -> None:
    """WCAG 3.2.2: an arrow changes the value at each press, and who passes by asks for nothing."""
    errors = run(page, "portal.js", on=WALKED.format(mark=mark))
    page.evaluate(LET_THROUGH)
    for keys, asked in (
        ("ArrowDown ArrowDown", []),
        ("Enter", ["3"]),
        ("Enter", ["3"]),
        ("ArrowUp Tab", ["3", "2"]),
        ("Shift+Tab ArrowDown ArrowUp Tab", ["3", "2"]),
    ):
        if keys == "ArrowDown ArrowDown":
            page.locator("select").focus()
        for key in keys.split():
            page.keyboard.press(key)
        assert page.evaluate("asked") == asked, keys
    page.locator("select").select_option("1")  # as a pointer does it
    assert page.evaluate("asked") == ["3", "2", "1"]
    assert errors == []


def test_list_that_was_walked_by_arrows_refreshes_by_its_own_button(page: Page) -> None:
    errors = run(page, "portal.js", on=WALKED.format(mark="data-oqu-cascade"))
    load(page, "cascade.js")
    page.evaluate("""() => document.addEventListener("submit", (event) => {
      event.preventDefault();
      document.body.dataset.by = event.submitter.name || event.submitter.id;
    })""")
    page.locator("select").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.body.dataset.by") is None
    page.keyboard.press("Enter")

    assert page.evaluate("document.body.dataset.by") == "refresh"
    assert errors == []


SENDING = """<form data-oqu-upload-form><input name="csrfmiddlewaretoken"><div data-oqu-card>
<div data-oqu-upload="/upload/" data-oqu-most="9" data-text-taken="Taken." data-text-often="Often."
data-text-server="Trouble." data-text-case="Case" data-text-retry="Again" data-text-lost="Lost.">
<input type="file" id="id_pmpc" name="pmpc">
</div></div>
<button data-oqu-ticks>Next</button></form><script type="module" src="/upload.js"></script>"""


@pytest.mark.rule("D75")
@pytest.mark.parametrize(
    ("status", "said"),
    [
        (413, "Taken. Case 1234\xa05678."),
        (429, "Often. Case 1234\xa05678. Again"),
        (500, "Trouble. Case 1234\xa05678. Again"),
        (503, "Trouble. Case 1234\xa05678. Again"),
        (403, None),
        (401, None),
    ],
)
def test_script_that_sends_a_file_tells_the_case_or_comes_anew(
    page: Page, status: int, said: str | None
) -> None:
    """A token of an earlier sign-in would never do: the page has to come with another one."""
    came: list[str] = []

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("test/")[2]
        came.append(name)
        if name.endswith(".js"):
            route.fulfill(path=SCRIPTS / name, content_type="text/javascript")
        elif name == "upload/":
            case = {"X-Case": "1234 5678" if status == 413 else "12345678"}  # as nginx, as the portal
            route.fulfill(status=status, body="<p>", headers=case)
        else:
            route.fulfill(body=SENDING, content_type="text/html; charset=utf-8")

    page.route("**/*", answer)
    page.goto("http://portal.test/")
    file = FilePayload(name="a.pdf", mimeType="application/pdf", buffer=b"%PDF")
    if said is None:
        with page.expect_navigation():
            page.locator("[type=file]").set_input_files(file)
        assert came.count("") == 2
        expect(page.locator("[data-oqu-status]")).to_have_text("Lost.")
        if status == 403:  # another token did not help: the page does not come anew for ever
            page.locator("[type=file]").set_input_files(file)
            expect(page.locator("[data-oqu-status]")).to_have_text("Trouble. Case 1234\xa05678. Again")
            assert came.count("") == 2
    else:
        page.locator("[type=file]").set_input_files(file)
        expect(page.locator("[data-oqu-status]")).to_have_text(said)
        assert came.count("") == 1
