"""The pages of a document that is asked for: the school asks, the parent uploads and goes to sign (D55)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from unittest import mock

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications import facts, lifecycle, supplements
from applications.documents import added, keeping
from applications.documents.cell import warden
from applications.documents.faults import LATER, Rejected
from applications.family import gathering
from applications.filing.tests.wizard_cast import jpeg, pdf
from applications.models import Application, Document, DocumentKind, Purpose, SigningRequest, Supplement
from applications.signing.tests.bulk_cast import REFUSAL
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from schools.models import Period
from tests.environment import undone

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D55")]

WHY = "Картада екпе беті жоқ: соңғы бетін жүктеңіз."
ASKED = {"kind": "F065", "why": WHY}


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def filed(make_application: Callable[..., Application], now: datetime) -> Application:
    Period.objects.update(asks_documents=True)
    application = complete(make_application(Status.IN_REVIEW), now=now)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    return application


def at_school(application: Application, name: str = "application") -> str:
    return reverse(f"review:{name}", args=[application.public_id])


def at_home(application: Application, name: str = "application") -> str:
    return reverse(f"cabinet:{name}", args=[application.public_id])


def text(answer: Any) -> str:
    return answer.content.decode()


def test_school_asks_and_the_parent_uploads_signs_and_is_seen(
    client: Client, filed: Application, parent: User, executor: User, now: datetime
) -> None:
    school = Client()
    school.force_login(executor)
    assert "Құжат сұрау" in text(school.get(at_school(filed)))

    asked = school.post(at_school(filed, "ask"), ASKED, follow=True)

    assert "Қарау мерзімі тоқтап тұр" in text(asked) and WHY in text(asked)
    assert 'name="why"' not in text(asked)
    assert "Құжат күтілуде" in text(school.get(reverse("review:queue")))
    client.force_login(parent)
    assert at_home(filed, "supplement") in text(client.get(at_home(filed)))
    page = text(client.get(at_home(filed, "supplement")))
    assert WHY in page and 'name="f065"' in page and 'name="photo"' not in page

    wrong = client.post(at_home(filed, "supplement"), {"f065": SimpleUploadedFile("a.pdf", b"x")})
    assert wrong.status_code == 400 and "мазмұны оның атауына сәйкес келмейді" in text(wrong)
    assert client.post(at_home(filed, "supplement")).status_code == 400
    good = SimpleUploadedFile("card.pdf", pdf(), "application/pdf")
    there = client.post(at_home(filed, "supplement"), {"f065": good}, follow=True)
    document = filed.documents.get(added=True)
    of_school = reverse("review:document", args=[filed.public_id, document.public_id])
    assert "Қол қойып, жіберу" in text(there) and school.get(of_school).status_code == 404
    assert document not in keeping.in_order(filed)

    to_sign = client.post(reverse("cabinet:sign_supplement", args=[filed.public_id]))

    request = SigningRequest.objects.get(purpose=Purpose.SUPPLEMENT)
    assert to_sign.headers["Location"] == reverse("signing:page", args=[request.batch.token])
    assert client.get(to_sign.headers["Location"]).status_code == 200
    signed = evidence_of(filed, Purpose.SUPPLEMENT, by=parent, now=now, stated=request.stated)
    lifecycle.act(signed, now=now)

    assert of_school in text(school.get(at_school(filed))) and school.get(of_school).status_code == 200
    assert "Қосып, қол қойдыңыз" in text(client.get(at_home(filed)))
    assert client.get(at_home(filed, "supplement")).headers["Location"] == at_home(filed)
    given = gathering.gather(parent, now=now).facts["applications"][0]
    assert [one["why"] for one in given["supplements"]] == [WHY]


@pytest.mark.rule("D82")
def test_document_that_another_window_has_replaced_is_shown_before_it_is_signed(
    client: Client, filed: Application, parent: User, executor: User, now: datetime
) -> None:
    supplements.ask(filed, kind=DocumentKind.F065, why=WHY, by=executor, now=now)
    client.force_login(parent)
    sign, page = reverse("cabinet:sign_supplement", args=[filed.public_id]), at_home(filed, "supplement")
    shown = []
    for content, name, mime in ((pdf(), "card.pdf", "application/pdf"), (jpeg(), "card.jpg", "image/jpeg")):
        file = SimpleUploadedFile(name, content, mime)
        there = text(client.post(page, {"f065": file}, follow=True))
        shown += re.findall(r'name="shown" value="(\w{64})"', there)

    assert client.post(sign, {"shown": shown[0]})["Location"] == page
    assert not SigningRequest.objects.exists()
    assert client.post(sign, {"shown": shown[1]})["Location"].startswith("/sign/")


@pytest.mark.rule("D71")
def test_faults_of_an_added_photo_are_said_before_it_is_signed(
    client: Client, filed: Application, parent: User, executor: User, now: datetime
) -> None:
    supplements.ask(filed, kind=DocumentKind.PHOTO, why=WHY, by=executor, now=now)
    client.force_login(parent)
    photo = SimpleUploadedFile("p.jpg", jpeg(100, 100), "image/jpeg")

    page = text(client.post(at_home(filed, "supplement"), {"photo": photo}, follow=True))

    before = page.partition("Қол қойып, жіберу")[0]
    for said in ("Фотосуреттің пішіні 3×4 емес", "Фотосурет тым кішкентай", "Фотосурет анық емес"):
        assert said in before


@pytest.mark.rule("D71", "D72")
def test_added_photo_is_cut_in_the_page_and_turned_by_the_server(
    client: Client, filed: Application, parent: User, executor: User, now: datetime, subtests: Any
) -> None:
    supplements.ask(filed, kind=DocumentKind.PHOTO, why=WHY, by=executor, now=now)
    client.force_login(parent)
    address = at_home(filed, "supplement")

    def standing() -> Document:
        return filed.documents.get(added=True)

    def turn(document: Document) -> str:
        return text(client.post(address, {"turn": str(document.public_id)}, follow=True))

    with subtests.test("the page has what step 3 has: cutting, and joining of shots"):
        page = text(client.get(address))
        assert "data-photo" in page and "data-oqu-crop" in page and "data-oqu-whole" in page
        for script in ("crop", "shots", "upload"):
            assert f"js/{script}.js" in page
        assert 'name="turn"' not in page
    client.post(address, {"photo": SimpleUploadedFile("p.jpg", jpeg(450, 600), "image/jpeg")})
    first = standing()
    with subtests.test("turned, shown as it is printed, never cut: that could not be undone"):
        page = turn(first)
        turned = standing()
        assert (turned.width, turned.height) == (600, 450) and turned.label == "p.jpg"
        assert f'value="{turned.public_id}"' in page and "3×4 емес" in page and 'name="crop"' not in page
        assert list(filed.documents.filter(added=True)) == [turned]
    with subtests.test("a page that stood open turns nothing else"):
        turn(first)
        assert standing() == turned
    with subtests.test("nor what came between the look and the press"), pytest.raises(added.Replaced):
        added.keep(filed, Document(), made_of=first, now=now)
    for fault in LATER:
        with subtests.test("what is no fault of the photo is not called one", fault=fault), undone():
            refusing = mock.Mock(side_effect=Rejected(fault))
            with mock.patch.object(warden, "examine", refusing):
                page = turn(turned)
            assert "Файлда ақау жоқ" in page and "Суретті ашу мүмкін болмады" not in page
    with subtests.test("a PDF is not turned"), undone():
        filed.documents.filter(added=True).update(mime="application/pdf")
        assert 'name="turn"' not in turn(turned)
        assert standing() == turned
    with subtests.test("after its term nothing is"):
        filed.supplements.update(until=now - timedelta(seconds=1))
        assert "мерзімі" in turn(turned)
        assert standing() == turned


@pytest.mark.rule("D72")
def test_replaced_file_is_brought_back_until_one_is_signed(
    client: Client, filed: Application, parent: User, executor: User, now: datetime, at_work: Any
) -> None:
    """In exchange for what stands there; not what was taken out of the draft once."""
    once = filed.documents.get(kind="F065").facts()
    filed.removed_documents.create(removed_at=now, **once)
    at_work.move_to(now + timedelta(minutes=1))
    asked = supplements.ask(filed, kind=DocumentKind.F065, why=WHY, by=executor, now=timezone.now())
    client.force_login(parent)
    address, files = at_home(filed, "supplement"), filed.documents.filter(added=True)

    def press(**typed: Any) -> tuple[str, bool]:
        page = text(client.post(address, typed, follow=True))
        return files.get().label, 'name="bring_back"' in page

    def waiting() -> str:
        (found,) = re.findall(r'name="bring_back"\s+value="(\d+)"', text(client.get(address)))
        return str(found)

    def upload(name: str) -> tuple[str, bool]:
        return press(f065=SimpleUploadedFile(name, pdf(), "application/pdf"))

    with TestCase.captureOnCommitCallbacks(execute=True):
        assert [upload("a.pdf"), upload("b.pdf")] == [("a.pdf", False), ("b.pdf", True)]
        first = waiting()
        assert [press(bring_back=first), press(bring_back=first)] == [("a.pdf", True)] * 2  # once
        assert press(bring_back=waiting()) == ("b.pdf", True)
        assert upload("c.pdf") == ("c.pdf", True)
        assert [press(bring_back=one) for one in (first, "x", "")] == [("c.pdf", True)] * 3
        assert press(bring_back=waiting()) == ("b.pdf", True)
    names = {str(files.get().file.name), str(filed.removed_documents.get().file.name)}
    assert len(names) == 2 and all(default_storage.exists(one) for one in names)

    with TestCase.captureOnCommitCallbacks(execute=True):
        stated = facts.stated_supplement(filed, Supplement.objects.get())
        signed = evidence_of(filed, Purpose.SUPPLEMENT, by=parent, now=timezone.now(), stated=stated)
        lifecycle.act(signed, now=timezone.now())

    asked.refresh_from_db()
    assert asked.document and asked.document.label == "b.pdf" and not filed.removed_documents.exists()
    assert [default_storage.exists(one) for one in sorted(names)].count(True) == 1


def test_where_it_is_off_there_is_no_button_and_the_address_says_so(
    client: Client, filed: Application, executor: User
) -> None:
    Period.objects.update(asks_documents=False)
    client.force_login(executor)
    assert 'name="why"' not in text(client.get(at_school(filed)))

    answer = client.post(at_school(filed, "ask"), ASKED, follow=True)

    assert "құжат сұрау қосылмаған" in text(answer) and not filed.supplements.exists()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"kind": "F065"}, "несі дұрыс емес екенін жазыңыз"),
        ({"kind": "F065", "why": "нашар"}, "Кемінде 20 таңбамен"),
        ({"why": WHY}, "Қай құжат керек екенін таңдаңыз"),
    ],
)
def test_bad_question_is_named_and_kept(
    client: Client, filed: Application, executor: User, typed: dict[str, str], said: str
) -> None:
    client.force_login(executor)

    answer = client.post(at_school(filed, "ask"), typed)

    assert answer.status_code == 400 and said in text(answer) and typed.get("why", "") in text(answer)
    assert not filed.supplements.exists()


def test_refusal_is_held_back_with_its_reason_and_its_words(
    client: Client, filed: Application, executor: User, now: datetime
) -> None:
    supplements.ask(filed, kind=DocumentKind.F065, why=WHY, by=executor, now=now)
    client.force_login(executor)

    answer = client.post(at_school(filed, "decide"), REFUSAL)

    assert "Құжатты күтіңіз" in text(answer) and REFUSAL["reason"] in text(answer)
    assert not filed.decisions.exists()


@pytest.mark.rule("R107")
@pytest.mark.parametrize("phone", ["+77011234501", ""])
def test_who_is_waited_for_is_not_told_to_wait(
    client: Client, filed: Application, parent: User, executor: User, now: datetime, at_work: Any, phone: str
) -> None:
    """Wherever a next step is told; and an SMS is promised to who has a number only."""
    User.objects.filter(pk=parent.pk).update(phone=phone)
    client.force_login(parent)
    shown = [reverse("public:home"), reverse("cabinet:applications"), at_home(filed)]

    def told() -> list[tuple[bool, ...]]:
        pages = [text(client.get(one)) for one in shown]
        words = (at_home(filed, "supplement"), "Хабарламаны күтіңіз", "кабинетке және SMS арқылы")
        return [tuple(one in page for one in words) for page in pages]

    waits = [(False, True, bool(phone))] * 3
    assert told() == waits
    asked = supplements.ask(filed, kind=DocumentKind.F065, why=WHY, by=executor, now=now)
    assert told() == [(True, False, False)] * 3
    assert all("2026 ж. 1" in text(client.get(one)).partition("Мектеп құжат сұрады")[2] for one in shown)
    at_work.move_to(asked.until + timedelta(seconds=1))
    client.force_login(parent)
    assert told() == waits


def test_too_late_is_said_to_the_parent(
    client: Client, filed: Application, parent: User, executor: User, now: datetime, at_work: Any
) -> None:
    asked = supplements.ask(filed, kind=DocumentKind.F065, why=WHY, by=executor, now=now)
    at_work.move_to(asked.until.replace(microsecond=999))
    client.force_login(parent)

    for address in (at_home(filed, "supplement"), reverse("cabinet:sign_supplement", args=[filed.public_id])):
        answer = client.post(address, follow=True)
        assert "Құжатты қосу мерзімі өтті" in text(answer)
