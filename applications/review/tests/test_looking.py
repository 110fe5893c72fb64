"""Documents looked at in the application's page: drawn by the cell, turned and paged by plain links."""

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import JournalEntry, User
from applications.documents import keeping
from applications.documents.cell import warden
from applications.documents.faults import Fault, Rejected
from applications.filing.tests.wizard_cast import jpeg
from applications.models import Application, Document, DocumentKind
from applications.status import Status
from applications.tests.cast import complete

pytestmark = pytest.mark.rule("D9")


@pytest.fixture
def filed(make_application: Callable[..., Application], now: datetime) -> Application:
    """With a photo and a document of two pages."""
    draft = complete(make_application(), now=now)
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _page in range(2):
            pdf.add_blank_page(page_size=(300, 600))
        pdf.save(out)
    for kind, name, content in (
        (DocumentKind.PHOTO, "a.jpg", jpeg()), (DocumentKind.F065, "a.pdf", out.getvalue()),
    ):  # fmt: skip
        keeping.store(draft, kind=kind, upload=SimpleUploadedFile(name, content), now=now)
    Application.objects.filter(pk=draft.pk).update(
        status=Status.IN_REVIEW, submitted_at=now, received_at=now, due_at=now
    )
    draft.refresh_from_db()
    return draft


@pytest.fixture
def desk(director: User, client: Client) -> Client:
    client.force_login(director)
    return client


def of(filed: Application, kind: DocumentKind) -> Document:
    return filed.documents.get(kind=kind)


def page(desk: Client, filed: Application, query: str = "") -> str:
    answer = desk.get(reverse("review:application", args=[filed.public_id]) + query)
    return " ".join(answer.content.decode().split())


def picture(desk: Client, filed: Application, document: Document, number: int = 1, **query: Any) -> Any:
    address = reverse("review:picture", args=[filed.public_id, document.public_id, number])
    return desk.get(address, query)


def link_to(answer: Any) -> str:
    """«Осы бетте қарау»."""
    found = re.search(r'href="([^"]*)#d-[^"]*"\s+data-oqu-look="opened"', answer.content.decode())
    assert found
    return found[1].replace("&amp;", "&")


def looks() -> int:
    return JournalEntry.objects.filter(model="applications.document", kind="READ").count()


def test_links_lead_through_the_pages_turned_and_larger(desk: Client, filed: Application) -> None:
    document = of(filed, DocumentKind.F065)
    closed = page(desk, filed)
    assert "Осы бетте қарау" in closed and "view--page" not in closed
    assert looks() == 0  # nothing is drawn unasked

    link = link_to(desk.get(reverse("review:application", args=[filed.public_id])))
    opened = " ".join(desk.get(link).content.decode().split())
    assert "1-бет, барлығы 2" in opened and "Келесі бет" in opened and "Алдыңғы бет" not in opened
    assert f"/documents/{document.public_id}/pictures/1/?turn=0&amp;zoom=1" in opened

    later = page(desk, filed, f"?document={document.public_id}&sheet=2&turn=1&zoom=2")
    assert "2-бет, барлығы 2" in later and "Келесі бет" not in later and "view--large" in later
    assert "/pictures/2/?turn=1&amp;zoom=2" in later and "turn=2&amp;zoom=2" in later
    wild = page(desk, filed, f"?document={document.public_id}&sheet=99&turn=-1&zoom=x")
    assert "/pictures/1/?turn=0&amp;zoom=1" in wild


def test_picture_is_drawn_and_each_look_is_written_down(desk: Client, filed: Application) -> None:
    upright = picture(desk, filed, of(filed, DocumentKind.F065))
    turned = picture(desk, filed, of(filed, DocumentKind.PHOTO), turn="1")

    for answer in (upright, turned):
        assert answer.headers["Content-Type"] == "image/jpeg" and answer.content.startswith(b"\xff\xd8")
        assert answer.headers["Cache-Control"] == "no-store"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert looks() == 2
    assert f"{of(filed, DocumentKind.PHOTO).public_id}/pictures/1/?turn=1" in page(
        desk, filed, f"?document={of(filed, DocumentKind.PHOTO).public_id}&turn=1"
    )


def test_what_is_not_the_schools_is_not_drawn(
    desk: Client, filed: Application, other_director: User, now: datetime
) -> None:
    document = of(filed, DocumentKind.F065)
    Document.objects.filter(pk=document.pk).update(erased_at=now, file="")
    assert picture(desk, filed, document).status_code == 404
    assert "Сақтау мерзімі өтті" in page(desk, filed, f"?document={document.public_id}")
    photo = of(filed, DocumentKind.PHOTO)
    Application.objects.filter(pk=filed.pk).update(status=Status.WITHDRAWN)
    assert picture(desk, filed, photo).status_code == 404
    Application.objects.filter(pk=filed.pk).update(status=Status.IN_REVIEW)
    desk.force_login(other_director)
    assert picture(desk, filed, photo).status_code == 404
    assert looks() == 0


def test_file_that_cannot_be_drawn_is_opened_instead(
    desk: Client, filed: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = of(filed, DocumentKind.F065)

    def busy(*_args: object, **_how: object) -> None:
        raise Rejected(Fault.BUSY)

    monkeypatch.setattr(warden, "examine", busy)

    shown = page(desk, filed, f"?document={document.public_id}")
    assert "Бұл файлды осы бетте көрсету мүмкін болмады" in shown and "Файлды ашу" in shown
    assert picture(desk, filed, document).status_code == 503
    assert looks() == 0


def test_refused_form_leaves_the_links_alive_and_the_place_in_them(desk: Client, filed: Application) -> None:
    refused = desk.post(reverse("review:decide", args=[filed.public_id]) + "?view=all&language=kk", {})
    assert refused.status_code == 400

    link = link_to(refused)

    assert link.startswith(reverse("review:application", args=[filed.public_id]) + "?view=all&language=kk&")
    assert "1-бет, барлығы 2" in " ".join(desk.get(link).content.decode().split())
    assert "1-бет, барлығы 2" not in " ".join(refused.content.decode().split())
    decide = reverse("review:decide", args=[filed.public_id])
    beside = desk.post(
        decide, {}, headers={"referer": f"http://testserver{link}".replace("sheet=1", "sheet=2")}
    )
    assert beside.status_code == 400
    assert "2-бет, барлығы 2" in " ".join(beside.content.decode().split())
