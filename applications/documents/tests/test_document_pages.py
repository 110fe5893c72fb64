"""Step 3 (R84-R91, D6, D9-D11): cards, uploads, the term, the ticks; nothing uploaded is asked for twice."""

import itertools
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications.documents import keeping, medical
from applications.filing import wizard
from applications.filing.tests.wizard_cast import file, jpeg, pdf, step, text
from applications.filing.views.documents import UPLOADS
from applications.models import Application, Document, DocumentKind, DocumentSource, FetchState
from applications.status import Status
from notifications import queue

TICKS = {"data_correct": "on", "external_data": "on"}
LIMIT = 5 * 1024 * 1024


@pytest.fixture
def draft(make_application) -> Application:
    """Steps 1 and 2 are passed."""
    return make_application()


@pytest.fixture
def special(make_application) -> Application:
    return make_application(special_needs=True)


def put(draft: Application, kind: DocumentKind, now: datetime, **more) -> Document:
    return keeping.store(draft, kind=kind, upload=file("a.pdf", pdf()), now=now, **more)


def put_all(draft: Application, now: datetime) -> None:
    for kind in (DocumentKind.PHOTO, DocumentKind.F065, DocumentKind.F052_2):
        put(draft, kind, now)


def upload(client: Client, draft: Application, slot: str, **fields):
    path = reverse("filing:upload", args=[draft.public_id, slot])
    return client.post(path, fields, headers={"accept": "application/json"})


def answer_fetches(draft: Application, state: FetchState, now: datetime) -> None:
    medical.request(draft, now=now - timedelta(minutes=1))
    draft.fetches.update(state=state)


# --- the page ----------------------------------------------------------------------------------------
@pytest.mark.rule("R86", "R87")
def test_first_visit_asks_for_the_medical_papers_and_waits(at_home: Client, draft: Application) -> None:
    answer = at_home.get(step(draft, "documents"))

    assert answer["Refresh"] == "2"
    assert draft.fetches.count() == 2
    assert "Күтпей жалғастыру" in text(answer)


@pytest.mark.rule("R86", "R89")
def test_page_offers_an_upload_after_ten_seconds(
    at_home: Client, draft: Application, now: datetime, clock
) -> None:
    at_home.get(step(draft, "documents"))
    clock.move_to(now + timedelta(seconds=10))

    answer = at_home.get(step(draft, "documents"))

    page = text(answer)
    assert "Refresh" not in answer
    assert page.count(">Тексерілуде<") == 2
    assert "сұрату өздігінен жалғасады" in page
    assert "Басқа файлды жүктеу" in page


def test_impatient_parent_does_not_wait(at_home: Client, draft: Application) -> None:
    answer = at_home.get(step(draft, "documents"), {"nowait": "1"})

    assert "Refresh" not in answer
    assert 'name="photo"' in text(answer)


@pytest.mark.rule("R84", "R85", "R89")
def test_page_lists_the_papers_and_the_formats(at_home: Client, draft: Application, now: datetime) -> None:
    answer_fetches(draft, FetchState.MISSING, now)

    page = text(at_home.get(step(draft, "documents")))

    assert "3×4 см өлшеміндегі екі фотосурет" in page
    assert "№ 065/у нысанды профилактикалық екпелердің картасы" in page
    assert "«052-2/у» нысандағы «Бала денсаулығы паспорты»" in page
    assert "PDF, JPG немесе JPEG. Әр файлдың көлемі 5 МБ-тан аспауы тиіс." in page
    assert "Медициналық жүйеде бұл құжат табылмады." in page
    assert 'name="pmpc"' not in page
    assert 'accept="application/pdf,image/jpeg,.pdf,.jpg,.jpeg"' in page
    assert "capture" not in page


@pytest.mark.rule("R86", "R87")
def test_fetched_paper_names_its_source_and_time(at_home: Client, draft: Application, now: datetime) -> None:
    answer_fetches(draft, FetchState.MISSING, now)
    keeping.store_fetched(draft, kind=DocumentKind.F065, content=pdf(), origin="№5 емхана", now=now)

    page = text(at_home.get(step(draft, "documents")))

    assert ">Автоматты түрде жүктелді<" in page
    assert "Дереккөзі: №5 емхана. Алынған уақыты: 10.06.2026 11:00." in page


def test_dead_medical_system_is_told_and_does_not_stop(
    at_home: Client, draft: Application, now: datetime
) -> None:
    answer_fetches(draft, FetchState.FAILED, now)

    page = text(at_home.get(step(draft, "documents")))

    assert page.count("Медициналық жүйе жауап бермей тұр.") == 2
    assert 'name="f065"' in page


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (FetchState.FAILED, "Медициналық жүйе жауап бермеді. Құжатты емханадан алып, өзіңіз жүктеңіз."),
        (
            FetchState.FOUND,
            "Автоматты түрде алынған файл алып тасталды. Оны қайта сұратыңыз немесе басқа файл жүктеңіз.",
        ),
    ],
)
def test_ended_request_promises_nothing(
    at_home: Client, draft: Application, now: datetime, state: FetchState, sentence: str
) -> None:
    answer_fetches(draft, state, now)
    draft.fetches.update(attempts=queue.MAX_TRIES)

    page = text(at_home.get(step(draft, "documents")))

    assert page.count(sentence) == 2
    assert "өздігінен" not in page


# --- «Келесі» ----------------------------------------------------------------------------------------
@pytest.mark.rule("R85", "R86", "R91", "D11")
def test_next_uploads_what_was_chosen_and_goes_to_the_review(
    at_home: Client, draft: Application, now: datetime
) -> None:
    chosen = {"photo": file("p.jpg", jpeg()), "f065": file("a.pdf", pdf()), "f052_2": file("b.pdf", pdf())}

    answer = at_home.post(step(draft, "documents"), TICKS | chosen)

    draft.refresh_from_db()
    assert answer["Location"] == step(draft, "review")
    assert {one.kind for one in draft.documents.all()} == {"PHOTO", "F065", "F052_2"}
    assert (draft.data_correct_at, draft.external_data_at, draft.step3_at) == (now, now, now)
    assert draft.ticks_version == wizard.TICKS_VERSION


@pytest.mark.rule("R91")
@pytest.mark.parametrize("tick", ["data_correct_at", "external_data_at"])
def test_nothing_is_filed_without_both_ticks(make_application: Callable, tick: str) -> None:
    with pytest.raises(IntegrityError, match="filed_application_is_complete"):
        make_application(Status.IN_REVIEW, **{tick: None})


@pytest.mark.rule("R85", "R91")
def test_everything_missing_is_named_at_its_place(at_home: Client, draft: Application) -> None:
    answer = at_home.post(step(draft, "documents"), {})

    page = text(answer)
    assert answer.status_code == 400
    for sentence, target in [
        ("Баланың 3×4 см фотосуретін жүктеңіз.", "id_photo"),
        ("№ 065/у нысанды профилактикалық екпелердің картасын жүктеңіз.", "id_f065"),
        ("«052-2/у» нысандағы «Бала денсаулығы паспортын» жүктеңіз.", "id_f052_2"),
        ("Деректердің дұрыстығын растайтын белгіні қойыңыз.", "id_data_correct"),
        ("Сыртқы жүйелерден дербес деректерді алуға келісім беретін белгіні қойыңыз.", "id_external_data"),
    ]:
        assert page.count(sentence) == 2
        assert f'href="#{target}"' in page
    draft.refresh_from_db()
    assert draft.step3_at is None


@pytest.mark.rule("R91")
@pytest.mark.parametrize("tick", ["data_correct", "external_data"])
def test_one_tick_is_not_enough_and_is_kept(
    at_home: Client, draft: Application, now: datetime, tick: str
) -> None:
    put_all(draft, now)

    answer = at_home.post(step(draft, "documents"), {tick: "on"})

    draft.refresh_from_db()
    assert answer.status_code == 400
    assert getattr(draft, f"{tick}_at") == now
    assert at_home.get(step(draft, "review"))["Location"] == step(draft, "documents")


@pytest.mark.rule("D11")
def test_tick_taken_away_is_forgotten_and_one_that_stands_keeps_its_time(
    at_home: Client, draft: Application, now: datetime, clock
) -> None:
    put_all(draft, now)
    at_home.post(step(draft, "documents"), TICKS)
    clock.move_to(now + timedelta(minutes=5))

    at_home.post(step(draft, "documents"), {"data_correct": "on"})

    draft.refresh_from_db()
    assert (draft.data_correct_at, draft.external_data_at) == (now, None)


def test_good_files_are_kept_beside_a_bad_one(at_home: Client, draft: Application) -> None:
    chosen = {"photo": file("p.heic", jpeg()), "f065": file("a.pdf", pdf())}

    answer = at_home.post(step(draft, "documents"), TICKS | chosen)

    page = text(answer)
    assert [one.kind for one in draft.documents.all()] == ["F065"]
    assert page.count("Файл PDF, JPG немесе JPEG форматында болуы тиіс.") == 2
    assert ">Қайта жүктеңіз<" in page
    assert "Баланың 3×4 см фотосуретін жүктеңіз." not in page  # one fault is enough


def test_save_button_of_a_card_keeps_everything_and_stays(at_home: Client, draft: Application) -> None:
    chosen = {"photo": file("p.jpg", jpeg()), "f065": file("a.pdf", pdf()), "save": "photo"}

    answer = at_home.post(step(draft, "documents"), chosen | {"data_correct": "on"})

    draft.refresh_from_db()
    assert answer["Location"] == step(draft, "documents")
    assert draft.documents.count() == 2
    assert draft.data_correct_at is not None


@pytest.mark.rule("R89", "D9")
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.jpg", b"", "Таңдалған файл бос."),
        ("a.jpg", jpeg() + b"\0" * LIMIT, "Файл көлемі 5 МБ-тан аспауы тиіс."),
        ("a.png", jpeg(), "Файл PDF, JPG немесе JPEG форматында болуы тиіс."),
        ("a.jpg", b"\x89PNG" * 9, "Файлдың мазмұны оның атауына сәйкес келмейді."),
        ("a.jpg", b"\0\0\0\x18ftypheic" + b"\0" * 99, "Бұл — HEIC форматындағы сурет"),
        ("a.jpg", jpeg(800, 800)[:900], "Файл бүлінген, оны ашу мүмкін емес."),
        ("a.pdf", pdf(pages=51), "Файлда 50 беттен артық болмауы тиіс."),
    ],
)
def test_each_fault_has_its_sentence_and_leaves_the_other_papers(
    at_home: Client, draft: Application, now: datetime, name: str, content: bytes, sentence: str
) -> None:
    put(draft, DocumentKind.F065, now)

    page = text(at_home.post(step(draft, "documents"), {"photo": file(name, content), "save": "photo"}))

    seen = re.sub(r"<[^>]*>", " ", page)  # the script's own sentences stand in attributes
    assert seen.count(sentence) == 2
    assert [one.kind for one in draft.documents.all()] == ["F065"]
    assert (
        at_home.post(step(draft, "documents"), {"photo": file("p.jpg", jpeg()), "save": "photo"}).status_code
        == 302
    )


@pytest.mark.rule("D6")
def test_odd_photo_is_warned_about_and_passes(at_home: Client, draft: Application, now: datetime) -> None:
    put_all(draft, now)

    answer = at_home.post(step(draft, "documents"), TICKS | {"photo": file("p.jpg", jpeg(100, 100))})

    assert answer["Location"] == step(draft, "review")
    page = text(at_home.get(step(draft, "documents")))
    assert "Фотосуреттің пішіні 3×4 емес" in page
    assert "Фотосурет тым кішкентай" in page


@pytest.mark.rule("D6")
def test_setting_may_demand_two_photos(at_home: Client, draft: Application, now: datetime, settings) -> None:
    settings.PHOTO_MIN_FILES = 2
    put_all(draft, now)

    page = text(at_home.post(step(draft, "documents"), TICKS))
    answer = at_home.post(step(draft, "documents"), TICKS | {"photo_2": file("p.jpg", jpeg())})

    assert "Баланың екінші 3×4 см фотосуретін жүктеңіз." in page
    assert answer["Location"] == step(draft, "review")


# --- the PMPC conclusion -----------------------------------------------------------------------------
@pytest.mark.rule("R62", "R88", "R90", "R195a")
def test_special_needs_demand_the_conclusion_with_its_term(
    at_home: Client, special: Application, now: datetime
) -> None:
    put_all(special, now)

    page = text(at_home.post(step(special, "documents"), TICKS))
    answer = at_home.post(
        step(special, "documents"), TICKS | {"pmpc": file("c.pdf", pdf()), "valid_until": "31.05.2028"}
    )

    assert "ПМПК анықтамасын жүктеңіз: онсыз өтінім жіберілмейді." in page
    assert "ПМПК анықтамасының қолданылу мерзімін көрсетіңіз." in page
    assert answer["Location"] == step(special, "review")
    assert special.documents.get(kind=DocumentKind.PMPC).valid_until == date(2028, 5, 31)


@pytest.mark.rule("R90", "D10")
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("09.06.2026", "ПМПК анықтамасының мерзімі өтіп кеткен."),
        ("11.06.2038", "мерзім 12 жылдан аспауы тиіс"),
        ("31.02.2027", "Күнді КК.АА.ЖЖЖЖ түрінде жазыңыз."),
        ("кейін", "Күнді КК.АА.ЖЖЖЖ түрінде жазыңыз."),
        ("", "Алдымен мерзімін көрсетіп, файлды қайта таңдаңыз."),
    ],
)
def test_wrong_term_is_refused_and_kept(
    at_home: Client, special: Application, typed: str, sentence: str
) -> None:
    answer = at_home.post(
        step(special, "documents"), {"pmpc": file("c.pdf", pdf()), "valid_until": typed, "save": "pmpc"}
    )

    page = text(answer)
    assert page.count(sentence) == 2
    assert f'value="{typed}"' in page or not typed
    assert not special.documents.exists()


@pytest.mark.rule("D10")
@pytest.mark.parametrize("typed", ["10.06.2026", "10.06.2038", "2028-05-31", "31/05/2028"])
def test_term_may_be_today_and_up_to_twelve_years(at_home: Client, special: Application, typed: str) -> None:
    answer = at_home.post(
        step(special, "documents"), {"pmpc": file("c.pdf", pdf()), "valid_until": typed, "save": "pmpc"}
    )

    assert answer.status_code == 302


@pytest.mark.rule("D10")
def test_term_before_september_is_warned_about(at_home: Client, special: Application, now: datetime) -> None:
    put(special, DocumentKind.PMPC, now, valid_until=date(2026, 8, 1))

    assert "мерзімі 1 қыркүйекке дейін аяқталады" in text(
        at_home.get(step(special, "documents") + "?nowait=1")
    )


def test_term_is_changed_without_a_new_file(at_home: Client, special: Application, now: datetime) -> None:
    put(special, DocumentKind.PMPC, now, valid_until=date(2027, 1, 1))

    at_home.post(step(special, "documents"), {"valid_until": "31.05.2028", "save": "pmpc"})

    assert special.documents.get().valid_until == date(2028, 5, 31)


@pytest.mark.rule("R88")
def test_conclusion_is_not_taken_without_the_mark(at_home: Client, draft: Application) -> None:
    fields = {"pmpc": file("c.pdf", pdf()), "valid_until": "31.05.2028"}

    assert upload(at_home, draft, "pmpc", **fields).status_code == 404
    at_home.post(step(draft, "documents"), fields | {"save": "pmpc"})

    assert not draft.documents.exists()


# --- one file at a time ------------------------------------------------------------------------------
@pytest.mark.rule("R89")
def test_script_uploads_one_file_and_gets_its_card_back(at_home: Client, draft: Application) -> None:
    answer = upload(at_home, draft, "f065", f065=file("карта.pdf", pdf()))

    told = answer.json()
    assert (answer.status_code, told["stored"]) == (200, True)
    assert "Жүктелді" in told["html"]
    assert "карта.pdf" in told["html"]
    assert draft.documents.get().kind == DocumentKind.F065


def test_script_is_told_what_is_wrong_with_the_file(at_home: Client, draft: Application) -> None:
    answer = upload(at_home, draft, "f065", f065=file("a.exe", b"MZ"))

    assert (answer.status_code, answer.json()["stored"]) == (400, False)
    assert "Файл PDF, JPG немесе JPEG форматында болуы тиіс." in answer.json()["html"]


def test_upload_without_a_file_says_so(at_home: Client, draft: Application) -> None:
    answer = upload(at_home, draft, "f065")

    assert answer.status_code == 400
    assert "Файлды таңдаңыз." in answer.json()["html"]


def test_name_of_a_file_cannot_become_markup(at_home: Client, draft: Application) -> None:
    html = upload(at_home, draft, "f065", f065=file('"><img src=x onerror=alert(1)>.pdf', pdf())).json()[
        "html"
    ]

    assert "<img src=x" not in html


def test_upload_does_not_pass_the_step_or_touch_the_ticks(at_home: Client, draft: Application) -> None:
    upload(at_home, draft, "f065", f065=file("a.pdf", pdf()), data_correct="on")

    draft.refresh_from_db()
    assert (draft.step3_at, draft.data_correct_at) == (None, None)


@pytest.mark.parametrize("slot", ["scan", "nonsense"])
def test_unknown_place_is_not_found(at_home: Client, draft: Application, slot: str) -> None:
    assert upload(at_home, draft, slot).status_code == 404


def test_signed_application_takes_no_upload(at_home: Client, make_application) -> None:
    filed = make_application(Status.IN_REVIEW)

    assert upload(at_home, filed, "f065", f065=file("a.pdf", pdf())).status_code == 409
    assert not filed.documents.exists()


def test_signed_out_script_learns_it(client: Client, draft: Application, clock) -> None:
    assert upload(client, draft, "f065", f065=file("a.pdf", pdf())).status_code == 401


# --- the files themselves ----------------------------------------------------------------------------
def test_own_file_is_served_and_removed(at_home: Client, draft: Application, now: datetime) -> None:
    document = put(draft, DocumentKind.F065, now)
    path = reverse("filing:document", args=[draft.public_id, document.public_id])

    answer = at_home.get(path)
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert b"".join(answer).startswith(b"%PDF-")

    page = step(draft, "documents") + "?back=review"
    asked = at_home.post(page, {"remove": str(document.public_id), "data_correct": "on"})
    assert asked["Location"] == f"{page}&remove={document.public_id}#f065-title"
    draft.refresh_from_db()
    assert draft.data_correct_at is not None  # what else was answered is kept
    question = text(at_home.get(asked["Location"]))
    assert "Осы файлды алып тастау керек пе?" in question and f'href="{page}"' in question
    assert at_home.get(path).status_code == 200  # one press takes nothing away

    gone = at_home.post(page, {"remove_yes": str(document.public_id), "data_correct": "on"})
    assert gone["Location"] == page
    assert at_home.get(path).status_code == 404


def test_question_about_a_file_demands_nothing_of_the_others(
    at_home: Client, draft: Application, now: datetime
) -> None:
    document = put(draft, DocumentKind.F065, now)
    chosen = {"photo": file("p.jpg", b"no picture"), "remove": str(document.public_id)}

    page = text(at_home.post(step(draft, "documents"), chosen))

    assert page.count("document--error") == 1  # of the photo alone
    assert draft.documents.filter(pk=document.pk).exists()


def test_what_came_by_itself_and_was_taken_away_comes_again(
    at_home: Client, draft: Application, now: datetime
) -> None:
    page = step(draft, "documents")
    answer_fetches(draft, FetchState.FOUND, now)
    document = put(draft, DocumentKind.F065, now)
    draft.documents.update(source=DocumentSource.AUTO)
    at_home.post(page, {"fetch": "F065"})  # it is there
    assert set(draft.fetches.values_list("state", flat=True)) == {FetchState.FOUND}

    question = text(at_home.get(page, {"remove": str(document.public_id)}))
    assert "Ол медициналық жүйеден өзі келген." in question
    at_home.post(page, {"remove_yes": str(document.public_id)})
    assert 'name="fetch" value="F065"' in text(at_home.get(page, {"nowait": "1"}))
    for button, word in itertools.product(
        ("fetch", "remove", "remove_yes", "bring_back", "turn", "crop"), ("nonsense", "\0", "")
    ):
        assert at_home.post(page, {button: word}).status_code in (200, 302)
    assert set(draft.fetches.values_list("state", flat=True)) == {FetchState.FOUND}
    at_home.post(page, {"fetch": "F065", "data_correct": "on"})

    states = dict(draft.fetches.values_list("kind", "state"))
    assert states == {"F065": FetchState.WAITING, "F052_2": FetchState.FOUND}
    draft.refresh_from_db()
    assert draft.data_correct_at is not None


def test_spoiled_file_is_told_with_the_way_out(at_home: Client, draft: Application, now: datetime) -> None:
    document = put(draft, DocumentKind.F065, now)
    path = reverse("filing:document", args=[draft.public_id, document.public_id])
    default_storage.delete(str(document.file.name))

    answer = at_home.get(path)

    assert answer.status_code == 503
    assert "файлды «Құжаттар» бетінде қайта жүктеңіз" in text(answer)
    put(draft, DocumentKind.F065, now)
    document = draft.documents.get()
    assert at_home.get(path).status_code == 404  # a new file has an address of its own
    path = reverse("filing:document", args=[draft.public_id, document.public_id])
    assert b"".join(at_home.get(path)).startswith(b"%PDF-")


def test_foreign_file_is_not_found(
    client: Client, stranger: User, draft: Application, now: datetime, clock
) -> None:
    document = put(draft, DocumentKind.F065, now)
    client.force_login(stranger)
    path = reverse("filing:document", args=[draft.public_id, document.public_id])

    assert client.get(path).status_code == 404
    assert client.post(step(draft, "documents"), {"remove_yes": str(document.public_id)}).status_code == 404
    assert upload(client, draft, "f065", f065=file("a.pdf", pdf())).status_code == 404
    assert draft.documents.get() == document


def test_file_of_another_application_is_not_removed_from_this_one(
    at_home: Client, draft: Application, make_application, parent: User, child, now: datetime
) -> None:
    other = put(make_application(year=2027), DocumentKind.F065, now)

    at_home.post(step(draft, "documents"), {"remove": str(other.public_id)})
    at_home.post(step(draft, "documents"), {"remove_yes": str(other.public_id)})
    at_home.post(step(draft, "documents"), {"remove": "nonsense"})
    at_home.get(step(draft, "documents"), {"remove": "nonsense"})

    assert default_storage.exists(str(other.file.name))


def test_file_of_another_own_application_does_not_answer_under_this_one(
    at_home: Client, draft: Application, make_application, now: datetime
) -> None:
    document = put(draft, DocumentKind.F065, now)
    other = make_application(Status.WITHDRAWN)

    assert (
        at_home.get(reverse("filing:document", args=[other.public_id, document.public_id])).status_code == 404
    )


def test_page_speaks_russian(at_home: Client, special: Application) -> None:
    at_home.cookies["lang"] = "ru"

    assert '<html lang="ru">' in text(at_home.get(step(special, "documents") + "?nowait=1"))


def test_who_uploads_too_often_is_told_to_wait_and_loses_nothing(
    at_home: Client, draft: Application, now: datetime
) -> None:
    kept = put(draft, DocumentKind.F065, now)
    many = UPLOADS // 2 - 1  # each shot counts, as each turn does
    for _ in range(2):
        assert (
            upload(at_home, draft, "f065", f065=[file("a.jpg", b"") for _ in range(many)]).status_code == 400
        )
    assert upload(at_home, draft, "f065").status_code == 400  # nothing chosen
    assert at_home.post(step(draft, "documents"), {"turn": "none"}).status_code == 302

    answer = upload(at_home, draft, "f065", f065=file("b.pdf", pdf()))

    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert at_home.post(step(draft, "documents"), {"crop": str(kept.public_id)}).status_code == 429
    assert at_home.post(step(draft, "documents"), {"data_correct": "on", "save": ""}).status_code == 302
    assert draft.documents.get().public_id == kept.public_id


@pytest.mark.rule("D71", "D72")
def test_page_turns_cuts_joins_and_brings_back(at_home: Client, draft: Application, now: datetime) -> None:
    """All of it by buttons of the one form, without a script."""
    page = step(draft, "documents")
    photo = keeping.store(draft, kind=DocumentKind.PHOTO, upload=file("p.jpg", jpeg(600, 400)), now=now)
    shown = text(at_home.get(page, {"nowait": "1"}))
    assert 'name="crop"' in shown
    form = shown.partition("data-oqu-upload-form")[2]
    assert form.partition("<button ")[2].startswith('name="save" value="" hidden>')  # what Enter presses

    assert "Сурет бұрылды." in text(at_home.post(page, {"turn": str(photo.public_id)}, follow=True))
    turned = draft.documents.get()
    assert (turned.width, turned.height) == (400, 600)
    at_home.post(page, {"crop": str(turned.public_id)})
    shown = text(at_home.get(page, {"nowait": "1"}))
    assert "Сурет 3×4 пішініне келтірілді." in shown
    assert (draft.documents.get().width, draft.documents.get().height) == (400, 533)
    assert 'name="crop"' not in shown and 'name="bring_back"' in shown and "Бұрынғы файл: p.jpg." in shown
    at_home.post(page, {"turn": str(photo.public_id), "data_correct": "on"})  # of an older window: gone
    key = str(draft.removed_documents.get().pk)
    assert f'value="{key}"' in shown.partition('name="bring_back"')[2][:40]
    answer = at_home.post(page, {"bring_back": key}, follow=True)
    assert "Файл орнына қайтарылды." in text(answer)
    again = at_home.post(page, {"bring_back": key}, follow=True)  # of an older window: another waits there
    assert "Файл орнына қайтарылды." not in text(again)
    assert draft.documents.get().sha256 == turned.sha256

    shots = [file("a.jpg", jpeg(30, 40)), file("b.jpg", b"\xff\xd8\xffnone")]
    answer = upload(at_home, draft, "f065", f065=shots)
    assert "2-сурет: Файл бүлінген" in answer.json()["html"]
    shots = [file("a.jpg", jpeg(30, 40)), file("b.jpg", jpeg(30, 40))]
    assert "a.jpg (+1)" in upload(at_home, draft, "f065", f065=shots).json()["html"]
    two = upload(at_home, draft, "photo", photo=[file("a.jpg", jpeg()), file("b.jpg", jpeg())])
    assert "b.jpg," in two.json()["html"]  # of a photo one
