"""«Менің өтінімдерім» (R92-R118, D12, D14, D20): the review, the list, one application and its end."""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from accounts.models import Guardianship, User
from accounts.storage import LockedStorage, StoreAway
from applications import drafts, lifecycle, messages
from applications.documents import keeping
from applications.filing import reapplication, wizard
from applications.filing.reapplication import Opened
from applications.filing.tests.wizard_cast import file, jpeg, pdf, step, text
from applications.models import Application, DocumentKind, RefusalReason, Result, Route
from applications.papers import drawing
from applications.status import Status
from applications.tests.cast import complete
from conftest import ALMATY, YEAR
from notifications import texts
from notifications.models import Message
from tests.reading import words

LIST = "/applications/"
COPIED = "Жаңа өтінім ашылды: деректеріңіз көшірілді."
OPEN_ALREADY = "Бұл бала үшін толтырылып жатқан өтініміңіз бар: ол сол күйінде ашылды, ештеңе көшірілген жоқ."
R96 = "Өтінімге қол қойылды және таңдалған білім беру ұйымына қарауға жіберілді"
R115 = (
    "Өтінімді кері қайтарып алғаннан кейін 1-сыныпқа құжаттарды қабылдауға қайтадан өтінім беру қажет болады"
)
R116 = "Өтінім кері қайтарып алынды. Жаңа өтінім беру қажет"


def page_of(name: str, application: Application) -> str:
    return reverse(f"cabinet:{name}", args=[application.public_id])


@pytest.fixture
def ready(make_application, now: datetime) -> Application:
    """Everything is answered; only the signature is missing."""
    draft = complete(make_application(), now=now)
    draft.ticks_version = wizard.TICKS_VERSION
    draft.save()
    return draft


def refuse(application: Application, director: User, now: datetime, *, code: RefusalReason) -> Application:
    application.decisions.create(
        result=Result.REFUSE, reason_code=code, reason="Мекенжайыңыз басқа мектепке қарайды.",
        prepared_by=director, prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip
    return application


# --- the review --------------------------------------------------------------------------------------
@pytest.mark.rule("R45", "R92", "R93")
def test_review_shows_what_will_be_signed_with_a_way_back_for_every_answer(
    at_home: Client, ready: Application
) -> None:
    page = text(at_home.get(step(ready, "review")))

    for value in (
        f"№ {ready.number}", "Сәрсенова Айгүл Маратқызы", "Сәрсенов Арман", "Қазақ", "2026-2027",
        "«№63 жалпы білім беретін мектеп» КММ", "Шағын аудан бойынша", "Көрсетілмеген", "№ 065/у нысанды",
    ):  # fmt: skip
        assert value in page
    for name in ("child", "way", "transport", "documents"):
        assert f'href="{step(ready, name)}?back=review"' in page
    assert f'action="/sign/{ready.public_id}/APPLICATION/"' in page
    assert "Өтінімге қол қою" in page
    assert "900708499904" not in page


@pytest.mark.rule("D10", "R92")
def test_review_repeats_what_the_school_may_object_to(
    at_home: Client, ready: Application, now: datetime
) -> None:
    assert "Құжаттар бойынша ескерту" not in text(at_home.get(step(ready, "review")))
    Application.objects.update(special_needs=True)
    early: dict[str, Any] = {"valid_until": date(YEAR, 8, 1)}
    keeping.store(ready, kind=DocumentKind.PMPC, upload=file("a.pdf", pdf()), now=now, **early)

    page = text(at_home.get(step(ready, "review")))

    assert "Құжаттар бойынша ескерту" in page
    assert "мерзімі 1 қыркүйекке дейін аяқталады" in page
    assert "Өтінімге қол қою</button>" in page  # said, never a reason to stop


@pytest.mark.rule("D8")
def test_review_before_the_opening_says_when_and_has_no_button(
    at_home: Client, ready: Application, other_school, now: datetime
) -> None:
    Application.objects.update(route=Route.OUTSIDE, intake=other_school.intakes.get())

    page = text(at_home.get(step(ready, "review")))

    assert "2026 ж. 29 маусым, 00:00" in page
    assert "қазір 2026 ж. 10 маусым, 11:00" in page
    assert "Өтінімге қол қою" not in page


def test_review_takes_no_post(at_home: Client, ready: Application) -> None:
    answer = at_home.post(step(ready, "review"), {})

    ready.refresh_from_db()
    assert (answer.status_code, ready.status) == (200, Status.DRAFT)


# --- the result --------------------------------------------------------------------------------------
@pytest.mark.rule("R96", "R98")
def test_result_says_the_sentence_the_number_and_when_the_answer_is_due(
    at_home: Client, make_application
) -> None:
    filed = make_application(Status.IN_REVIEW)

    page = text(at_home.get(page_of("result", filed)))

    assert R96 in page
    assert f"№ {filed.number}" in page
    assert "2026 ж. 11 маусым, 11:00" in page
    assert R96 in text(at_home.get(page_of("result", filed)))  # may be reloaded


def test_result_of_a_draft_leads_back_to_it(at_home: Client, ready: Application) -> None:
    assert at_home.get(page_of("result", ready))["Location"] == page_of("application", ready)


@pytest.mark.rule("R95", "R101", "D14")
def test_papers_are_offered_when_they_are_ready(
    at_home: Client, make_application, parent: User, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    signature = filed.signatures.create(
        purpose="APPLICATION", method="QR", payload="x", payload_sha256="0", cms=b"", certificate=b"",
        signer=parent, signer_iin=parent.iin, signer_name="x", serial="1", valid_from=now, valid_to=now,
        algorithm="rsa", signed_at=now,
    )  # fmt: skip
    paper = filed.papers.create(kind="RECEIPT", signature=signature, created_at=now, next_try_at=now)
    path = reverse("cabinet:paper", args=[filed.public_id, "receipt"])

    assert "дайындалуда, шамамен 10 секунд" in text(at_home.get(page_of("result", filed)))
    assert at_home.get(path).status_code == 404

    paper.file.save("paper", ContentFile(b"%PDF-1.7"), save=False)
    paper.sha256, paper.rendered_at = hashlib.sha256(b"%PDF-1.7").hexdigest(), now
    paper.save()

    for page in (page_of("result", filed), LIST):
        button = text(at_home.get(page)).split(f'href="{path}">')[1].split("</a>")[0]
        assert words(button).startswith("Өтінімді жүктеу")
        assert '<svg class="icon"' in button and 'aria-hidden="true"' in button  # as the help describes it
    answer = at_home.get(path)
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer) == b"%PDF-1.7"
    assert at_home.get(reverse("cabinet:paper", args=[filed.public_id, "notice"])).status_code == 404


# --- the list ----------------------------------------------------------------------------------------
@pytest.mark.rule("R102", "R105", "R106", "R128")
@pytest.mark.parametrize(
    ("status", "label", "action"),
    [
        (Status.DRAFT, "Толтырылуда", "Жалғастыру"),
        (Status.IN_REVIEW, "Тексеруде", "Хабарламаны күтіңіз"),
        (Status.SIGNING, "Қол қоюда", "Хабарламаны күтіңіз"),
        (Status.ACCEPTED, "Қабылданды", "мектеппен байланысыңыз"),
        (Status.REFUSED, "Бас тартылды", "сол мектепке немесе басқа мектепке қайта беруге болады"),
        (Status.WITHDRAWN, "Кері қайтарып алынды", "Жаңа өтінім беру қажет"),
    ],
)
def test_card_says_the_status_and_what_to_do(
    at_home: Client, make_application, status: Status, label: str, action: str
) -> None:
    make_application(status)

    page = text(at_home.get(LIST))

    assert label in page
    assert action in page
    assert ("Жауап беру мерзімі:" in page) is (status in (Status.IN_REVIEW, Status.SIGNING))


def test_list_shows_only_ones_own(client: Client, stranger: User, make_application, clock) -> None:
    filed = make_application(Status.IN_REVIEW)
    client.force_login(stranger)

    page = text(client.get(LIST))

    assert filed.number not in page
    assert "Сізде әзірге өтінім жоқ." in page


def test_paper_application_being_filled_in_by_the_school_is_not_the_parents_to_finish(
    at_home: Client, make_application, executor: User
) -> None:
    paper = make_application(channel="IN_PERSON", filed_by=executor)

    assert page_of("application", paper) not in text(at_home.get(LIST))
    assert at_home.get(step(paper, "child")).status_code == 404


def test_late_answer_is_marked(at_home: Client, make_application, now: datetime) -> None:
    make_application(Status.IN_REVIEW, due_at=now - timedelta(hours=1))

    assert "Мерзімі өтті" in text(at_home.get(LIST))


# --- one application ---------------------------------------------------------------------------------
@pytest.mark.rule("R103", "R104", "R105", "D1")
def test_history_is_told_in_words_and_awaiting_a_signature_gives_nothing_away(
    at_home: Client, make_application, parent: User, executor: User, now: datetime
) -> None:
    filed = make_application(Status.SIGNING)
    filed.changes.create(old="DRAFT", new="IN_REVIEW", at=now, by=parent)
    filed.changes.create(old="IN_REVIEW", new="SIGNING", at=now + timedelta(hours=1), by=executor)
    filed.decisions.create(
        result="REFUSE", reason_code="OTHER", reason="Құпия", prepared_by=executor, prepared_at=now
    )

    page = text(at_home.get(page_of("application", filed)))

    assert "Сіз: өтінімге қол қойылып, мектепке жіберілді." in page
    assert "Мектеп: өтінім қаралды, директордың қол қоюы күтілуде." in page
    assert "2026 ж. 10 маусым, 12:00" in page
    assert "Құпия" not in page
    assert executor.full_name not in page


@pytest.mark.rule("R109", "R216")
def test_refusal_is_shown_in_full_with_a_way_to_apply_again(
    at_home: Client, make_application, director: User, now: datetime
) -> None:
    refused = refuse(make_application(Status.REFUSED), director, now, code=RefusalReason.UNTRUE)

    page = text(at_home.get(page_of("application", refused)))

    assert "Мәліметтер дұрыс емес" in page
    assert "Мекенжайыңыз басқа мектепке қарайды." in page
    assert f'action="{page_of("reapply", refused)}"' in page
    assert "Кері қайтарып алу<" not in page  # R117


@pytest.mark.rule("R108", "R213", "D17")
def test_acceptance_answers_on_transport_too(
    at_home: Client, make_application, director: User, now: datetime
) -> None:
    accepted = make_application(Status.ACCEPTED, transport=True, transport_address={"same": True})
    accepted.decisions.create(
        result="ACCEPT", transport=False, transport_reason="Бағыт жоқ.", prepared_by=director,
        prepared_at=now, signed_by=director, signed_at=now,
    )  # fmt: skip

    page = text(at_home.get(page_of("application", accepted)))

    assert "Директор қабылдау туралы шешімге қол қойды." in page
    assert "Тасымалдау қызметі көрсетілмейді. Бағыт жоқ." in page
    assert "tel:+77172000063" in page


# --- withdrawal --------------------------------------------------------------------------------------
@pytest.mark.rule("R112", "R114", "R115", "R118")
@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.SIGNING, Status.ACCEPTED])
def test_withdrawal_warns_before_it_is_signed(at_home: Client, make_application, status: Status) -> None:
    filed = make_application(status)

    assert page_of("withdraw", filed) in text(at_home.get(page_of("application", filed)))
    page = text(at_home.get(page_of("withdraw", filed)))

    assert R115 in page
    assert "резервтегі орын сақталмайды" in page
    assert f'action="/sign/{filed.public_id}/WITHDRAWAL/"' in page


@pytest.mark.rule("R117", "D12")
@pytest.mark.parametrize("status", [Status.REFUSED, Status.WITHDRAWN])
def test_closed_application_is_not_withdrawn(at_home: Client, make_application, status: Status) -> None:
    closed = make_application(status)

    answer = at_home.get(page_of("withdraw", closed))

    assert page_of("withdraw", closed) not in text(at_home.get(page_of("application", closed)))
    assert answer.status_code == 409
    assert "WITHDRAWAL" not in text(answer)


@pytest.mark.rule("R117", "D12")
def test_nothing_is_withdrawn_after_31_august(
    at_home: Client, make_application, now: datetime, clock
) -> None:
    accepted = make_application(Status.ACCEPTED)

    clock.move_to(now.replace(month=8, day=31, hour=23, minute=59))
    at_home.force_login(accepted.applicant)
    assert page_of("withdraw", accepted) in text(at_home.get(page_of("application", accepted)))

    clock.move_to(now.replace(month=9, day=1, hour=0, minute=0))
    assert page_of("withdraw", accepted) not in text(at_home.get(page_of("application", accepted)))
    answer = at_home.get(page_of("withdraw", accepted))
    assert answer.status_code == 409
    assert "31 тамызда аяқталды" in text(answer)


@pytest.mark.rule("R113", "R116")
def test_withdrawn_application_says_that_a_new_one_is_needed(at_home: Client, make_application) -> None:
    withdrawn = make_application(Status.WITHDRAWN)

    page = text(at_home.get(page_of("application", withdrawn)))

    assert R116 in page
    assert page_of("reapply", withdrawn) in page
    assert at_home.get(page_of("result", withdrawn))["Location"] == page_of("application", withdrawn)


def test_draft_is_not_withdrawn(at_home: Client, ready: Application) -> None:
    assert at_home.get(page_of("withdraw", ready)).status_code == 404


# --- deleting a draft --------------------------------------------------------------------------------
def test_draft_is_deleted_after_a_question(at_home: Client, ready: Application) -> None:
    assert "жою керек пе?" in text(at_home.get(page_of("delete_draft", ready)))
    assert Application.objects.exists()

    answer = at_home.post(page_of("delete_draft", ready))

    assert answer["Location"] == LIST
    assert not Application.objects.exists()


def test_second_click_on_delete_is_told_that_it_is_done(
    at_home: Client, ready: Application, stranger: User
) -> None:
    delete, elsewhere = page_of("delete_draft", ready), Client()
    elsewhere.force_login(stranger)
    at_home.post(delete)

    again, back = at_home.post(delete, follow=True), at_home.get(delete)

    assert again.redirect_chain == [(LIST, 302)] and "Толтырылып жатқан өтінім жойылды." in text(again)
    assert back["Location"] == LIST
    assert elsewhere.post(delete).status_code == 404


def test_filed_application_is_not_deleted(at_home: Client, make_application) -> None:
    filed = make_application(Status.IN_REVIEW)

    answer = at_home.post(page_of("delete_draft", filed))

    assert answer["Location"] == page_of("application", filed)
    assert Application.objects.get() == filed


# --- applying again ----------------------------------------------------------------------------------
@pytest.mark.rule("R109", "D20")
def test_applying_again_copies_everything_and_asks_for_the_papers_to_be_confirmed(
    at_home: Client, make_application, director: User, now: datetime
) -> None:
    old = make_application(extra_phone="+77011234567", transport=True, transport_address={"same": True})
    photo = keeping.store(old, kind=DocumentKind.PHOTO, upload=file("p.jpg", jpeg()), now=now)
    Application.objects.filter(pk=old.pk).update(
        status=Status.REFUSED,
        submitted_at=now,
        received_at=now,
        due_at=now,
        decided_at=now,
        data_correct_at=now,
        external_data_at=now,
    )
    refuse(old, director, now, code=RefusalReason.INCOMPLETE)

    answer = at_home.post(page_of("reapply", old))

    new = Application.objects.get(status=Status.DRAFT)
    assert answer["Location"] == step(new, "documents")
    assert new.number != old.number
    assert new.copied_from == old
    assert (new.extra_phone, new.route, new.intake, new.transport) == (
        "+77011234567", Route.LOCAL, old.intake, True,
    )  # fmt: skip
    assert (new.data_correct_at, new.step3_at) == (None, None)
    copy = new.documents.get()
    assert copy.facts() | {"file": ""} == photo.facts() | {"file": ""}
    assert photo.flaws and copy.file.name != photo.file.name


def _silent(*_given: Any) -> bytes:
    raise StoreAway("too late")


@pytest.mark.rule("D20")
@pytest.mark.parametrize("what", ["changed", "not read", "not copied"])
def test_applying_again_leaves_out_a_file_that_is_not_the_uploaded_one(
    make_application, director: User, now: datetime, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for anew, as if it had never been there; so is one that a silent store keeps."""
    old = make_application()
    photo = keeping.store(old, kind=DocumentKind.PHOTO, upload=file("p.jpg", jpeg()), now=now)
    if what == "changed":
        with photo.file.storage.open(str(photo.file.name), "ab") as stored:
            stored.write(b"\n")
    else:
        monkeypatch.setattr(LockedStorage, "stored" if what == "not read" else "put", _silent)
    Application.objects.filter(pk=old.pk).update(
        status=Status.REFUSED, submitted_at=now, received_at=now, due_at=now, decided_at=now,
        data_correct_at=now, external_data_at=now,
    )  # fmt: skip

    draft, _ = reapplication.reapply(Application.objects.get(pk=old.pk), now=now)

    assert not draft.documents.exists()


@pytest.mark.rule("D20")
@pytest.mark.parametrize(
    ("reason", "page"),
    [
        (RefusalReason.INCOMPLETE, "documents"),
        (RefusalReason.NO_SEATS, "way"),
        (RefusalReason.UNTRUE, "child"),
        (RefusalReason.AGE, "child"),
        (RefusalReason.OTHER, "documents"),
    ],
)
def test_what_was_wrong_is_asked_again_first(
    make_application, director: User, now: datetime, reason: RefusalReason, page: str
) -> None:
    refused = refuse(make_application(Status.REFUSED), director, now, code=reason)

    draft, opened = reapplication.reapply(refused, now=now)
    assert opened == Opened.COPIED

    assert wizard.first_unfinished(draft, now=now) == page


@pytest.mark.rule("R53")
def test_applying_again_keeps_the_time_of_the_enrolment_check(make_application, now: datetime) -> None:
    """The register was not asked, so an old answer must not look new."""
    checked = now - timedelta(days=60)
    withdrawn = make_application(Status.WITHDRAWN, step1_at=checked)

    assert reapplication.reapply(withdrawn, now=now)[0].step1_at == checked


def test_applying_again_twice_makes_one_draft(at_home: Client, make_application) -> None:
    withdrawn = make_application(Status.WITHDRAWN)

    said = [text(at_home.post(page_of("reapply", withdrawn), follow=True)) for _press in range(2)]

    assert Application.objects.filter(status=Status.DRAFT).count() == 1
    assert [COPIED in page for page in said] == [True, False]
    assert [OPEN_ALREADY in page for page in said] == [False, True]


@pytest.mark.rule("D20")
def test_draft_begun_by_hand_is_opened_without_a_word_of_copying(at_home: Client, make_application) -> None:
    withdrawn = make_application(Status.WITHDRAWN, extra_phone="+77010000000")
    make_application(extra_phone="+77019999999")

    page = text(at_home.post(page_of("reapply", withdrawn), follow=True))

    assert OPEN_ALREADY in page
    assert "көшірілді" not in page


def test_open_draft_is_not_overwritten_by_an_old_application(make_application, now: datetime) -> None:
    withdrawn = make_application(Status.WITHDRAWN, extra_phone="+77010000000")
    begun = make_application(extra_phone="+77019999999")

    assert reapplication.reapply(withdrawn, now=now) == (begun, Opened.AS_IT_IS)
    begun.refresh_from_db()
    assert begun.extra_phone == "+77019999999"


@pytest.mark.parametrize("status", [Status.IN_REVIEW, Status.ACCEPTED])
def test_active_application_is_not_applied_for_again(
    at_home: Client, make_application, status: Status
) -> None:
    filed = make_application(status)

    answer = at_home.post(page_of("reapply", filed))

    assert answer["Location"] == page_of("application", filed)
    assert Application.objects.count() == 1


def test_address_of_applying_again_leads_to_the_application(at_home: Client, make_application) -> None:
    refused = make_application(Status.REFUSED)

    assert at_home.get(page_of("reapply", refused)).headers["Location"] == page_of("application", refused)
    assert Application.objects.count() == 1


@pytest.mark.rule("R202", "D20")
def test_refused_application_beside_an_active_one_offers_no_third(at_home: Client, make_application) -> None:
    refused = make_application(Status.REFUSED)
    make_application(Status.IN_REVIEW)

    assert page_of("reapply", refused) not in text(at_home.get(page_of("application", refused)))
    page = text(at_home.post(page_of("reapply", refused), follow=True))
    assert "Жаңа өтінім ашылмады: бұл баланың белсенді өтінімі бар." in page
    assert not Application.objects.filter(status=Status.DRAFT).exists()


OVER = "2026-2027 оқу жылына қабылдау 31 тамызда аяқталды"
SUMMER, AUTUMN = datetime(2026, 8, 31, 23, 59, 59, tzinfo=ALMATY), datetime(2026, 9, 1, tzinfo=ALMATY)


@pytest.mark.rule("D83", "R109", "R116")
@pytest.mark.parametrize("status", [Status.REFUSED, Status.WITHDRAWN])
@pytest.mark.parametrize("at", [SUMMER, AUTUMN], ids=["last second", "first second after"])
def test_nothing_is_applied_for_again_when_the_intake_is_over(
    client: Client, parent: User, make_application, director: User, status: Status, at: datetime, clock: Any
) -> None:
    closed, later, over = make_application(status), at == AUTUMN, "Жаңа өтінім ашылмады: өтініміңіздің оқу"
    if status == Status.REFUSED:
        refuse(closed, director, SUMMER, code=RefusalReason.OTHER)
    clock.move_to(at)
    Guardianship.objects.update(answered_at=at)
    client.force_login(parent)

    pages = [text(client.get(page)) for page in (page_of("application", closed), "/applications/")]

    assert (page_of("reapply", closed) in pages[0]) is not later
    for page in pages:
        assert (OVER in page) is later
        for said in ("қайта беруге болады", "Жаңа өтінім беру", "деректеріңіз көшіріледі"):
            assert not later or said not in page
    assert ("Келесі оқу жылына өтінім жаңадан беріледі" in pages[0]) is (later and status == Status.REFUSED)
    pressed = text(client.post(page_of("reapply", closed), follow=True))
    assert (over in pressed) is later
    assert [one.year for one in Application.objects.filter(status=Status.DRAFT)] == ([] if later else [YEAR])
    if later:
        with pytest.raises(lifecycle.NotAllowed):
            reapplication.reapply(closed, now=at)


OTHER = "Портал қазір басқа оқу жылына өтінім қабылдап жатыр, сондықтан 2026-2027 оқу жылына"


@pytest.mark.rule("D83")
@pytest.mark.parametrize("status", [Status.REFUSED, Status.WITHDRAWN])
def test_other_year_that_is_taken_by_the_settings_is_not_called_the_end_of_this_one(
    client: Client, parent: User, make_application, director: User, status: Status, settings: Any, clock: Any
) -> None:
    """Nor is a new application promised, which nobody could begin."""
    closed = make_application(status)
    if status == Status.REFUSED:
        refuse(closed, director, SUMMER, code=RefusalReason.OTHER)
    clock.move_to(SUMMER)
    Guardianship.objects.update(answered_at=SUMMER)
    settings.ACADEMIC_YEAR = YEAR + 1
    client.force_login(parent)

    page, listed = (text(client.get(path)) for path in (page_of("application", closed), LIST))
    pressed = text(client.post(page_of("reapply", closed), follow=True))

    assert "31 тамызда аяқталды" not in page + listed + pressed
    assert page_of("reapply", closed) not in page
    assert OTHER in page and OTHER in listed
    for said in ("қайта беруге болады", "Жаңа өтінім беру", "деректеріңіз көшіріледі"):
        assert said not in page + listed
    assert "Жаңа өтінім ашылмады: портал қазір басқа оқу жылына өтінім қабылдап жатыр" in pressed
    assert not Application.objects.filter(status=Status.DRAFT).exists()


@pytest.mark.rule("D83", "R109")
@pytest.mark.parametrize("at", [SUMMER, AUTUMN], ids=["last second", "first second after"])
def test_refusal_after_the_intake_offers_nothing_to_apply_for(
    make_application, director: User, at: datetime
) -> None:
    """The notice and the paper."""
    refused = refuse(make_application(Status.REFUSED), director, at, code=RefusalReason.OTHER)
    decision, later = refused.decisions.get(), at == AUTUMN

    messages.decided(refused, decision, now=at)

    told = Message.objects.get(channel="CABINET")
    over = drawing._decision(decision)["intake_over"]
    paper = render_to_string("papers/pdf/decision.html", {"notice": True, "intake_over": over})
    for page in (texts.wording(told.template, told.context).body, paper):
        assert ("31 тамызда аяқталды" in page) is later
        assert ("қайта беруге болады" in page) is not later
    assert texts.sms("refused", told.context, lang="kk") == Message.objects.get(channel="SMS").text


def test_answers_are_not_written_into_what_is_no_draft(make_application) -> None:
    with pytest.raises(drafts.NotADraft):
        drafts.write(make_application(Status.IN_REVIEW), extra_phone="+77010000000")


@pytest.mark.parametrize("status", list(Status))
def test_pages_speak_russian(at_home: Client, make_application, status: Status) -> None:
    application = make_application(status)
    at_home.cookies["lang"] = "ru"

    for path in (LIST, page_of("application", application), page_of("withdraw", application)):
        answer = at_home.get(path, follow=True)
        if answer.status_code != 404:
            assert '<html lang="ru">' in text(answer)


@pytest.mark.parametrize("status", [Status.REFUSED, Status.ACCEPTED, Status.WITHDRAWN])
def test_page_of_the_signature_promises_nothing_once_it_is_decided(
    client: Client, parent: User, make_application: Any, status: Status
) -> None:
    made = make_application(status)
    client.force_login(parent)

    answer = client.get(reverse("cabinet:result", args=[made.public_id]))

    assert answer["Location"] == reverse("cabinet:application", args=[made.public_id])
