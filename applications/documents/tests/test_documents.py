"""The papers of an application: each in its place, private, and untouchable once signed (R84-R90, D6)."""

import hashlib
import io
import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from PIL import Image, ImageFilter

from applications import drafts
from applications import stored as files
from applications.documents import aside, keeping, uploads
from applications.documents.faults import Fault, Rejected
from applications.filing.tests.wizard_cast import file, jpeg, pdf
from applications.models import Application, Document, DocumentKind, DocumentSource
from applications.status import Status
from tests.environment import undone

TERM = date(2028, 5, 31)


@pytest.fixture
def draft(make_application) -> Application:
    return make_application()


def put(
    draft: Application, now: datetime, name: str = "a.jpg", content: bytes = b"", **more: Any
) -> Document:
    more.setdefault("kind", DocumentKind.PHOTO)
    return keeping.store(draft, upload=file(name, content or jpeg()), now=now, **more)


def sign(draft: Application, now: datetime) -> None:
    Application.objects.filter(pk=draft.pk).update(
        status=Status.IN_REVIEW,
        submitted_at=now,
        received_at=now,
        due_at=now + timedelta(days=1),
        data_correct_at=now,
        external_data_at=now,
    )


def test_stored_file_is_private_and_nameless(draft: Application, now: datetime) -> None:
    document = put(draft, now, "../../etc/паспорт\u202egpj\u3164\u2800.jpg")

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


@pytest.mark.rule("R89", "D72")
def test_new_file_replaces_the_old_one_and_only_the_last_can_be_brought_back(
    draft: Application, now: datetime, django_capture_on_commit_callbacks
) -> None:
    first = put(draft, now)

    with django_capture_on_commit_callbacks(execute=True):
        second = put(draft, now, content=jpeg(300, 400))
        third = put(draft, now, content=jpeg(300, 401))

    assert list(draft.documents.all()) == [third]
    assert draft.removed_documents.get().file.name == second.file.name
    lying = [default_storage.exists(str(one.file.name)) for one in (first, second, third)]
    assert lying == [False, True, True]


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
    sign(draft, now)

    with pytest.raises(drafts.NotADraft):
        keeping.remove(document, now=now)

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


@pytest.mark.rule("D72")
def test_removed_file_waits_and_goes_with_its_term_or_its_draft(
    draft: Application, now: datetime, django_capture_on_commit_callbacks, subtests
) -> None:
    document = put(draft, now)
    name, place = str(document.file.name), ("PHOTO", 1)
    keeping.remove(document, now=now)
    keeping.remove(document, now=now)  # pressed twice, in two windows
    assert not draft.documents.exists() and default_storage.exists(name)

    with subtests.test("brought back"), undone():
        assert aside.bring_back(draft, place, now=now + timedelta(hours=23))
        assert draft.documents.get().facts() == document.facts()
        assert not aside.bring_back(draft, place, now=now)  # once
    with subtests.test("exchanged for what has come since"), undone():
        fresh = put(draft, now, content=jpeg(300, 400))
        keeping.remove(fresh, now=now)
        other = put(draft, now)
        assert aside.bring_back(draft, place, now=now)
        assert draft.documents.get().sha256 == fresh.sha256
        assert draft.removed_documents.get().sha256 == other.sha256
    with subtests.test("not into what is signed"), undone():
        sign(draft, now)
        with pytest.raises(drafts.NotADraft):
            aside.bring_back(draft, place, now=now)
    with subtests.test("its term is over"), undone():
        late = now + timedelta(days=1)
        assert aside.of(draft, now=late) == {}
        assert not aside.bring_back(draft, place, now=late)
    with subtests.test("with its draft"), django_capture_on_commit_callbacks(execute=True):
        drafts.delete(draft)
    assert not default_storage.exists(name)


@pytest.mark.rule("R86", "R87")
def test_fetched_paper_never_overwrites_a_persons_own(draft: Application, now: datetime) -> None:
    own = put(draft, now, "a.pdf", pdf(), kind=DocumentKind.F065)

    found = keeping.store_fetched(draft, kind=DocumentKind.F065, content=pdf(), origin="№5", now=now)

    assert found is None
    assert list(draft.documents.all()) == [own]


def picture(width: int, height: int, *, light: float = 1, blur: int = 0) -> bytes:
    """Grain of a middle grey, made darker or brighter, put out of focus."""
    grain = Image.effect_noise((width, height), 40).filter(ImageFilter.GaussianBlur(blur))
    out = io.BytesIO()
    grain.point(lambda shade: min(255, shade * light)).convert("RGB").save(out, "JPEG")
    return out.getvalue()


@pytest.mark.rule("D6", "D71")
def test_photo_is_warned_about_and_kept(draft: Application, now: datetime, subtests) -> None:
    for content, faults in [
        (picture(354, 472), []),
        (picture(236, 315), []),
        (picture(600, 600), ["ratio"]),
        (picture(230, 307), ["small"]),
        (picture(100, 100), ["ratio", "small"]),
        (picture(354, 472, light=0.3), ["dark"]),
        (picture(354, 472, light=3), ["bright"]),
        (picture(354, 472, blur=8), ["blurred"]),
    ]:
        with subtests.test(str(faults)), undone():
            assert keeping.photo_faults(put(draft, now, content=content)) == faults


@pytest.mark.rule("D71", "D72")
def test_photo_is_turned_and_cut_by_the_server(
    draft: Application, now: datetime, django_capture_on_commit_callbacks, subtests
) -> None:
    """A turn, which more turns undo, costs nothing of what can be brought back."""
    other = put(draft, now)
    document = put(draft, now, content=picture(600, 400))
    for turn, crop, size, aside_is in [
        (1, False, (400, 600), other), (0, True, (300, 400), document), (1, True, (400, 533), document),
    ]:  # fmt: skip
        with subtests.test(str(size)), undone():
            assert keeping.adjust(document, turn=turn, crop=crop, now=now)

            fresh = draft.documents.get()
            assert (fresh.width, fresh.height, fresh.label) == (*size, "a.jpg")
            assert draft.removed_documents.get().sha256 == aside_is.sha256
    with subtests.test("replaced meanwhile, in another window"), undone():
        fresh = put(draft, now, content=jpeg(300, 400))
        assert not keeping.adjust(document, turn=1, crop=False, now=now)
        assert draft.documents.get() == fresh
    with subtests.test("its old file"):
        with django_capture_on_commit_callbacks(execute=True):
            keeping.adjust(document, turn=1, crop=False, now=now)
        assert [default_storage.exists(str(one.file.name)) for one in (other, document)] == [True, False]


@pytest.mark.rule("D71")
def test_shots_of_one_document_become_one_pdf_and_a_bad_one_costs_nothing(
    draft: Application, now: datetime, subtests
) -> None:
    """In their order; which of them is no good is said, and what was there stays."""
    before = put(draft, now, "old.pdf", pdf(), kind=DocumentKind.F065)
    tall, wide = file("1.jpg", jpeg(300, 400)), file("2.jpg", jpeg(400, 300))

    with subtests.test("joined"), undone():
        made = put(draft, now, "1.jpg", jpeg(300, 400), kind=DocumentKind.F065, more=[wide])
        with pikepdf.open(io.BytesIO(files.read(made.file, made.sha256))) as opened:
            sheets = [[int(side) for side in page.mediabox[2:]] for page in opened.pages]
        assert sheets == [[595, 842], [842, 595]]
        assert (made.mime, made.label) == ("application/pdf", "1.jpg (+1)")
    many = [file("x.jpg", jpeg(30, 40))] * uploads.MOST_SHOTS
    heavy = [file("x.jpg", b"\xff\xd8\xff" + b"0" * uploads.MOST_BYTES_OF_SHOTS)]
    for more, fault, shot in [
        ([file("a.pdf", pdf())], Fault.MIXED, 0),
        ([wide, file("3.jpg", b"\xff\xd8\xffnone")], Fault.UNREADABLE, 3),
        ([file("3.png", b"none")], Fault.EXTENSION, 2),
        (many, Fault.SHOTS, 0),
        (heavy, Fault.SUM, 0),
    ]:
        with subtests.test(fault.value), pytest.raises(Rejected) as refused:
            tall.seek(0)
            keeping.store(draft, kind=DocumentKind.F065, upload=tall, more=more, now=now)
        assert (refused.value.fault, refused.value.shot) == (fault, shot)
        assert list(draft.documents.all()) == [before]


@pytest.mark.rule("D71")
def test_ten_honest_shots_fit_into_one_pdf_and_more_than_fits_is_named(
    monkeypatch: pytest.MonkeyPatch, subtests
) -> None:
    """Whatever was refused as too much once is refused for that reason, never as a busy hour."""
    shot = uploads.examine(
        file("a.jpg", picture(2200, 1650, blur=1)), longest=uploads.SHOT_SIDE, quality=uploads.SHOT_QUALITY
    )
    assert 10 * len(shot.content) < uploads.MOST_BYTES_JOINED
    padding = bytes(uploads.MOST_BYTES_JOINED // 10 - len(shot.content))
    full = shot.content[:-2] + padding + shot.content[-2:]
    monkeypatch.setattr(uploads, "_shot", lambda *_: uploads.Checked(full, uploads.JPEG))
    sent = [file("a.jpg", b"a")] * 10

    with subtests.test("as much as fits"), pikepdf.open(io.BytesIO(uploads.examine_all(sent).content)) as pdf:
        assert len(pdf.pages) == 10
    with subtests.test("more"), pytest.raises(Rejected) as refused:
        monkeypatch.setattr(uploads, "MOST_BYTES_JOINED", 10 * len(full) - 1)
        uploads.examine_all(sent)
    assert refused.value.fault == Fault.SUM


@pytest.mark.rule("D71")
def test_shots_have_one_deadline_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is late is no fault of one of them, and no cell is asked for it."""
    monkeypatch.setattr(uploads, "SECONDS_OF_SHOTS", 0)
    monkeypatch.setattr(uploads, "examine", None)

    with pytest.raises(Rejected) as refused:
        uploads.examine_all([file("a.jpg", jpeg()), file("b.jpg", jpeg())])

    assert (refused.value.fault, refused.value.shot) == (Fault.BUSY, 0)


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
