"""«Менің деректерім»: everything about the family that asks, nothing about another one."""

import errno
import io
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, Consent, EntryKind, Guardianship, JournalEntry, Protection, Shown, User
from applications import lifecycle, told
from applications.documents import keeping
from applications.family import exports, gathering, packing, words
from applications.filing.tests.wizard_cast import jpeg
from applications.keeping import erasing
from applications.models import (
    Application,
    Channel,
    Document,
    DocumentKind,
    DocumentSource,
    FamilyExport,
    Outcome,
    Result,
    Wish,
)
from applications.papers import making
from applications.papers.tests.audit_cast import accepted, filed  # noqa: F401  fixtures
from applications.status import Status
from applications.tests.cast import complete
from notifications import leases, queue
from schools.models import AddressAsker, AddressRequest, Role, School, StaffMember

pytestmark = [pytest.mark.django_db, pytest.mark.rule("D41")]
MakeApplication = Callable[..., Application]


def opened(file: Any) -> tuple[dict[str, Any], zipfile.ZipFile]:
    archive = zipfile.ZipFile(io.BytesIO(file.read()))
    return json.loads(archive.read("data.json")), archive


def gathered(user: User, now: datetime) -> str:
    """Everything that is told, as one text."""
    packed = packing.pack(user, now=now)
    with packed.file:
        told, archive = opened(packed.file)
        with pikepdf.open(io.BytesIO(archive.read("data.pdf"))) as pdf:
            assert len(pdf.pages) >= 1
    return json.dumps(told, ensure_ascii=False) + " ".join(archive.namelist())


@pytest.fixture
def other_child(stranger: User, now: datetime) -> Child:
    child = Child.objects.create(
        iin="200315699904", surname="Ахметова", name="Әлия", birth_date="2020-03-15", sex="F",
        registered_address={"text_kk": "Абай көшесі, 7-үй"},
    )  # fmt: skip
    Guardianship.objects.create(user=stranger, child=child, answered_at=now)
    return child


def hide(child: Child, barred: User, by: User, now: datetime) -> None:
    Protection.objects.create(child_iin=child.iin, barred_iin=barred.iin, since=now, set_by=by, why="№ 1")


def test_a_family_gets_all_of_itself_with_its_files(
    accepted: Application,  # noqa: F811  a fixture
    parent: User,
    executor: User,
    now: datetime,
    client: Client,
    portal_keys: Path,
) -> None:
    for paper in accepted.papers.all():
        making.render(paper, now=now)
    client.force_login(executor)
    client.get(reverse("review:application", args=[accepted.public_id]))

    packed = packing.pack(parent, now=now)
    with packed.file:
        told, archive = opened(packed.file)

    (application,) = told["applications"]
    assert told["person"]["iin"] == parent.iin
    assert [child["iin"] for child in told["children"]] == [accepted.child.iin]
    assert application["number"] == accepted.number
    assert application["decisions"][0]["result"] == "Қабылдау"
    assert application["signed_facts"] == accepted.snapshot
    assert [one["what"] for one in told["who_looked"]] == ["Өтінімді ашты"]
    assert told["who_looked"][0]["place"] == "«№63 жалпы білім беретін мектеп» КММ"
    assert len(told["messages"]) > 2
    assert told["files"] == dict.fromkeys(told["files"], "")
    assert len(told["files"]) == 3 + 2  # documents, papers
    assert set(told["files"]) | {"data.json", "data.pdf"} == set(archive.namelist())


@pytest.mark.rule("D72")
def test_what_was_set_aside_is_in_the_file_too(
    make_application: MakeApplication, parent: User, now: datetime
) -> None:
    """Of two drafts, which have no number yet, each has its own folder."""
    later = now + timedelta(hours=1)
    for iin in ("200315500017", "200315500025"):
        child = Child.objects.create(iin=iin, name="Бала", birth_date="2020-03-15", sex="M")
        Guardianship.objects.create(user=parent, child=child, answered_at=now)
        draft = make_application(child=child)
        for name, size in (("first.jpg", 450), ("second.jpg", 460)):
            photo = SimpleUploadedFile(name, jpeg(size, 600))
            keeping.store(draft, kind=DocumentKind.PHOTO, upload=photo, now=later)
    Application.objects.update(number=None)

    packed = packing.pack(parent, now=now)
    with packed.file:
        told, archive = opened(packed.file)

    folders = [f"files/draft-{one.pk}" for one in Application.objects.order_by("pk")]
    names = [f"{folder}/photo-3x4-1{end}.jpg" for folder in folders for end in ("", "-removed")]
    assert sorted(told["files"]) == sorted(names) and set(names) < set(archive.namelist())
    (aside,) = told["applications"][0]["set_aside"]
    assert aside["label"] == "first.jpg" and told["applications"][0]["documents"][0]["label"] == "second.jpg"
    assert datetime.fromisoformat(aside["kept_until"]) == later + timedelta(days=1)


@pytest.mark.rule("D72")
def test_what_a_school_has_scanned_by_mistake_is_given_to_nobody(
    make_application: MakeApplication, executor: User, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    """It may be another family's: it goes as the school registers, and what the version before has left is
    in no file."""
    draft = make_application(channel=Channel.IN_PERSON, filed_by=executor, applicant_phone="+77015550001")
    complete(draft, now=now)
    for name in ("another.jpg", "theirs.jpg"):
        scan = SimpleUploadedFile(name, jpeg())
        keeping.store(draft, kind=DocumentKind.SCAN, upload=scan, now=now)
    wrong = draft.removed_documents.get()
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.submit_in_person(draft, by=executor, now=now)
    assert not draft.removed_documents.exists() and not default_storage.exists(str(wrong.file.name))
    wrong.pk = None
    wrong.save()

    packed = packing.pack(draft.applicant, now=now)
    with packed.file:
        told, archive = opened(packed.file)

    assert told["applications"][0]["set_aside"] == []
    assert "application-scan" in "".join(archive.namelist())
    assert "-removed" not in "".join(told["files"]) and "another.jpg" not in json.dumps(told)


def test_what_was_set_aside_takes_no_room_from_what_was_filed(
    make_application: MakeApplication, parent: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first application's set-aside file stands behind the second one's documents."""
    draft = make_application()
    for size in (450, 460):
        photo = SimpleUploadedFile("photo.jpg", jpeg(size, 600))
        keeping.store(draft, kind=DocumentKind.PHOTO, upload=photo, now=now)
    child = Child.objects.create(iin="200315500017", name="Бала", birth_date="2020-03-15", sex="M")
    other = complete(make_application(child=child), now=now)
    real = [*draft.documents.all(), *other.documents.all()]
    room = sum(one.size for one in [*real, draft.removed_documents.get()]) - 1
    monkeypatch.setattr(packing, "MOST_BYTES", room)

    packed = packing.pack(parent, now=now)
    with packed.file:
        told, _archive = opened(packed.file)

    aside = f"files/{draft.number}/photo-3x4-1-removed.jpg"
    assert len(told["files"]) == len(real) + 1
    assert {name: why for name, why in told["files"].items() if why} == {aside: words.NO_ROOM_ASIDE}


RAW = re.compile(r"[A-Z]+_[A-Z_]+|True|False|None|\d{4}-\d\d-\d\d|\b(own|kk|ru)\b|[{}\[\]]")
OF_NO_LANGUAGE = {"SMS", "Онлайн"}


def one_more_of_each(application: Application, executor: User, now: datetime) -> None:
    """What a family has seldom: addresses that were asked for, a supplement, an appeal, a file set aside."""
    by, school = application.applicant, application.chosen_intake.school
    for house, answer in (("1", {"school": school}), ("2", {"words": "Мұндай үй жоқ."})):
        asked = AddressRequest.objects.create(
            kato="711210000", street="Мир", house=house, asked_at=now, answered_at=now, **answer
        )
        AddressAsker.objects.create(request=asked, user=by, at=now)
    application.supplements.create(
        kind=DocumentKind.PHOTO, why="x", asked_by=executor, asked_at=now, left=timedelta(), until=now
    )
    application.appeals.create(
        number="1/1", decision=application.decisions.get(), by=by, wish=Wish.ADMIT, words="Өтінемін.",
        filed_at=now, pass_by=now, answer_by=now, outcome=Outcome.DECLINED, answer="Заңды.", ended_at=now,
    )  # fmt: skip
    application.removed_documents.create(
        kind=DocumentKind.PHOTO, source=DocumentSource.MANUAL, file="x", mime="image/jpeg", size=1,
        sha256="0", label="1.jpg", added_at=now, removed_at=now,
    )  # fmt: skip


def test_pdf_says_everything_in_words_of_both_languages(
    accepted: Application,  # noqa: F811  a fixture
    make_application: MakeApplication,
    parent: User,
    child: Child,
    executor: User,
    client: Client,
    now: datetime,
) -> None:
    """What a machine keeps (codes, flags, moments) stands in data.json alone."""
    client.force_login(executor)
    client.get(reverse("review:application", args=[accepted.public_id]))
    client.force_login(parent)
    one_more_of_each(accepted, executor, now)
    facts = gathering.gather(parent, now=now).facts
    why_not = (words.TOO_MUCH, words.NO_ROOM_ASIDE, "lost", "changed")
    facts |= {"left_out": [{"file": "files/a.pdf", "why_not": why} for why in why_not]}
    facts["applications"].append(
        {"year": 2025, "left_out": gathering.NOT_THEIRS, "filed_by": gathering.ANOTHER}
    )

    sections = words.sections(facts)
    lines = [line for section in sections for line in section.lines]

    assert {section.kk.rstrip(" 0123456789") for section in sections} >= {
        "Сіз туралы", "Бала", "Келісім", "Өтінім", "Шешім", "Құжат", "Қолтаңба", "Хабарлама", "Кім қарады",
        "Порталға кіру және шығу", "Салынбаған файл", "Мекенжай қосу сұрауы", "Сұралған құжат", "Шағым",
        "Алып тасталған файл",
    }  # fmt: skip
    raw = [(line.kk, line.value) for line in lines if RAW.search(f"{line.value} {line.value_ru}")]
    assert raw == []
    named = {line.kk: (line.value, line.value_ru) for line in lines}
    assert named["Мәртебесі"][1] and named["Тілі"] == ("Қазақша", "Казахский")
    assert named["Тасымалдау сұралды"] == ("жоқ", "нет") and named["Кім туралы"][1]
    assert "2025–2026" in {line.value for line in lines if line.kk == "Оқу жылы"}
    assert ("Есіл ауданы", "район Есиль") in {(line.value, line.value_ru) for line in lines}
    assert named["Неге қосылмады"][0] == "Мұндай үй жоқ." and named["Қай мектепке қосылды"][1]
    of_choices = {"Мәртебесі", "Тәсілі", "Қабылдау", "Түрі", "Дереккөзі", "Күйі", "Нәтиже", "Не", "Лауазымы",
                  "Жынысы", "Сіз балаға кім боласыз", "Мақсаты", "Ескертпе", "Неге салынбады", "Не сұралды",
                  "Қай мектепке қосылды"}  # fmt: skip
    assert of_choices <= set(named)
    of_one_language = [
        (line.kk, line.value)
        for line in lines
        if line.kk in of_choices and line.value == line.value_ru and line.value not in OF_NO_LANGUAGE
    ]
    assert of_one_language == []
    assert not any(line.kk == "SMS" and line.value.isdigit() for line in lines)


def test_no_token_and_no_name_of_a_reader_is_told(
    accepted: Application,  # noqa: F811  a fixture
    parent: User,
    executor: User,
    director: User,
    now: datetime,
    client: Client,
) -> None:
    Consent.objects.update(token="secret-token", public_key="secret-key")
    client.force_login(executor)
    client.get(reverse("review:application", args=[accepted.public_id]))

    told = gathered(parent, now)

    assert "secret" not in told
    assert not any(word in told for word in (executor.surname, executor.iin, director.iin, executor.phone))


def test_nothing_of_another_family_is_told(
    accepted: Application,  # noqa: F811  a fixture
    parent: User,
    stranger: User,
    other_child: Child,
    make_application: MakeApplication,
    now: datetime,
) -> None:
    other = make_application(Status.IN_REVIEW, child=other_child, applicant=stranger)

    told = gathered(parent, now)

    for word in (other_child.iin, other_child.name, stranger.iin, stranger.surname, str(other.number)):
        assert word not in told


def test_a_consent_asked_about_a_strangers_child_tells_nothing_of_it(
    parent: User, other_child: Child, now: datetime
) -> None:
    Consent.objects.filter(user=parent).update(child_iin=other_child.iin, child=other_child)

    told = gathered(parent, now)

    assert other_child.iin not in told
    assert other_child.name not in told


@pytest.mark.rule("D34")
@pytest.mark.parametrize("tie", ["denied", "too old an answer"])
def test_of_a_child_that_is_no_longer_theirs_only_that_there_was_an_application(
    tie: str,
    accepted: Application,  # noqa: F811  a fixture
    parent: User,
    school: School,
    now: datetime,
) -> None:
    changes = {"denied_at": now} if tie == "denied" else {"answered_at": now - timedelta(days=4)}
    Guardianship.objects.update(**changes)
    Child.objects.update(name="Басқа", registered_address={"text_kk": "Жаңа көше, 5-үй"})

    packed = packing.pack(parent, now=now)
    with packed.file:
        told, archive = opened(packed.file)

    assert packed.children == [] == told["children"]
    assert told["applications"] == [
        {
            "number": accepted.number,
            "year": accepted.year,
            "filed_at": told["applications"][0]["filed_at"],
            "left_out": gathering.NOT_THEIRS,
        }
    ]
    assert told["who_looked"] == []
    assert archive.namelist() == ["data.json", "data.pdf"]
    assert "Жаңа көше" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.rule("D35")
def test_nothing_tells_where_a_hidden_child_is(
    accepted: Application,  # noqa: F811  a fixture
    parent: User,
    executor: User,
    school: School,
    now: datetime,
    client: Client,
) -> None:
    User.objects.filter(pk=parent.pk).update(registered_address={})  # theirs is another one
    parent.refresh_from_db()
    client.force_login(executor)
    client.get(reverse("review:application", args=[accepted.public_id]))
    before = gathered(parent, now)
    assert school.name_kk in before

    hide(accepted.child, parent, executor, now)
    told.hide(Protection.objects.get(), now=now)
    after = gathered(parent, now)

    for word in (school.name_kk, school.name_ru, "Сәтбаев", str(accepted.number), "court", "№ 1"):
        assert word not in after


def test_the_other_parent_reads_of_the_childs_application_nothing_of_its_applicant(
    accepted: Application,  # noqa: F811  a fixture
    parent: User,
    stranger: User,
    now: datetime,
) -> None:
    Guardianship.objects.update(denied_at=now, closed_at=now)
    Guardianship.objects.create(user=stranger, child=accepted.child, answered_at=now)

    told = gathered(stranger, now)

    assert str(accepted.number) in told
    for word in (parent.iin, parent.surname, parent.phone, "signed_facts"):
        assert word not in told


def test_a_spoiled_file_is_named_and_left_out(
    filed: Application,  # noqa: F811  a fixture
    parent: User,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Document.objects.filter(kind="PHOTO").update(sha256="0" * 64)
    monkeypatch.setattr(packing, "MOST_BYTES", 15)

    packed = packing.pack(parent, now=now)
    with packed.file:
        told, archive = opened(packed.file)

    assert sorted(told["files"].values()) == ["", "changed", words.TOO_MUCH]
    assert len(archive.namelist()) == 2 + 1


@pytest.fixture
def page(client: Client, parent: User) -> Client:
    client.force_login(parent)
    return client


def content(client: Client) -> str:
    return client.get(reverse("family:data")).content.decode()


def test_ordered_made_fetched_and_ended(
    page: Client, parent: User, child: Child, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    Guardianship.objects.update(answered_at=timezone.now())
    assert "Файлға тапсырыс беру" in content(page)

    page.post(reverse("family:data"))
    page.post(reverse("family:data"))  # a double click
    assert "Файл дайындалып жатыр" in content(page)
    leases.take(exports.RUN, "another", lasts=timedelta(minutes=1))
    assert exports.run() == 0  # one run at a time, so that a worker stays free
    leases.end(exports.RUN, "another")
    assert exports.run() == 1
    export = FamilyExport.objects.get()
    assert export.children == [child.pk]
    address = reverse("family:file", args=[export.public_id])
    assert address in content(page)

    answer: Any = page.get(address)
    told, _ = opened(io.BytesIO(b"".join(answer.streaming_content)))
    assert told["person"]["iin"] == parent.iin
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Cache-Control"] == "no-store"
    looks = JournalEntry.objects.filter(kind=EntryKind.READ, model="applications.familyexport")
    assert sorted(looks.values_list("child", "facts", "said__user"), key=str) == [
        (child.pk, {"what": "EXPORT"}, parent.pk),
        (None, {"what": "EXPORT"}, parent.pk),
    ]

    FamilyExport.objects.update(ends_at=timezone.now())
    assert page.get(address).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        erasing.run(now=timezone.now() + timedelta(days=2))
    assert not FamilyExport.objects.exists()
    assert not default_storage.exists(str(export.file.name))


def made(user: User, now: datetime) -> FamilyExport:
    export = exports.order(user, now=now)
    exports.make(export, now=now)
    export.refresh_from_db()
    return export


@pytest.mark.parametrize("happened", ["denied", "hidden"])
def test_what_was_made_before_the_child_was_lost_is_not_handed_out(
    happened: str, page: Client, parent: User, child: Child, executor: User
) -> None:
    now = timezone.now()
    Guardianship.objects.update(answered_at=now)
    export = made(parent, now)
    address = reverse("family:file", args=[export.public_id])
    assert page.get(address).status_code == 200

    if happened == "denied":
        Guardianship.objects.update(denied_at=now)
    else:
        hide(child, parent, executor, now)

    assert page.get(address).status_code == 404
    assert address not in content(page)


def test_nobody_else_fetches_it(page: Client, parent: User, stranger: User, child: Child) -> None:
    export = made(parent, timezone.now())
    address = reverse("family:file", args=[export.public_id])
    other = Client()
    assert other.get(address).status_code == 302  # to the sign-in
    other.force_login(stranger)

    assert other.get(address).status_code == 404
    assert "Файл дайын" not in content(other)


def test_one_that_is_not_what_was_made_is_not_handed_out(page: Client, parent: User) -> None:
    export = made(parent, timezone.now())
    FamilyExport.objects.update(sha256="0" * 64)

    answer = page.get(reverse("family:file", args=[export.public_id]))

    assert answer.status_code == 503


def test_one_that_cannot_be_made_ends_dead_and_may_be_ordered_anew(
    page: Client, parent: User, monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(packing, "pack", fail)
    exports.order(parent, now=now)
    for hour in range(0, 40, 3):
        exports.make_next(now=now + timedelta(hours=hour))

    assert FamilyExport.objects.get().dead
    assert "Файлды жасау мүмкін болмады" in content(page)
    page.post(reverse("family:data"))
    assert FamilyExport.objects.filter(dead=False).count() == 1


def test_full_disk_costs_an_order_no_try(
    parent: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large file lies in TMPDIR while it is packed."""
    export, tries = exports.order(parent, now=now), queue.MAX_TRIES + 1

    def full(_file: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(packing, "IN_MEMORY", 1)
        patched.setattr(tempfile.SpooledTemporaryFile, "rollover", full)
        assert [exports.make_next(now=now + timedelta(hours=hour)) for hour in range(tries)] == [None] * tries
    export.refresh_from_db()
    assert (export.attempts, export.dead) == (0, False)

    assert exports.make_next(now=now + timedelta(hours=tries)) is True


def test_within_the_hour_it_is_the_same_order(parent: User, now: datetime) -> None:
    first = made(parent, now)

    assert exports.order(parent, now=now + timedelta(minutes=59)) == first
    assert exports.order(parent, now=now + timedelta(minutes=61)) != first


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    lines: list[str] = []
    monkeypatch.setattr("builtins.input", lambda: lines.pop(0))
    yield lines


def test_operations_export_with_a_reason_that_the_parent_can_see(
    parent: User, child: Child, stranger: User, typed: list[str], tmp_path: Path, client: Client
) -> None:
    Guardianship.objects.update(answered_at=timezone.now())
    target = tmp_path / "family.zip"
    with pytest.raises(CommandError, match="say why"):
        call_command("export_family", "--to", str(target))
    typed += [parent.iin, parent.iin]

    call_command("export_family", "--why", "request 17 of 1 June", "--to", str(target))

    assert target.stat().st_mode & 0o777 == 0o600
    told, _ = opened(io.BytesIO(target.read_bytes()))
    assert told["person"]["iin"] == parent.iin
    looks = JournalEntry.objects.filter(kind=EntryKind.READ).order_by("pk")
    assert [look.child for look in looks] == [child.pk, None]
    assert looks[0].facts == {"what": Shown.EXPORT, "why": "request 17 of 1 June"}
    with pytest.raises(CommandError, match="File exists"):
        call_command("export_family", "--why", "again", "--to", str(target))


@pytest.mark.parametrize(("number", "said"), [("1", "not an IIN"), ("191102599908", "holds nothing")])
def test_operations_hear_that_a_person_is_unknown(
    number: str, said: str, typed: list[str], tmp_path: Path, db: None
) -> None:
    typed.append(number)

    with pytest.raises(CommandError, match=said):
        call_command("export_family", "--why", "x", "--to", str(tmp_path / "none.zip"))
    assert not (tmp_path / "none.zip").exists()


def test_who_has_nothing_gets_an_almost_empty_file(stranger: User, now: datetime) -> None:
    told = gathered(stranger, now)

    assert stranger.iin in told


def test_an_unsigned_decision_is_the_schools_own(
    make_application: MakeApplication, parent: User, executor: User, now: datetime
) -> None:
    under_review = complete(make_application(Status.IN_REVIEW), now=now)
    lifecycle.propose(
        under_review, by=executor, now=now, result=Result.REFUSE, reason_code="OTHER", reason="жоба"
    )

    assert "жоба" not in gathered(parent, now)


def test_a_director_reads_of_the_posts_also_of_ended_ones_and_of_none(
    director: User, school: School, now: datetime
) -> None:
    StaffMember.every.filter(user=director).update(ended_at=now)
    StaffMember.objects.create(user=director, role=Role.OPS)

    packed = packing.pack(director, now=now)
    with packed.file:
        told, _ = opened(packed.file)

    assert [(post["place"], bool(post["until"])) for post in told["posts"]] == [
        (school.name_kk, True),
        ("", False),
    ]


def test_of_a_hidden_child_the_file_is_made_and_fetched_without_its_whereabouts(
    page: Client, parent: User, child: Child, executor: User
) -> None:
    now = timezone.now()
    Guardianship.objects.update(answered_at=now)
    hide(child, parent, executor, now)

    export = made(parent, now)

    assert page.get(reverse("family:file", args=[export.public_id])).status_code == 200
