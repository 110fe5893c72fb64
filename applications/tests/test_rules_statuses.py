"""After the signature (R93-R123, D1-D3a, D14-D21): each change with its traces, each page with its words."""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from accounts.models import Child, User
from applications import lifecycle
from applications.filing import reapplication
from applications.filing.tests.wizard_cast import step
from applications.models import Application, PaperKind, Purpose, RefusalReason, Result
from applications.status import Status
from applications.tests.cast import complete, evidence_of
from notifications.models import Channel, Message
from schools.models import Intake, School
from tests.reading import told, words

LIST = "/applications/"


@pytest.fixture(params=["kk", "ru"])
def language(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def reader(at_home: Client, language: str) -> Client:
    """The parent, signed in, reading in one language."""
    at_home.cookies["lang"] = language
    return at_home


def page_of(name: str, application: Application) -> str:
    return reverse(f"cabinet:{name}", args=[application.public_id])


# --- a whole life ------------------------------------------------------------------------------------
@pytest.mark.rule("R97", "R103", "R104", "R110", "R122", "R123", "R189", "R196", "D1", "D21")
def test_every_change_is_told_in_the_cabinet_and_by_sms(
    make_application, parent: User, executor: User, director: User, now: datetime, language: str
) -> None:
    """Filed, proposed, returned, proposed again, accepted, withdrawn: who did it, and who heard of it how."""
    User.objects.filter(pk=parent.pk).update(lang=language)
    application = complete(make_application(extra_phone="+77019999999"), now=now)

    def signed(purpose: Purpose, by: User, **more: Any) -> Any:
        fresh = Application.objects.get(pk=application.pk)
        return evidence_of(fresh, purpose, by=User.objects.get(pk=by.pk), now=now, **more)

    def propose() -> None:
        lifecycle.propose(application, by=executor, now=now, result=Result.ACCEPT)

    def accept() -> None:
        decision = application.decisions.get(returned_at=None)
        evidence = signed(Purpose.DECISION, director, decision=decision)
        lifecycle.act(evidence, now=now)

    life: list[tuple[Callable[[], Any], Status, User, set]] = [
        (
            lambda: lifecycle.act(signed(Purpose.APPLICATION, parent), now=now),
            Status.IN_REVIEW, parent, {("new_application", director), ("new_application", executor)},
        ),
        (propose, Status.SIGNING, executor, {("decision_prepared", director)}),
        (
            lambda: lifecycle.return_to_executor(application, by=director, reason="Қараңыз", now=now),
            Status.IN_REVIEW, director, {("decision_returned", executor)},
        ),
        (propose, Status.SIGNING, executor, {("decision_prepared", director)}),
        (accept, Status.ACCEPTED, director, set()),
        (
            lambda: lifecycle.act(signed(Purpose.WITHDRAWAL, parent), now=now),
            Status.WITHDRAWN, parent, {("withdrawn_school", director), ("withdrawn_school", executor)},
        ),
    ]  # fmt: skip
    for act, status, by, school in life:
        before = set(Message.objects.values_list("pk", flat=True))
        act()
        new = Message.objects.exclude(pk__in=before)
        application.refresh_from_db()
        change = application.changes.latest("at", "pk")

        assert (application.status, change.new, change.by, change.at) == (status, status, by, now)
        assert sorted(new.filter(recipient=parent).values_list("channel", "phone")) == [
            (Channel.CABINET, ""), (Channel.SMS, "+77011234501"),
        ]  # fmt: skip
        sms = new.get(recipient=parent, channel=Channel.SMS).text
        assert f"«{told(language, LABELS[status])}»" in sms
        heard = new.exclude(recipient=parent)
        assert {(one.template, one.recipient) for one in heard} == school
        assert not heard.filter(channel=Channel.SMS).exists()
    assert application.changes.count() == len(life)


@pytest.mark.rule("R9", "R21", "R120")
def test_application_is_taken_at_any_hour_and_due_in_working_time(make_application, now: datetime) -> None:
    night = now.replace(month=6, day=14, hour=3)  # a Sunday
    draft = complete(make_application(), now=now)
    evidence = evidence_of(draft, Purpose.APPLICATION, by=draft.applicant, now=night)

    filed = lifecycle.act(evidence, now=night)

    assert (filed.status, filed.submitted_at) == (Status.IN_REVIEW, night)
    assert filed.due_at == night.replace(day=15, hour=18, minute=30)


# --- the parent's pages ------------------------------------------------------------------------------
LABELS = {
    Status.IN_REVIEW: "Тексеруде",
    Status.SIGNING: "Қол қоюда",
    Status.ACCEPTED: "Қабылданды",
    Status.REFUSED: "Бас тартылды",
    Status.WITHDRAWN: "Кері қайтарып алынды",
}
MEANINGS = {
    Status.IN_REVIEW: "Өтінім мектепке жіберілді, 1 жұмыс күні ішінде қаралуы тиіс.",
    Status.SIGNING: "Мектеп өтінімді қарап болды, директордың қол қоюы күтілуде.",
    Status.ACCEPTED: "Директор қабылдау туралы шешімге қол қойды.",
    Status.REFUSED: "Мектеп қабылдаудан бас тартты.",
    Status.WITHDRAWN: "Өтінім кері қайтарып алынды. Жаңа өтінім беру қажет",
}
TO_DO = {
    Status.ACCEPTED: "Әрі қарай орындалатын әрекеттерді нақтылау үшін мектеппен байланысыңыз.",
    Status.REFUSED: "Бас тарту себебі хабарламада көрсетілген. Өтінімді сол мектепке немесе басқа мектепке "
    "қайта беруге болады.",
}


@pytest.mark.rule("R102", "R105", "R107", "R108", "R109", "R111", "R116", "D2")
@pytest.mark.parametrize("status", list(LABELS))
def test_status_is_shown_with_its_meaning_and_what_to_do(
    reader: Client, make_application, status: Status, language: str
) -> None:
    application = make_application(status)

    listed, own = words(reader.get(LIST)), words(reader.get(page_of("application", application)))

    assert told(language, LABELS[status]) in listed
    assert told(language, LABELS[status]) in own
    assert told(language, MEANINGS[status]) in own
    assert told(language, TO_DO.get(status, LABELS[status])) in own


@pytest.mark.rule("R96", "R97", "R98")
def test_result_page_says_that_it_is_sent(reader: Client, make_application, language: str) -> None:
    page = words(reader.get(page_of("result", make_application(Status.IN_REVIEW))))

    sent = "Өтінімге қол қойылды және таңдалған білім беру ұйымына қарауға жіберілді"
    assert told(language, sent) in page
    assert told(language, "Мәртебесі", "Тексеруде") in page
    assert told(language, "Мектеп өтінімді 1 жұмыс күні ішінде қарайды.") in page


@pytest.mark.rule("R112", "R114", "R115")
def test_withdrawal_has_its_button_and_its_warning(reader: Client, make_application, language: str) -> None:
    application = make_application(Status.IN_REVIEW)

    card = reader.get(page_of("application", application)).content.decode()
    page = words(reader.get(page_of("withdraw", application)))

    button = told(language, "Кері қайтарып алу")
    assert f'href="{page_of("withdraw", application)}">{button}</a>' in card
    warning = (
        "Өтінімді кері қайтарып алғаннан кейін 1-сыныпқа құжаттарды қабылдауға қайтадан өтінім беру қажет "
        "болады"
    )
    assert told(language, warning) in page
    assert told(language, "Кері қайтарып алуға QR-код немесе ЭЦҚ арқылы қол қойылады.") in page


@pytest.mark.rule("R19", "R93", "R94")
def test_signing_offers_two_ways(reader: Client, make_application, now: datetime, language: str) -> None:
    draft = complete(make_application(), now=now)
    started = reader.post(reverse("filing:sign", args=[draft.public_id]))

    source = reader.get(started["Location"]).content.decode()

    dialog = words(source.split("<dialog")[1].split("</dialog>")[0])
    assert told(language, "Қол қою тәсілін таңдаңыз") in dialog
    assert "QR-код" in dialog
    assert told(language, "ҚР ҰКО ЭЦҚ") in dialog


@pytest.mark.rule("R99", "R100", "R101", "D14")
def test_both_papers_are_downloaded_in_my_applications(
    reader: Client, make_application, parent: User, now: datetime, language: str
) -> None:
    accepted = make_application(Status.ACCEPTED)
    signature = accepted.signatures.create(
        purpose="APPLICATION", method="QR", payload="x", payload_sha256="0", cms=b"", certificate=b"",
        signer=parent, signer_iin=parent.iin, signer_name="x", serial="1", valid_from=now, valid_to=now,
        algorithm="rsa", signed_at=now,
    )  # fmt: skip
    buttons = {PaperKind.RECEIPT: "Өтінімді жүктеу", PaperKind.NOTICE: "Хабарламаны жүктеу"}
    for kind in buttons:
        content = f"%PDF {kind}".encode()
        paper = accepted.papers.create(
            kind=kind, signature=signature, created_at=now, next_try_at=now,
            sha256=hashlib.sha256(content).hexdigest(), rendered_at=now,
        )  # fmt: skip
        paper.file.save("paper", ContentFile(content))

    listed = words(reader.get(LIST))

    assert told(language, "Менің өтінімдерім") in listed
    for kind, button in buttons.items():
        assert told(language, button) in listed
        answer = reader.get(reverse("cabinet:paper", args=[accepted.public_id, kind.lower()]))
        assert b"".join(answer) == f"%PDF {kind}".encode()
        assert answer["Content-Disposition"].startswith("attachment")


# --- the school's side -------------------------------------------------------------------------------
@pytest.mark.rule("R185", "D3a")
def test_over_the_plan_the_parent_is_warned_and_the_school_sees_it(
    at_home: Client, make_application, director: User
) -> None:
    Intake.objects.update(seats=1, outside_limit=0)
    draft = make_application(intake=Intake.objects.get(), step2_at=None)
    other = Child.objects.create(iin="200315500001", name="Бала", birth_date=date(2020, 3, 15), sex="M")
    filed = make_application(Status.IN_REVIEW, child=other)
    Intake.objects.update(held_local=2)

    warned = words(at_home.get(step(draft, "way")))
    complete(draft, now=filed.submitted_at)
    Application.objects.filter(pk=draft.pk).update(step2_at=filed.submitted_at)
    last = [words(at_home.get(step(draft, "review")))]
    for seats in (0, 3):
        Intake.objects.update(seats=seats)
        last.append(words(at_home.get(step(draft, "review"))))
    Intake.objects.update(seats=1)
    at_home.force_login(director)
    seen = words(at_home.get(reverse("review:application", args=[filed.public_id])))

    assert "жоспардағы орындар толды, бірақ шағын аудан бойынша өтінім бере аласыз" in warned
    full, unannounced = "мектептің жоспарындағы орындар толды", "бойынша орын жариялаған жоқ"
    assert [(full in page, unannounced in page) for page in last] == [
        (True, False), (False, True), (False, False),
    ]  # fmt: skip
    assert ["сүйеніп бас тарта алады" in page for page in last] == [True, True, False]
    assert "Қабылдау жоспарынан асып кетті." in seen


@pytest.mark.rule("D18", "R213")
def test_request_for_transport_stands_when_the_school_gives_it_up(
    at_home: Client, make_application, director: User, school: School
) -> None:
    filed = make_application(Status.IN_REVIEW, transport=True, transport_address={"same": True})
    School.objects.update(has_transport=False)

    shown = words(at_home.get(page_of("application", filed)))
    at_home.force_login(director)
    address = reverse("review:decide", args=[filed.public_id])
    unanswered = at_home.post(address, {"result": "ACCEPT"})

    assert "Тегін тасымалдау қызметі Қажет" in shown
    assert unanswered.status_code == 400
    assert "Тасымалдау бойынша жауапты таңдаңыз" in words(unanswered)


@pytest.mark.rule("R109", "D16")
def test_refusal_has_six_grounds(reader: Client, make_application, director: User, language: str) -> None:
    filed = make_application(Status.IN_REVIEW)
    reader.force_login(director)

    source = reader.get(reverse("review:application", args=[filed.public_id])).content.decode()

    grounds = [
        "Құжаттар толық емес", "Мәліметтер дұрыс емес", "Бос орын жоқ", "Баланың жасы сәйкес келмейді",
        "Бала мектепке қабылданған", "Басқа себеп",
    ]  # fmt: skip
    select = source.split('name="reason_code"')[1].split("</select>")[0]
    options = [words(option.split(">", 1)[1]).partition(" (")[0] for option in select.split("<option")[2:]]
    assert options == [told(language, ground) for ground in grounds]


@pytest.mark.rule("R109", "D20")
def test_one_may_apply_again_as_often_as_one_likes(make_application, director: User, now: datetime) -> None:
    refused = make_application(Status.REFUSED)
    numbers = {refused.number}
    for _ in range(3):
        refused.decisions.create(
            result=Result.REFUSE, reason_code=RefusalReason.NO_SEATS, reason="Орындар толды.",
            prepared_by=director, prepared_at=now, signed_by=director, signed_at=now,
        )  # fmt: skip
        again, _opened = reapplication.reapply(refused, now=now)
        numbers.add(again.number)
        Application.objects.filter(pk=again.pk).update(
            status=Status.REFUSED, intake=refused.intake, route="LOCAL", submitted_at=now, received_at=now,
            due_at=now + timedelta(days=1), decided_at=now, data_correct_at=now, external_data_at=now,
        )  # fmt: skip
        refused = Application.objects.get(pk=again.pk)

    assert len(numbers) == 4
