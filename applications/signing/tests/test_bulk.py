"""Many decisions under one PIN of the director: what may be signed together, and what becomes of each."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from applications import lifecycle
from applications.models import Application, Decision, Result, Signature, SigningBatch, SigningRequest
from applications.signing import batches, many
from applications.signing.tests.bulk_cast import REFUSAL, Desk, outcomes, signed, signing_requests, statuses
from applications.signing.words import advice
from applications.status import Status
from applications.tests.cast import drawn, evidence_of
from egov.tests.eds_cast import DIRECTOR, EXECUTOR, Pki
from schools.models import Intake, Role, School

pytestmark = pytest.mark.usefixtures("undrawn")

DONE, FAILED, OPEN = "DONE", "FAILED", "OPEN"


@pytest.fixture(autouse=True)
def clock(now: datetime, pki: Pki) -> Iterator[Any]:
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def desk(make_application: Callable[..., Application], executor: User, director: User, now: datetime) -> Desk:
    """The director before the queue."""
    found = Desk(make_application, executor, director, now)
    found.client.force_login(director)
    return found


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


# --- ticking ---


def test_director_ticks_what_can_be_signed(desk: Desk) -> None:
    ready, waiting = desk.proposed(), desk.filed()
    Application.objects.filter(pk=desk.filed().pk).update(status=Status.WITHDRAWN)

    shown = text(desk.client.get(reverse("review:queue") + "?view=all"))

    assert shown.count('name="one"') == 2
    assert str(ready.public_id) in shown and str(waiting.public_id) in shown
    assert "Таңдалғандарға қол қою" in shown


def test_executor_ticks_nothing(desk: Desk, executor: User) -> None:
    application = desk.proposed()
    desk.client.force_login(executor)

    shown = text(desk.client.get(reverse("review:queue") + "?view=signing"))

    assert str(application.number) in shown
    assert 'name="one"' not in shown and "Таңдалғандарға қол қою" not in shown


def test_nothing_ticked_says_so(desk: Desk) -> None:
    asked = {"view": "all", "route": "LOCAL", "page": "2", "language": "<?>"}
    answer = desk.client.get(reverse("review:bulk"), asked, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("review:queue") + "?view=all&route=LOCAL&page=2"
    assert "Бірде-бір өтінім таңдалмаған" in text(answer)


@pytest.mark.rule("R108")
def test_more_than_is_signed_in_one_go_stays_ticked(
    desk: Desk, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "MOST", 2)
    first, second, third = desk.proposed(), desk.proposed(), desk.filed()

    page = desk.look(third, second, first)
    selection = page.context["selection"]
    assert [application for application, _decision in selection.to_sign] == [first, second]
    assert "Қалғаны (1) белгіленген күйінде қалады" in text(page)

    shown = {"one": [str(first.public_id), str(second.public_id)], "shown": selection.seen}
    desk.client.post(page.redirect_chain[-1][0], shown)
    batch = drawn(SigningBatch.objects.latest("pk"), now=timezone.now())
    desk.send(batch, signed(pki, batch))
    queue = desk.client.get(reverse("review:queue"))  # the result leads there
    assert f'href="{reverse("review:queue")}"' in text(desk.result(batch))
    assert queue.context["ticked"] == {str(third.public_id)}

    rest = {"held": queue.context["held"], "rows": queue.context["tickable"], "one": third.public_id}
    again = desk.client.post(reverse("review:bulk"), rest, follow=True).context["selection"]
    assert [application for application, _decision in again.to_sign] == [third] and not again.left_out


# --- looking through ---


@pytest.mark.rule("R108", "D16", "D17")
def test_director_sees_every_decision_before_signing(desk: Desk) -> None:
    accepted, refused = desk.proposed(), desk.proposed(**REFUSAL)
    answered = desk.proposed(result=Result.ACCEPT, transport=False, transport_reason="Автобуста орын жоқ")

    page = desk.look(accepted, refused, answered)

    shown = text(page)
    for application in (accepted, refused, answered):
        assert str(application.number) in shown and application.child.full_name in shown
    assert f"Баланың жасы сәйкес келмейді: {REFUSAL['reason']}" in shown
    assert "Берілмейді: Автобуста орын жоқ" in shown
    assert "Бекова Жанар" in shown
    assert f"Бір жолы {many.MOST} құжатқа дейін" in shown
    assert "Шешімдерге қол қою (3)" in shown


@pytest.mark.rule("D3")
def test_seats_are_counted_before_and_after(desk: Desk, intake: Intake) -> None:
    rows = [desk.proposed(), desk.proposed(**REFUSAL), desk.proposed(**REFUSAL)]
    outside = desk.filed(route="OUTSIDE")
    lifecycle.propose(outside, by=desk.executor, now=desk.now, **REFUSAL)
    desk.make(Status.ACCEPTED)

    page = desk.look(*rows, outside)

    (found,) = page.context["seats"]
    assert (found.intake.held_local, found.local_after) == (4, 2)
    assert (found.intake.held_outside, found.outside_after) == (1, 0)
    assert (found.accepted, found.accepted_after) == (1, 2)
    assert "қазір 4, кейін 2" in text(page)


def test_rows_that_cannot_be_signed_are_taken_out_with_the_reason(desk: Desk, now: datetime) -> None:
    ready, withdrawn, decided = desk.proposed(), desk.proposed(), desk.proposed()
    evidence = evidence_of(withdrawn, "WITHDRAWAL", by=withdrawn.applicant, now=now)
    lifecycle.act(evidence, now=now)
    decision = decided.decisions.get()
    evidence = evidence_of(decided, "DECISION", by=desk.director, now=now, decision=decision)
    lifecycle.act(evidence, now=now)
    asking, returned = desk.filed(transport=True), desk.proposed(**REFUSAL)
    lifecycle.return_to_executor(returned, by=desk.director, reason="Фото", now=now)

    page = desk.look(ready, withdrawn, decided, asking, returned)

    selection = page.context["selection"]
    assert [application for application, _ in selection.to_sign] == [ready]
    assert {row.application: row.hindrance for row in selection.left_out} == {
        withdrawn: many.Hindrance.WITHDRAWN,
        decided: many.Hindrance.DECIDED,
        asking: many.Hindrance.TRANSPORT,
        returned: many.Hindrance.RETURNED,
    }
    for hindrance in ("WITHDRAWN", "DECIDED", "TRANSPORT", "RETURNED"):
        assert str(many.Hindrance(hindrance).label) in text(page)


def test_page_without_anything_to_sign_has_no_button(desk: Desk) -> None:
    page = desk.look(desk.filed(transport=True))

    assert "Қол қойылатын шешім қалмады." in text(page)
    assert 'name="shown"' not in text(page)


def test_one_key_signs_for_one_school(desk: Desk, other_school: School) -> None:
    """Whoever directs two schools has two keys."""
    other_school.staff.create(user=desk.director, role=Role.DIRECTOR)
    own = desk.proposed()
    foreign = desk.filed(intake=other_school.intakes.get())

    selection = desk.look(own, foreign).context["selection"]

    assert [application for application, _ in selection.to_sign] == [own]
    assert [row.hindrance for row in selection.left_out] == [many.Hindrance.OTHER_SCHOOL]


def test_others_find_nothing(
    desk: Desk, executor: User, other_director: User, parent: User, stranger: User
) -> None:
    application = desk.proposed()
    batch = desk.invite(application, desk.proposed())
    addresses = [
        reverse("signing:page", args=[batch.token]),
        reverse("signing:result", args=[batch.token]),
        reverse("signing:document", args=[batch.token, 2]),
        reverse("review:bulk") + f"?batch={batch.token}",
    ]
    for person in (executor, other_director, parent, stranger):
        client = Client()
        client.force_login(person)
        for address in addresses:
            assert client.get(address).status_code == 404, (person, address)
        assert (
            client.post(reverse("review:bulk"), {"one": str(application.public_id)}, follow=True).status_code
            == 404
        )


def test_other_director_of_the_school_has_batch_of_their_own(
    desk: Desk, school: School, stranger: User
) -> None:
    school.staff.create(user=stranger, role=Role.DIRECTOR)
    batch = desk.invite(desk.proposed(), desk.proposed())
    desk.client.force_login(stranger)

    for name in ("page", "result", "status"):
        assert desk.client.get(reverse(f"signing:{name}", args=[batch.token])).status_code == 404


def test_executor_of_one_school_and_director_of_another_signs_for_the_latter_only(
    desk: Desk, executor: User, other_school: School
) -> None:
    other_school.staff.create(user=executor, role=Role.DIRECTOR)
    desk.client.force_login(executor)

    assert desk.look(desk.proposed()).status_code == 404


# --- signing with a key ---


@pytest.mark.rule("R108", "R109")
def test_one_pin_signs_every_decision_as_a_document_of_its_own(desk: Desk, intake: Intake, pki: Pki) -> None:
    accepted, refused = desk.proposed(), desk.proposed(**REFUSAL)
    batch = desk.invite(accepted, refused)
    cms = signed(pki, batch)

    sent = desk.send(batch, cms)

    assert sent.url == reverse("signing:result", args=[batch.token])
    assert outcomes(batch) == [(DONE, ""), (DONE, "")]
    assert statuses(accepted, refused) == [Status.ACCEPTED, Status.REFUSED]
    kept = Signature.objects.order_by("application__due_at")
    assert [bytes(one.cms) for one in kept] == cms
    assert [one.decision and one.decision.result for one in kept] == [Result.ACCEPT, Result.REFUSE]
    assert len({one.payload_sha256 for one in kept}) == 2
    intake.refresh_from_db()
    assert intake.held_local == 1


def test_authority_is_asked_once_for_the_whole_batch(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(*[desk.proposed() for _ in range(5)])

    desk.send(batch, signed(pki, batch))

    assert outcomes(batch) == [(DONE, "")] * 5
    assert pki.asked == 1
    assert all(bytes(one.ocsp) for one in Signature.objects.all())


def test_refused_certificate_is_asked_about_once(desk: Desk, pki: Pki) -> None:
    """Fifty questions to a slow authority would hold the page for minutes to say "no" fifty times."""
    batch = desk.invite(desk.proposed(), desk.proposed())
    pki.lie = "unknown"

    desk.send(batch, signed(pki, batch))

    assert outcomes(batch) == [(FAILED, "OCSP_UNKNOWN")] * 2
    assert pki.asked == 1


def test_each_certificate_is_asked_about_on_its_own(desk: Desk, pki: Pki) -> None:
    """A good key before it does not let a revoked one through."""
    batch = desk.invite(desk.proposed(), desk.proposed())
    one, two = signing_requests(batch)
    good = pki.sign(DIRECTOR, "org", data=batches.payload_of(one))
    revoked = pki.sign(DIRECTOR, "revoked", data=batches.payload_of(two))

    desk.send(batch, [good, revoked])

    assert outcomes(batch) == [(DONE, ""), (FAILED, "REVOKED")]


def test_answer_that_takes_too_long_is_taken_in_parts(
    desk: Desk, pki: Pki, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow state systems, fifty documents: who sent them hears in time, and what is signed stays signed."""
    applications = [desk.proposed() for _ in range(3)]
    batch = desk.invite(*applications)
    cms = signed(pki, batch)
    clock = iter([0.0, 1.0, 26.0])
    monkeypatch.setattr("applications.signing.completion.monotonic", lambda: next(clock))

    desk.send(batch, cms)

    assert outcomes(batch) == [(DONE, ""), (OPEN, "BUSY"), (OPEN, "BUSY")]
    monkeypatch.setattr("applications.signing.completion.monotonic", lambda: 0.0)
    desk.send(batch, cms)
    assert outcomes(batch) == [(DONE, "")] * 3
    assert statuses(*applications) == [Status.ACCEPTED] * 3


def test_silent_authority_leaves_all_open_and_is_asked_once(desk: Desk, pki: Pki) -> None:
    applications = [desk.proposed() for _ in range(3)]
    batch = desk.invite(*applications)
    cms = signed(pki, batch)
    pki.lie = "down"

    sent = desk.send(batch, cms)

    assert outcomes(batch) == [(OPEN, "UNAVAILABLE")] * 3
    assert pki.asked == 1
    assert str(advice("UNAVAILABLE").reason) in text(desk.client.get(sent.url))
    SigningRequest.objects.filter(pk=signing_requests(batch)[1].pk).update(state=FAILED)
    desk.send(batch, cms)
    assert pki.asked == 2  # what is over in the middle does not make it ask again
    SigningRequest.objects.filter(pk=signing_requests(batch)[1].pk).update(state=OPEN)
    pki.lie = ""
    desk.send(batch, cms)
    assert statuses(*applications) == [Status.ACCEPTED] * 3


@pytest.mark.rule("R108")
def test_change_after_preparation_voids_that_one_only(desk: Desk, pki: Pki, now: datetime) -> None:
    ready, withdrawn, returned, rewritten, touched, elsewhere = (desk.proposed() for _ in range(6))
    batch = desk.invite(ready, withdrawn, returned, rewritten, touched, elsewhere)
    cms = signed(pki, batch)
    evidence = evidence_of(withdrawn, "WITHDRAWAL", by=withdrawn.applicant, now=now)
    lifecycle.act(evidence, now=now)
    lifecycle.return_to_executor(returned, by=desk.director, reason="Фото", now=now)
    lifecycle.return_to_executor(rewritten, by=desk.director, reason="Фото", now=now)
    lifecycle.propose(rewritten, by=desk.executor, now=now, **REFUSAL)
    Application.objects.filter(pk=touched.pk).update(snapshot={"number": "another"})
    decision = elsewhere.decisions.get()
    evidence = evidence_of(elsewhere, "DECISION", by=desk.director, now=now, decision=decision)
    lifecycle.act(evidence, now=now)

    page = desk.client.get(desk.send(batch, cms).url)

    assert outcomes(batch) == [
        (DONE, ""), (FAILED, "WITHDRAWN"), (FAILED, "RETURNED"), (FAILED, "REPLACED"),
        (FAILED, "CHANGED"), (FAILED, "DECIDED"),
    ]  # fmt: skip
    assert statuses(ready, withdrawn, returned, rewritten, touched, elsewhere) == [
        Status.ACCEPTED, Status.WITHDRAWN, Status.IN_REVIEW, Status.SIGNING, Status.SIGNING, Status.ACCEPTED,
    ]  # fmt: skip
    assert Signature.objects.filter(application__in=[withdrawn, returned, rewritten, touched]).count() == 1
    assert "Қол қойылғаны: 1, барлығы: 6." in text(page)
    assert str(advice("CHANGED").reason) in text(page)


def test_each_signature_is_held_against_its_own_document(desk: Desk, pki: Pki) -> None:
    applications = [desk.proposed() for _ in range(4)]
    batch = desk.invite(*applications)
    one, two, three, four = signed(pki, batch)

    desk.send(batch, [one, three, two, four])

    assert outcomes(batch) == [(DONE, ""), (FAILED, "OTHER_DATA"), (FAILED, "OTHER_DATA"), (DONE, "")]
    assert statuses(*applications) == [Status.ACCEPTED, Status.SIGNING, Status.SIGNING, Status.ACCEPTED]


@pytest.mark.parametrize("shape", ["fewer", "gap", "more"])
def test_answer_of_another_length_harms_only_what_it_lacks(desk: Desk, pki: Pki, shape: str) -> None:
    applications = [desk.proposed() for _ in range(3)]
    batch = desk.invite(*applications)
    one, two, three = signed(pki, batch)
    sent: dict[str, list[bytes | str]] = {
        "fewer": [one, two], "gap": [one, "", three], "more": [one, two, three, three],
    }  # fmt: skip

    desk.send(batch, sent[shape])

    done, missing = (DONE, ""), (FAILED, "MISSING")
    assert (
        outcomes(batch)
        == {"fewer": [done, done, missing], "gap": [done, missing, done], "more": [done] * 3}[shape]
    )


@pytest.mark.parametrize(
    ("human", "kind", "code"),
    [(DIRECTOR, "sign", "OTHER_ORGANISATION"), (EXECUTOR, "org", "OTHER_PERSON"), (DIRECTOR, "auth", None)],
)
def test_wrong_key_signs_none(desk: Desk, pki: Pki, human: Any, kind: str, code: str | None) -> None:
    applications = [desk.proposed(), desk.proposed()]
    batch = desk.invite(*applications)

    desk.send(batch, [pki.sign(human, kind, data=batches.payload_of(one)) for one in signing_requests(batch)])

    assert outcomes(batch) == [(FAILED, code or "NOT_SIGNING_KEY")] * 2
    assert statuses(*applications) == [Status.SIGNING] * 2


def test_garbage_harms_its_own_document_only(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed(), desk.proposed())
    one, _, three = signed(pki, batch)

    desk.send(batch, [one, "not a signature", three])

    assert outcomes(batch) == [(DONE, ""), (FAILED, "MALFORMED"), (DONE, "")]


def test_answer_sent_twice_is_taken_once(desk: Desk, pki: Pki) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    cms = signed(pki, batch)

    assert desk.send(batch, cms).url == desk.send(batch, cms).url
    assert Signature.objects.count() == 2


def test_director_who_has_left_sees_and_signs_nothing(desk: Desk, school: School, pki: Pki) -> None:
    applications = [desk.proposed(), desk.proposed()]
    batch = desk.invite(*applications)
    cms = signed(pki, batch)
    school.staff.filter(user=desk.director).delete()

    assert desk.send(batch, cms).status_code == 404
    assert statuses(*applications) == [Status.SIGNING] * 2


# --- accepting along with it ---


@pytest.mark.rule("R108", "D1")
def test_undecided_application_is_accepted_along(desk: Desk, pki: Pki) -> None:
    ready, undecided = desk.proposed(), desk.filed()
    page = text(desk.look(ready, undecided))

    batch = desk.invite(ready, undecided)

    assert "Сіз: қабылдау шешімі енді жазылады" in page
    written = undecided.decisions.get()
    assert (written.result, written.prepared_by) == (Result.ACCEPT, desk.director)
    assert statuses(undecided) == [Status.IN_REVIEW]
    desk.send(batch, signed(pki, batch))
    assert statuses(ready, undecided) == [Status.ACCEPTED] * 2


def test_looking_writes_nothing(desk: Desk) -> None:
    desk.look(desk.filed())

    assert not Decision.objects.exists()
    assert not SigningBatch.objects.exists()


def test_decision_that_the_director_has_begun_is_signed_as_it_is(desk: Desk, pki: Pki, now: datetime) -> None:
    begun = desk.filed()
    lifecycle.prepare(begun, by=desk.director, now=now, **REFUSAL)

    page = text(desk.look(begun, desk.proposed()))
    batch = desk.invite(begun)
    desk.send(batch, signed(pki, batch))

    assert REFUSAL["reason"] in page
    assert statuses(begun) == [Status.REFUSED]


# --- what was shown is what is signed ---


def test_decision_changed_since_it_was_shown_is_shown_again(desk: Desk, now: datetime) -> None:
    application, other = desk.proposed(), desk.proposed()
    shown = desk.look(application, other).context["selection"].seen
    lifecycle.return_to_executor(application, by=desk.director, reason="Фото", now=now)
    lifecycle.propose(application, by=desk.executor, now=now, **REFUSAL)

    ticked = [str(application.public_id), str(other.public_id)]
    answer = desk.client.post(reverse("review:bulk"), {"one": ticked, "shown": shown})

    assert answer.status_code == 200
    assert "Тізім өзгерді" in text(answer) and REFUSAL["reason"] in text(answer)
    assert not SigningBatch.objects.exists()


def test_double_click_opens_one_batch(desk: Desk) -> None:
    applications = [desk.proposed(), desk.filed()]
    shown = desk.look(*applications).context["selection"].seen
    body = {"one": [str(one.public_id) for one in applications], "shown": shown}

    first, second = (desk.client.post(reverse("review:bulk"), body) for _ in range(2))

    assert first.headers["Location"] == second.headers["Location"]
    assert SigningBatch.objects.count() == 1
    assert Decision.objects.count() == 2


def test_new_batch_can_be_asked_for(desk: Desk) -> None:
    applications = [desk.proposed(), desk.proposed()]
    first = desk.invite(*applications)
    page = text(desk.client.get(reverse("signing:page", args=[first.token]) + "?way=qr"))

    again = desk.confirm(*applications, fresh="1", way="qr")

    second = SigningBatch.objects.latest("pk")
    assert "Жаңа QR" in page and reverse("review:bulk") in page
    assert second != first and again.url == reverse("signing:page", args=[second.token]) + "?way=qr"
    assert {one.payload.name for one in signing_requests(first)} == {
        one.payload.name for one in signing_requests(second)
    }


def test_single_row_goes_the_way_of_a_single_signature(desk: Desk, pki: Pki) -> None:
    application = desk.proposed()
    batch = desk.invite(application)

    sent = desk.send(batch, signed(pki, batch))

    assert sent.url == reverse("review:decided", args=[application.public_id])
    assert desk.result(batch).url == reverse("signing:page", args=[batch.token])


# --- the result ---


def test_result_survives_and_leads_on(desk: Desk, pki: Pki, now: datetime) -> None:
    signed_one, late = desk.proposed(), desk.proposed()
    batch = desk.invite(signed_one, late)
    one, _ = signed(pki, batch)
    desk.send(batch, [one, one])

    page, again = desk.result(batch), desk.result(batch)

    first = text(page)
    assert page.context["rows"] == again.context["rows"]
    assert str(signed_one.number) in first and str(late.number) in first
    assert str(advice("OTHER_DATA").reason) in first
    way_on = reverse("review:bulk") + f"?batch={batch.token}"
    assert f'href="{way_on}"' in first
    assert [application for application, _ in desk.client.get(way_on).context["selection"].to_sign] == [late]
    assert desk.client.get(reverse("signing:page", args=[batch.token])).headers["Location"] == reverse(
        "signing:result", args=[batch.token]
    )


def test_old_result_does_not_advise_to_sign_what_is_decided_since(desk: Desk, pki: Pki) -> None:
    """What went wrong then stays told; what to do about it is past."""
    first, late = desk.proposed(), desk.proposed()
    batch = desk.invite(first, late)
    one, _ = signed(pki, batch)
    desk.send(batch, [one, one])
    assert str(advice("OTHER_DATA").remedy) in text(desk.result(batch))
    desk.send(again := desk.invite(late), signed(pki, again))

    page = text(desk.result(batch))

    assert str(advice("OTHER_DATA").reason) in page
    assert str(advice("OTHER_DATA").remedy) not in page
    assert str(advice("NOT_ALLOWED").remedy) in page
    assert reverse("review:bulk") + "?one=" not in page


def test_batch_that_nobody_answered_ends_in_the_result(desk: Desk, clock: Any, now: datetime) -> None:
    batch = desk.invite(desk.proposed(), desk.proposed())
    waiting = text(desk.result(batch))
    clock.move_to(now + timedelta(minutes=6))

    over = desk.client.get(reverse("signing:page", args=[batch.token]), follow=True)

    assert "Кейбір құжаттың қолтаңбасы әлі күтілуде." in waiting
    assert text(over).count(str(advice("TOO_LATE").reason)) == 2


def test_pages_read_in_russian(desk: Desk) -> None:
    applications = [desk.proposed(), desk.proposed(**REFUSAL)]
    batch = desk.invite(*applications)
    desk.client.cookies["lang"] = "ru"

    assert "Подписать решения (2)" in text(desk.look(*applications))
    assert "Подписать выбранные" in text(desk.client.get(reverse("review:queue") + "?view=signing"))
    assert "Документы на подпись: 2" in text(desk.client.get(reverse("signing:page", args=[batch.token])))
    assert "Подписано: 0, всего: 2." in text(desk.result(batch))


def test_pages_ask_the_database_as_often_for_many_as_for_few(
    desk: Desk, django_assert_max_num_queries: Callable
) -> None:
    applications = [desk.proposed() for _ in range(12)]

    ticked = {"one": [str(one.public_id) for one in applications]}
    with django_assert_max_num_queries(15):  # of them four are savepoints: ticks change under a lock
        page = desk.client.post(reverse("review:bulk"), ticked).headers["Location"]
    with django_assert_max_num_queries(17):  # one is the menu's, the last one writes down all the looks
        desk.client.get(page)
    batch = desk.invite(*applications)
    with django_assert_max_num_queries(14):  # of them: whose own children are among these (D39), the menu
        desk.result(batch)
    with django_assert_max_num_queries(15):
        desk.client.get(reverse("signing:page", args=[batch.token]) + "?way=eds")


def test_left_out_rows_stand_under_their_reasons(desk: Desk, now: datetime) -> None:
    ready, first, second, asking = desk.proposed(), desk.filed(), desk.filed(), desk.filed(transport=True)
    Application.objects.filter(pk__in=[first.pk, second.pk]).update(status=Status.WITHDRAWN)

    selection = desk.look(ready, first, asking, second).context["selection"]

    assert {
        said: [row.application for row in rows] for said, rows in selection.left_out_by_reason.items()
    } == {
        str(many.Hindrance.WITHDRAWN.label): [first, second],
        str(many.Hindrance.TRANSPORT.label): [asking],
    }


def test_what_nobody_of_the_school_has_opened_is_marked(desk: Desk, executor: User) -> None:
    opened, by_parent, unopened = desk.proposed(), desk.proposed(), desk.proposed()
    for user, address in (
        (executor, reverse("review:application", args=[opened.public_id])),
        (by_parent.applicant, reverse("cabinet:application", args=[by_parent.public_id])),
    ):
        client = Client()
        client.force_login(user)
        assert client.get(address).status_code == 200

    page = desk.look(opened, by_parent, unopened)

    assert page.context["unopened"] == {by_parent.pk, unopened.pk}
    assert text(page).count("Ешкім ашпаған") == 2
    assert desk.look(opened, by_parent, unopened).context["unopened"] == {by_parent.pk, unopened.pk}
