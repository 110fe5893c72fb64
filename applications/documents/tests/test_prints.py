"""The photo on the page of documents: as small as it is shown, and to nobody but whose it is (D9)."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import JournalEntry, User
from applications.documents import keeping, prints
from applications.filing.tests.wizard_cast import file, pdf, step, text
from applications.models import Application, Document, DocumentKind


def heavy() -> bytes:
    """Nothing in it repeats, so that no picture of its size is larger."""
    out = io.BytesIO()
    Image.effect_noise((1200, 1600), 120).convert("RGB").save(out, "JPEG", quality=85)
    return out.getvalue()


@pytest.fixture
def photo(make_application: Callable[..., Application], now: datetime) -> Document:
    draft = make_application()
    return keeping.store(draft, kind=DocumentKind.PHOTO, upload=file("p.jpg", heavy()), now=now)


def address(document: Document) -> str:
    return reverse("filing:print", args=[document.application.public_id, document.public_id])


def test_page_brings_the_photo_as_small_as_it_shows_it(at_home: Client, photo: Document) -> None:
    page = text(at_home.get(step(photo.application, "documents"), {"nowait": "1"}))
    assert f'src="{address(photo)}"' in page

    answer = at_home.get(address(photo))

    assert photo.size > 300_000
    assert len(answer.content) <= prints.MOST_BYTES
    with Image.open(io.BytesIO(answer.content)) as shown:
        assert max(shown.size) >= 151
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert JournalEntry.objects.filter(model="applications.document", row=str(photo.pk)).exists()


def test_browser_keeps_it_for_itself_and_asks_whether_it_is_still_the_same(
    at_home: Client, photo: Document
) -> None:
    first = at_home.get(address(photo))
    assert first["Cache-Control"] == "private, max-age=600"
    default_storage.delete(str(photo.file.name))  # of what has not changed nothing is read

    again = at_home.get(address(photo), headers={"if-none-match": first["ETag"]})

    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", first["Cache-Control"])
    assert at_home.get(address(photo)).status_code == 503


def test_turned_photo_has_an_address_of_its_own(at_home: Client, photo: Document, now: datetime) -> None:
    keeping.adjust(photo, turn=1, crop=False, now=now)

    assert at_home.get(address(photo)).status_code == 404
    turned = photo.application.documents.get()
    with Image.open(io.BytesIO(at_home.get(address(turned)).content)) as shown:
        assert shown.width > shown.height


def test_it_is_nobody_elses_and_of_a_photo_alone(
    at_home: Client, client: Client, stranger: User, photo: Document, now: datetime
) -> None:
    sheet = keeping.store(photo.application, kind=DocumentKind.F065, upload=file("a.pdf", pdf()), now=now)
    assert at_home.get(address(sheet)).status_code == 404

    client.force_login(stranger)
    first = {"if-none-match": f'"{photo.sha256[:32]}"'}
    assert client.get(address(photo), headers=first).status_code == 404
