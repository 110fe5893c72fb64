"""The school's cabinet as its people meet it."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import Child, User
from applications import lifecycle
from applications.models import Application, Decision, DocumentKind, Result, SigningRequest
from applications.review import listed, queue
from applications.status import Status
from applications.tests.cast import complete, evidence_of

Make = Callable[..., Application]
WAITING = "?view=waiting"  # where in the queue


@pytest.fixture(autouse=True)
def at_work(now: datetime) -> object:
    with time_machine.travel(now, tick=False) as clock:
        yield clock


@pytest.fixture
def filed(make_application: Make, now: datetime) -> Application:
    """A complete application that its parent signed."""
    draft = complete(make_application(), now=now)
    evidence = evidence_of(draft, "APPLICATION", by=draft.applicant, now=now)
    return lifecycle.act(evidence, now=now)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, application: Application, name: str = "application") -> str:
    answer = browser(user).get(reverse(f"review:{name}", args=[application.public_id]))
    assert answer.status_code == 200
    return answer.content.decode()


def another_child(number: int) -> Child:
    return Child.objects.create(
        iin=f"2003155000{number:02d}", name="Бала", birth_date=date(2020, 3, 15), sex="M"
    )


@pytest.mark.rule("R97", "R122")
def test_queue_shows_the_school_its_applications(filed: Application, director: User, executor: User) -> None:
    for user in (director, executor):
        text = browser(user).get(reverse("review:queue")).content.decode()

        assert str(filed.number) in text
        assert "Сәрсенов Арман" in text


def test_queue_of_another_school_is_empty(filed: Application, other_director: User) -> None:
    text = browser(other_director).get(reverse("review:queue")).content.decode()

    assert str(filed.number) not in text


def test_parent_has_no_queue(filed: Application, parent: User) -> None:
    assert browser(parent).get(reverse("review:queue")).status_code == 404


@pytest.mark.parametrize("name", ["application", "decide", "sign", "return"])
def test_stranger_meets_nothing(filed: Application, other_director: User, parent: User, name: str) -> None:
    address = reverse(f"review:{name}", args=[filed.public_id])
    for user in (other_director, parent):
        send = browser(user).get if name == "application" else browser(user).post

        assert send(address).status_code == 404


def test_draft_is_not_the_schools_business(make_application: Make, director: User) -> None:
    draft = make_application()

    answer = browser(director).get(reverse("review:application", args=[draft.public_id]))

    assert answer.status_code == 404


def test_queue_puts_the_most_urgent_first(make_application: Make, director: User, now: datetime) -> None:
    later = make_application(Status.IN_REVIEW, child=another_child(1), due_at=now + timedelta(hours=30))
    overdue = make_application(Status.IN_REVIEW, child=another_child(2), due_at=now - timedelta(hours=1))
    today = make_application(Status.IN_REVIEW, child=another_child(3), due_at=now + timedelta(hours=2))

    answer = browser(director).get(reverse("review:queue"))

    assert list(answer.context["page"].object_list) == [overdue, today, later]
    assert answer.context["counters"] == {
        "waiting": 3, "overdue": 1, "today": 1, "signing": 0, "decided": 0, "all": 3,
    }  # fmt: skip
    assert "Мерзімі өтті" in answer.content.decode()


def test_queue_asks_the_database_as_often_for_many_as_for_one(
    make_application: Make, director: User, now: datetime, django_assert_max_num_queries: Callable
) -> None:
    for number in range(12):
        make_application(Status.IN_REVIEW, child=another_child(number))
    client = browser(director)

    # Two of them: the days off, for the time that is left; what the menu counts (D58).
    with django_assert_max_num_queries(20):
        client.get(reverse("review:queue"))


@pytest.mark.parametrize("query", ["?view=nonsense", "?page=999", "?number=%00'%22<", "?route=X&language=zz"])
def test_queue_survives_a_bad_address(filed: Application, director: User, query: str) -> None:
    assert browser(director).get(reverse("review:queue") + query).status_code == 200


def test_executor_goes_on_to_the_next_that_waits_for_them(
    filed: Application, make_application: Make, executor: User, now: datetime
) -> None:
    children = [another_child(number) for number in range(2)]
    make_application(Status.SIGNING, child=children[0], due_at=now)  # waits for the director alone
    following = make_application(Status.IN_REVIEW, child=children[1], due_at=now + timedelta(hours=1))

    answer = browser(executor).post(
        reverse("review:decide", args=[filed.public_id]), {"result": "ACCEPT"}, follow=True
    )

    assert answer.redirect_chain[-1][0] == reverse("review:application", args=[following.public_id]) + WAITING
    assert f"№ {filed.number} өтінім бойынша шешім дайын." in answer.content.decode()


def test_director_goes_on_to_the_most_urgent_after_signing(
    filed: Application, make_application: Make, director: User, now: datetime
) -> None:
    make_application(Status.IN_REVIEW, child=another_child(1), due_at=now + timedelta(hours=5))
    urgent = make_application(Status.SIGNING, child=another_child(2), due_at=now + timedelta(hours=1))
    decision = lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)
    evidence = evidence_of(filed, "DECISION", by=director, now=now, decision=decision)
    lifecycle.act(evidence, now=now)

    answer = browser(director).get(reverse("review:decided", args=[filed.public_id]), follow=True)

    assert answer.redirect_chain[-1][0] == reverse("review:application", args=[urgent.public_id]) + WAITING
    assert f"№ {filed.number} өтінім: «Қабылданды». Шешімге қол қойылды." in answer.content.decode()


def test_last_decision_of_the_queue_stays_before_the_eyes(
    filed: Application, director: User, now: datetime
) -> None:
    undecided = browser(director).get(reverse("review:decided", args=[filed.public_id]), follow=True)
    decision = lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)
    evidence = evidence_of(filed, "DECISION", by=director, now=now, decision=decision)
    lifecycle.act(evidence, now=now)

    answer = browser(director).get(reverse("review:decided", args=[filed.public_id]))

    assert "Шешімге қол қойылды." not in undecided.content.decode()
    assert answer.headers["Location"] == reverse("review:application", args=[filed.public_id]) + WAITING


def test_decision_that_came_second_says_who_was_first_and_when(
    filed: Application, executor: User, director: User, now: datetime
) -> None:
    second = browser(executor)
    lifecycle.propose(filed, by=director, now=now, result=Result.ACCEPT)

    answer = second.post(reverse("review:decide", args=[filed.public_id]), {"result": "ACCEPT"}, follow=True)

    said = "Соңғы өзгеріс: Қол қоюда, Қасымова Нұргүл, 2026 ж. 10 маусым, 11:00."
    assert said in answer.content.decode()
    assert Decision.objects.count() == 1


@pytest.mark.rule("D1")
def test_executor_proposes_and_waits(filed: Application, executor: User) -> None:
    address = reverse("review:decide", args=[filed.public_id])

    answer = browser(executor).post(address, {"result": "ACCEPT"}, follow=True)

    filed.refresh_from_db()
    assert filed.status == Status.SIGNING
    assert "Директордың қолы күтілуде" in answer.content.decode()
    assert "Шешімге қол қою" not in answer.content.decode()


def test_director_goes_straight_to_sign(filed: Application, director: User) -> None:
    address = reverse("review:decide", args=[filed.public_id])

    answer = browser(director).post(address, {"result": "ACCEPT"})

    filed.refresh_from_db()
    request = SigningRequest.objects.get(application=filed, purpose="DECISION")
    assert filed.status == Status.IN_REVIEW
    assert answer.headers["Location"] == reverse("signing:page", args=[request.batch.token])


def test_director_signs_what_the_executor_prepared(
    filed: Application, executor: User, director: User, now: datetime
) -> None:
    decision = lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    text = page(director, filed)
    pressed = {"decision": str(decision.pk)}

    answer = browser(director).post(reverse("review:sign", args=[filed.public_id]), pressed)

    assert f'name="decision" value="{decision.pk}"' in text
    assert "Бекова Жанар" in text and "Шешімге қол қою" in text
    assert SigningRequest.objects.get(decision=decision).batch.token in answer.headers["Location"]


def test_director_returns_with_a_word(
    filed: Application, executor: User, director: User, now: datetime
) -> None:
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    address = reverse("review:return", args=[filed.public_id])

    empty = browser(director).post(address, {"reason": ""})
    browser(director).post(address, {"reason": "Фотосурет анық емес"})

    filed.refresh_from_db()
    assert empty.status_code == 400 and "Нені түзету керегін жазыңыз" in empty.content.decode()
    assert filed.status == Status.IN_REVIEW
    assert "Фотосурет анық емес" in page(executor, filed)


@pytest.mark.rule("R109", "D16")
@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({}, "Шешімді таңдаңыз"),
        (
            {"result": "REFUSE", "reason": "Құжаттардың екінші беті жоқ, қосыңыз."},
            "Бас тарту негізін таңдаңыз",
        ),
        ({"result": "REFUSE", "reason_code": "OTHER", "reason": "қысқа"}, "кемінде 20 таңба"),
        ({"result": "REFUSE", "reason_code": "NOSUCH", "reason": "а" * 30}, "енді қолданылмайды"),
        ({"result": "SING"}, "SING"),
    ],
)
def test_refusal_without_a_reason_is_not_taken(
    filed: Application, director: User, data: dict, error: str
) -> None:
    answer = browser(director).post(reverse("review:decide", args=[filed.public_id]), data)

    assert answer.status_code == 400
    own = reverse("review:application", args=[filed.public_id])
    assert f'name="next" value="{own}"' in answer.content.decode()  # where a change of language leads
    assert error in answer.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.rule("R213", "D17")
def test_transport_must_be_answered_when_it_was_asked_for(
    make_application: Make, director: User, now: datetime
) -> None:
    application = make_application(Status.IN_REVIEW, transport=True)
    address = reverse("review:decide", args=[application.public_id])

    silent = browser(director).post(address, {"result": "ACCEPT"})
    unexplained = browser(director).post(address, {"result": "ACCEPT", "transport": "no"})
    browser(director).post(address, {"result": "ACCEPT", "transport": "no", "transport_reason": "Орын жоқ"})

    assert "Тасымалдау бойынша жауапты таңдаңыз" in silent.content.decode()
    assert "неге бас тартылғанын" in unexplained.content.decode()
    assert list(Decision.objects.values_list("transport", "transport_reason")) == [(False, "Орын жоқ")]


def test_decision_on_a_withdrawn_application_ends_in_a_clear_page(
    filed: Application, director: User, now: datetime
) -> None:
    evidence = evidence_of(filed, "WITHDRAWAL", by=filed.applicant, now=now)
    lifecycle.act(evidence, now=now)

    answer = browser(director).post(
        reverse("review:decide", args=[filed.public_id]), {"result": "ACCEPT"}, follow=True
    )

    assert answer.status_code == 200
    assert "Өтінімнің жағдайы өзгеріп кеткен" in answer.content.decode()
    assert not Decision.objects.exists()


def test_documents_open_for_the_school_alone(
    filed: Application, director: User, other_director: User
) -> None:
    document = filed.documents.all()[0]
    address = reverse("review:document", args=[filed.public_id, document.public_id])

    answer = browser(director).get(address)

    assert answer.getvalue().startswith(b"%PDF")
    assert browser(other_director).get(address).status_code == 404


@pytest.mark.rule("R87")
@pytest.mark.parametrize(
    ("issued_on", "kind", "old"),
    [
        (date(2025, 6, 9), DocumentKind.F052_2, True),
        (date(2025, 6, 10), DocumentKind.F052_2, False),
        (None, DocumentKind.F052_2, False),
        (date(2020, 1, 1), DocumentKind.F065, False),  # the card of vaccinations does not age
    ],
)
def test_old_passport_of_health_is_a_word_to_the_school_and_no_obstacle(
    filed: Application, director: User, issued_on: date | None, kind: DocumentKind, old: bool
) -> None:
    filed.documents.filter(kind=kind).update(issued_on=issued_on)

    text = page(director, filed)

    assert ("Бұл құжат бір жылдан бұрын берілген." in text) == old
    assert "Қол қоюға өту" in text


@pytest.mark.rule("D5")
def test_school_sees_that_the_addresses_differ(make_application: Make, director: User, now: datetime) -> None:
    application = make_application(Status.IN_REVIEW)
    application.snapshot = {"applicant": {"address": {"kato": "1"}}, "child": {"address": {"kato": "2"}}}
    application.save(update_fields=["snapshot"])

    assert "тіркеу мекенжайлары әртүрлі" in page(director, application)


@pytest.mark.rule("D21")
def test_school_sees_the_extra_phone(make_application: Make, director: User) -> None:
    application = make_application(Status.IN_REVIEW, extra_phone="+77172555555")

    assert "+7 717 255 55 55" in page(director, application)


def test_pages_speak_russian_too(filed: Application, director: User) -> None:
    client = browser(director)
    client.cookies["lang"] = "ru"

    text = client.get(reverse("review:application", args=[filed.public_id])).content.decode()

    assert f"Заявление № {filed.number}" in text
    assert "Перейти к подписанию" in text


@pytest.mark.rule("R97")
def test_prepared_questions_answer_as_the_filter_does(
    make_application: Make, director: User, now: datetime, subtests: Any
) -> None:
    """Every part in every order, and all counters; on the second look too, when the SQL is there already."""
    states = [*Status][1:] * 2
    for number, status in enumerate(states):
        decided = {"decided_at": now} if status in (Status.ACCEPTED, Status.REFUSED) else {}
        late = now + timedelta(hours=7 * (number - 5))
        make_application(status, child=another_child(number), due_at=late, **decided)
    mine = Application.objects.for_staff(director, now=now)
    counters = queue.counters_of(director, now=now)

    assert counters == queue.counters(mine, now=now)
    for view, order in product(queue.VIEWS, ("", *queue.ORDERS)):
        chosen = queue.Filter(view=view, order=order)
        part = listed.Part(director, chosen, now=now, count=counters[view])
        wanted = list(listed.found(chosen.rows(mine, now=now), now=now))
        with subtests.test(view=view, order=order):
            assert wanted and len(wanted) == counters[view]
            assert [part[0:50], part[0:50]] == [wanted, wanted]
