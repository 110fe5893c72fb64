"""The papers of an application: each in its place, private, and untouchable once signed (R84-R90, D6)."""

import hashlib
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from applications import drafts
from applications import stored as files
from applications.documents import keeping
from applications.documents.faults import Rejected
from applications.filing.tests.wizard_cast import file, jpeg, pdf
from applications.models import Application, Document, DocumentKind, DocumentSource
from applications.status import Status

TERM = date(2028, 5, 31)


@pytest.fixture
def draft(make_application) -> Application:
    return make_application()


def put(
    draft: Application, now: datetime, name: str = "a.jpg", content: bytes = b"", **more: Any
) -> Document:
    more.setdefault("kind", DocumentKind.PHOTO)
    return keeping.store(draft, upload=file(name, content or jpeg()), now=now, **more)


def test_stored_file_is_private_and_nameless(draft: Application, now: datetime) -> None:
    document = put(draft, now, "../../etc/паспорт\u202egpj.jpg")

    assert document.label == "паспортgpj.jpg"
    assert "паспорт" not in str(document.file.name)
    with default_storage.open(str(document.file.name)) as stored:
        assert hashlib.sha256(stored.read()).hexdigest() == document.sha256
    assert (document.source, document.mime, document.width, document.height) == (
        DocumentSource.MANUAL, "image/jpeg", 354, 472,
    )  # fmt: skip


def test_stored_file_is_readable_by_the_portals_user_alone(draft: Application, now: datetime) -> None:
    before = os.umask(0)  # the settings must not lean on it
    try:
        path = Path(default_storage.path(str(put(draft, now).file.name)))
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.rule("R89")
def test_new_file_replaces_the_old_one_and_its_bytes(
    draft: Application, now: datetime, django_capture_on_commit_callbacks
) -> None:
    old = put(draft, now)

    with django_capture_on_commit_callbacks(execute=True):
        new = put(draft, now, content=jpeg(300, 400))

    assert list(draft.documents.all()) == [new]
    assert not default_storage.exists(str(old.file.name))
    assert default_storage.exists(str(new.file.name))


@pytest.mark.rule("D6")
def test_second_photo_has_a_place_of_its_own(draft: Application, now: datetime) -> None:
    put(draft, now)
    put(draft, now, position=2)

    assert [one.position for one in keeping.in_order(draft)] == [1, 2]


def test_refused_file_leaves_what_was_there(draft: Application, now: datetime) -> None:
    old = put(draft, now)

    with pytest.raises(Rejected):
        put(draft, now, "a.jpg", b"not a picture")

    assert list(draft.documents.all()) == [old]


def test_signed_application_takes_no_more_papers(make_application, now: datetime, tmp_path) -> None:
    filed = make_application(Status.IN_REVIEW)

    with pytest.raises(drafts.NotADraft):
        put(filed, now)

    assert not filed.documents.exists()
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_signed_application_gives_no_paper_away(draft: Application, now: datetime) -> None:
    document = put(draft, now)
    Application.objects.filter(pk=draft.pk).update(
        status=Status.IN_REVIEW,
        submitted_at=now,
        received_at=now,
        due_at=now + timedelta(days=1),
        data_correct_at=now,
        external_data_at=now,
    )

    with pytest.raises(drafts.NotADraft):
        keeping.remove(document)

    assert draft.documents.exists()


@pytest.mark.rule("D10", "D18")
def test_term_is_not_changed_after_the_signature(draft: Application, now: datetime) -> None:
    """The page was opened before the application was signed in another tab."""
    kept = keeping.store(
        draft, kind=DocumentKind.PMPC, upload=file("p.pdf", pdf()), now=now, valid_until=date(2027, 9, 1)
    )
    Application.objects.filter(pk=draft.pk).update(
        status=Status.IN_REVIEW,
        submitted_at=now,
        received_at=now,
        due_at=now,
        data_correct_at=now,
        external_data_at=now,
    )

    with pytest.raises(drafts.NotADraft):
        keeping.set_term(draft, date(2030, 9, 1))

    kept.refresh_from_db()
    assert kept.valid_until == date(2027, 9, 1)


def test_removed_file_is_gone(draft: Application, now: datetime, django_capture_on_commit_callbacks) -> None:
    document = put(draft, now)

    with django_capture_on_commit_callbacks(execute=True):
        keeping.remove(document)

    assert not draft.documents.exists()
    assert not default_storage.exists(str(document.file.name))


@pytest.mark.rule("R86", "R87")
def test_fetched_paper_never_overwrites_a_persons_own(draft: Application, now: datetime) -> None:
    own = put(draft, now, "a.pdf", pdf(), kind=DocumentKind.F065)

    found = keeping.store_fetched(draft, kind=DocumentKind.F065, content=pdf(), origin="№5", now=now)

    assert found is None
    assert list(draft.documents.all()) == [own]


@pytest.mark.rule("D6")
@pytest.mark.parametrize(
    ("size", "faults"),
    [
        ((354, 472), []),
        ((236, 315), []),
        ((600, 600), ["ratio"]),
        ((230, 307), ["small"]),
        ((100, 100), ["ratio", "small"]),
    ],
)
def test_photo_is_warned_about_and_kept(
    draft: Application, now: datetime, size: tuple[int, int], faults: list[str]
) -> None:
    assert keeping.photo_faults(put(draft, now, content=jpeg(*size))) == faults


@pytest.mark.rule("D10")
def test_conclusion_that_ends_before_september_is_worth_a_word() -> None:
    assert keeping.ends_before_school(date(2026, 8, 31), year=2026)
    assert not keeping.ends_before_school(date(2026, 9, 1), year=2026)


def test_file_is_served_so_that_no_browser_runs_or_keeps_it(draft: Application, now: datetime) -> None:
    document = put(draft, now, "a.pdf", pdf(), kind=DocumentKind.PMPC, valid_until=TERM)

    answer = keeping.serve(document)

    assert answer["Content-Disposition"] == 'attachment; filename="pmpc.pdf"'
    assert answer["Content-Type"] == "application/pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert b"".join(answer).startswith(b"%PDF-")
    answer.close()


def lose(document: Document) -> None:
    default_storage.delete(str(document.file.name))


def change(document: Document) -> None:
    with default_storage.open(str(document.file.name), "ab") as stored:
        stored.write(b"\n")


@pytest.mark.parametrize(("spoil", "fault"), [(lose, "lost"), (change, "changed")])
def test_file_that_is_not_the_uploaded_one_is_never_handed_out(
    draft: Application, now: datetime, caplog: pytest.LogCaptureFixture,
    spoil: Callable[[Document], None], fault: str,
) -> None:  # fmt: skip
    document = put(draft, now, "паспорт.jpg")
    spoil(document)

    with pytest.raises(files.Spoiled):
        keeping.serve(document)

    (record,) = caplog.records
    assert (record.levelname, record.getMessage()) == (
        "ERROR", f"document {document.pk} is {fault} in the store",
    )  # fmt: skip


def test_deleted_draft_takes_its_files_along(
    draft: Application, now: datetime, django_capture_on_commit_callbacks
) -> None:
    document = put(draft, now)

    with django_capture_on_commit_callbacks(execute=True):
        drafts.delete(draft)

    assert not Application.objects.exists()
    assert not default_storage.exists(str(document.file.name))
