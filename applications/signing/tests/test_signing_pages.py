"""The signing pages, without a script: start, choose the way, wait, see why not, try again."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Consent, User
from applications import lifecycle
from applications.models import Application, Channel, Purpose, Result, Signature, SigningRequest, SigningState
from applications.signing import batches
from applications.signing.words import ADVICE
from applications.status import Status
from applications.tests.cast import complete
from egov.tests.eds_cast import DIRECTOR, PARENT, STRANGER, Pki
from sandbox import kalkan
from schools.models import Intake

pytestmark = pytest.mark.usefixtures("undrawn")


Client = Any  # of Django's, whose answers know more than their types say


@pytest.fixture(autouse=True)
def clock(now: datetime, pki: Pki) -> Iterator[Any]:
    """pki: nobody but the OCSP responder answers; the register of pupils is silent."""
    with time_machine.travel(now, tick=False) as moved:
        yield moved


@pytest.fixture
def draft(make_application: Callable[..., Application], now: datetime) -> Application:
    return complete(make_application(), now=now)


@pytest.fixture
def at_home(client: Client, parent: User) -> Client:
    client.force_login(parent)
    return client


@pytest.fixture
def at_school(client: Client, director: User) -> Client:
    client.force_login(director)
    return client


START = {
    "APPLICATION": "filing:sign",
    "WITHDRAWAL": "cabinet:sign_withdrawal",
    "DECISION": "review:sign_decision",
}


def begin(client: Client, application: Application, purpose: str = "APPLICATION", **data: str) -> Any:
    return client.post(reverse(START[purpose], args=[application.public_id]), data)


def ticket_of(application: Application) -> SigningRequest:
    return application.signing_requests.latest("pk")


def page(signing_request: SigningRequest, way: str = "") -> str:
    return reverse("signing:page", args=[signing_request.batch.token]) + (f"?way={way}" if way else "")


def send(client: Client, signing_request: SigningRequest, cms: bytes) -> Any:
    address = reverse("signing:complete", args=[signing_request.batch.token])
    return client.post(address, {"cms": kalkan.armour(cms)})


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.rule("R93", "R94", "R188")
def test_parent_chooses_between_qr_and_key(at_home: Client, draft: Application) -> None:
    started = begin(at_home, draft)
    signing_request = ticket_of(draft)
    assert (started.status_code, started.url) == (302, page(signing_request))

    choice = text(at_home.get(started.url))

    assert "QR-код" in choice and "ҚР ҰКО ЭЦҚ" in choice
    assert 'href="?way=qr"' in choice and 'href="?way=eds"' in choice


@pytest.mark.rule("R94", "D19")
def test_qr_page_shows_the_code_its_term_and_a_button(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    shown = text(at_home.get(page(signing_request, "qr")))

    assert (
        f'data-oqu-qr="mobileSign:http://127.0.0.1:8000/egov-sign/mgovSign/{signing_request.batch.token}"'
        in shown
    )
    assert "Осы уақытқа дейін жарамды: 11:05 (барлығы 5 минут)." in shown
    assert "Мен қол қойдым — тексеру" in shown
    assert "Жаңа QR" in shown
    assert "style=" not in shown and "onclick=" not in shown


def test_phone_is_offered_the_app_before_the_code(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    on_phone = text(
        at_home.get(page(signing_request, "qr"), headers={"User-Agent": "Mozilla/5.0 (Linux) Mobile"})
    )
    on_desk = text(
        at_home.get(page(signing_request, "qr"), headers={"User-Agent": "Mozilla/5.0 (X11) Firefox"})
    )

    assert on_phone.index("eGov Mobile қосымшасында ашу") < on_phone.index("<svg")
    assert on_desk.index("eGov Mobile қосымшасында ашу") > on_desk.index("<svg")


def test_key_page_tells_ncalayer_whose_key(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)

    shown = text(at_home.get(page(ticket_of(draft), "eds")))

    assert f'data-oqu-iin="{PARENT.iin}" data-oqu-bin=""' in shown
    assert 'data-oqu-oids="1.3.6.1.5.5.7.3.4 1.2.398.3.3.4.1.1"' in shown
    assert "data-oqu-any-ca" in shown


def test_any_authority_is_offered_in_the_demo_only(
    at_home: Client, draft: Application, settings: Any
) -> None:
    settings.NCALAYER_ANY_CA = False
    begin(at_home, draft)

    assert "data-oqu-any-ca" not in text(at_home.get(page(ticket_of(draft), "eds")))


def test_document_is_the_bytes_to_sign(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    response = at_home.get(reverse("signing:document", args=[signing_request.batch.token, 1]))

    assert response.content == batches.payload_of(signing_request)
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Cache-Control"] == "no-store"


def test_lost_document_is_not_found(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    signing_request.payload.storage.delete(str(signing_request.payload.name))

    assert at_home.get(reverse("signing:document", args=[signing_request.batch.token, 1])).status_code == 404


@pytest.mark.rule("R93", "R94", "R96")
def test_key_signature_files_the_application(at_home: Client, draft: Application, pki: Pki) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    sent = send(at_home, signing_request, pki.sign(data=batches.payload_of(signing_request)))

    draft.refresh_from_db()
    assert sent.url == reverse("cabinet:result", args=[draft.public_id])
    assert draft.status == Status.IN_REVIEW
    assert Signature.objects.get().method == "EDS"
    assert at_home.get(page(signing_request)).url == sent.url


@pytest.mark.rule("D70")
def test_way_of_the_last_signature_is_led_to_again_where_it_can_be_gone(
    at_home: Client, draft: Application, pki: Pki
) -> None:
    """NCALayer runs on no phone, and decisions are a director's, not a parent's."""
    begin(at_home, draft)
    send(at_home, ticket_of(draft), pki.sign(data=batches.payload_of(ticket_of(draft))))
    address, phone = reverse("cabinet:sign_withdrawal", args=[draft.public_id]), {"User-Agent": "Mobile"}

    assert at_home.post(address).url.endswith("?way=eds")
    assert at_home.post(address, headers=phone).url.endswith("?way=qr")
    Signature.objects.update(purpose=Purpose.DECISION)
    assert at_home.post(address).url == page(ticket_of(draft))


def test_signature_sent_twice_is_taken_once(at_home: Client, draft: Application, pki: Pki) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    cms = pki.sign(data=batches.payload_of(signing_request))

    assert send(at_home, signing_request, cms).url == send(at_home, signing_request, cms).url
    assert Signature.objects.count() == 1


@pytest.mark.parametrize(
    ("human", "kind", "code"),
    [(STRANGER, "sign", "OTHER_PERSON"), (PARENT, "auth", "NOT_SIGNING_KEY"), (PARENT, "revoked", "REVOKED")],
)
def test_wrong_key_is_explained_and_can_be_mended(
    at_home: Client, draft: Application, pki: Pki, human: Any, kind: str, code: str
) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    payload = batches.payload_of(signing_request)

    refused = send(at_home, signing_request, pki.sign(human, kind, data=payload))
    shown = text(at_home.get(refused.url))
    again = begin(at_home, draft, fresh="1", way="eds")
    second = ticket_of(draft)

    assert refused.url == page(signing_request, "eds")
    assert str(ADVICE[code].reason) in shown and str(ADVICE[code].remedy) in shown
    assert "Қайта қол қою" in shown
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    assert again.url == page(second, "eds")
    assert second.payload.name == signing_request.payload.name
    assert send(at_home, second, pki.sign(data=payload)).url.endswith("/result/")


@pytest.mark.parametrize("cms", ["not base64", "AAAA", "-----BEGIN CMS-----\n-----END CMS-----"])
def test_malformed_signature_is_explained(at_home: Client, draft: Application, cms: str) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    refused = at_home.post(reverse("signing:complete", args=[signing_request.batch.token]), {"cms": cms})

    assert str(ADVICE["MALFORMED"].reason) in text(at_home.get(refused.url))


def test_button_without_a_script_says_what_is_missing(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    sent = at_home.post(
        reverse("signing:complete", args=[signing_request.batch.token]), {"cms": ""}, follow=True
    )

    assert "JavaScript қосулы болуы керек" in text(sent)
    signing_request.refresh_from_db()
    assert signing_request.state == SigningState.OPEN


def test_silent_certificate_status_asks_to_try_later(at_home: Client, draft: Application, pki: Pki) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    cms = pki.sign(data=batches.payload_of(signing_request))
    pki.lie = "down"

    shown = text(at_home.get(send(at_home, signing_request, cms).url))
    pki.lie = ""

    assert str(ADVICE["UNAVAILABLE"].reason) in shown
    assert send(at_home, signing_request, cms).url.endswith("/result/")


def test_status_and_check_tell_the_same(
    at_home: Client, draft: Application, pki: Pki, clock: Any, now: datetime
) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    status, check = (
        reverse(f"signing:{name}", args=[signing_request.batch.token]) for name in ("status", "check")
    )

    told = {"url": page(signing_request, "qr"), "opened": "", "elsewhere": "", "proven": "", "drawing": None}
    assert at_home.get(status).json() == {"open": True} | told
    assert "Қолтаңба әлі келген жоқ" in text(at_home.post(check, follow=True))

    clock.move_to(now + timedelta(minutes=5))
    assert at_home.get(status).json() == {"open": False} | told
    assert "Қол қою уақыты аяқталды." in text(at_home.get(check, follow=True))


def test_done_request_leads_to_the_result(at_home: Client, draft: Application, pki: Pki) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    send(at_home, signing_request, pki.sign(data=batches.payload_of(signing_request)))

    status = at_home.get(reverse("signing:status", args=[signing_request.batch.token])).json()

    assert status["open"] is False
    assert at_home.get(status["url"]).url == reverse("cabinet:result", args=[draft.public_id])


def test_stranger_finds_nothing(
    at_home: Client, client: Client, draft: Application, stranger: User, pki: Pki
) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    client.force_login(stranger)

    assert begin(client, draft).status_code == 404
    assert client.get(page(signing_request)).status_code == 404
    for name in ("status", "check", "result", "complete"):
        assert client.get(reverse(f"signing:{name}", args=[signing_request.batch.token])).status_code == 404
    assert client.get(reverse("signing:document", args=[signing_request.batch.token, 1])).status_code == 404
    sent = send(client, signing_request, pki.sign(STRANGER, data=batches.payload_of(signing_request)))
    assert sent.status_code == 404
    assert client.post(f"/sign/{draft.public_id}/NONSENSE/").status_code == 404


def test_person_not_signed_in_is_led_to_sign_in(
    client: Client, draft: Application, parent: User, now: datetime
) -> None:
    signing_request = batches.open_one(draft, purpose=Purpose.APPLICATION, by=parent, now=now)

    assert client.get(page(signing_request)).url.startswith(reverse("accounts:login"))
    asked = client.get(
        reverse("signing:status", args=[signing_request.batch.token]), headers={"Accept": "application/json"}
    )
    assert asked.status_code == 401


def test_address_of_a_button_leads_to_the_button(at_home: Client, draft: Application) -> None:
    """Where one lands after signing in again."""
    begin(at_home, draft)
    signing_request = ticket_of(draft)

    start = at_home.get(reverse("filing:sign", args=[draft.public_id]))

    assert start.url == reverse("cabinet:application", args=[draft.public_id])
    assert at_home.get(reverse("signing:complete", args=[signing_request.batch.token])).url == page(
        signing_request, "eds"
    )


@pytest.mark.rule("R129", "D15")
def test_paper_application_of_the_school_is_not_signed_online(
    at_home: Client, draft: Application, executor: User
) -> None:
    draft.channel, draft.filed_by = Channel.IN_PERSON, executor
    draft.save()

    assert begin(at_home, draft).status_code == 404


@pytest.mark.rule("R91", "D8")
def test_unfinished_application_is_not_signed(at_home: Client, draft: Application) -> None:
    draft.data_correct_at = None
    draft.save()

    assert begin(at_home, draft).status_code == 409
    assert not draft.signing_requests.exists()


@pytest.mark.rule("R37", "R40", "D11")
def test_nothing_of_ones_own_is_signed_without_ones_own_consent(
    at_home: Client, parent: User, draft: Application
) -> None:
    """It has ended while the check page was open."""
    Consent.objects.filter(user=parent, child=None).delete()

    assert begin(at_home, draft)["Location"].startswith("/consent/")
    assert not draft.signing_requests.exists()


@pytest.mark.rule("R22", "D8")
def test_signing_waits_for_the_opening(
    at_home: Client, draft: Application, clock: Any, now: datetime
) -> None:
    clock.move_to(datetime(2026, 5, 26, 12, 0, tzinfo=now.tzinfo))

    assert begin(at_home, draft).status_code == 409
    assert not draft.signing_requests.exists()


@pytest.mark.rule("R71", "R75", "D3")
def test_place_lost_while_signing_is_explained(
    at_home: Client, draft: Application, intake: Intake, pki: Pki
) -> None:
    """S9b: everything is kept, the way on leads to the choice of a school."""
    draft.route = "OUTSIDE"
    draft.save()
    intake.school.addresses.all().delete()
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    Intake.objects.filter(pk=intake.pk).update(held_outside=intake.outside_limit)

    refused = send(at_home, signing_request, pki.sign(data=batches.payload_of(signing_request)))
    shown = at_home.get(refused.url)

    signing_request.refresh_from_db()
    assert signing_request.error == "OUTSIDE_FULL"
    assert shown.status_code == 409
    assert reverse("filing:step", args=[draft.public_id, "school"]) in text(shown)
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT
    assert not Signature.objects.exists()


@pytest.mark.rule("R115", "R116", "R203")
def test_parent_signs_a_withdrawal(
    at_home: Client, make_application: Callable[..., Application], pki: Pki
) -> None:
    filed = make_application(Status.IN_REVIEW)
    begin(at_home, filed, "WITHDRAWAL")
    signing_request = ticket_of(filed)

    sent = send(at_home, signing_request, pki.sign(data=batches.payload_of(signing_request)))

    filed.refresh_from_db()
    assert filed.status == Status.WITHDRAWN
    assert sent.url == reverse("cabinet:application", args=[filed.public_id])


@pytest.mark.rule("R117", "R118")
def test_withdrawal_is_not_offered_when_it_is_too_late(
    client: Client, make_application: Callable[..., Application], parent: User, clock: Any, now: datetime
) -> None:
    filed = make_application(Status.ACCEPTED)
    home = reverse("cabinet:application", args=[filed.public_id])
    clock.move_to(datetime(2026, 9, 1, 0, 0, tzinfo=now.tzinfo))
    client.force_login(parent)
    assert begin(client, filed, "WITHDRAWAL").url == home

    clock.move_to(now)
    Application.objects.filter(pk=filed.pk).update(status=Status.REFUSED)
    assert begin(client, filed, "WITHDRAWAL").url == home
    assert not filed.signing_requests.exists()


@pytest.mark.rule("R108")
def test_director_signs_the_prepared_decision(
    at_school: Client, make_application: Callable[..., Application], executor: User, pki: Pki, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)
    begin(at_school, filed, "DECISION")
    signing_request = ticket_of(filed)
    payload = batches.payload_of(signing_request)
    shown = text(at_school.get(page(signing_request, "eds")))
    filed.chosen_intake.school.former_bins.create(number="990540099999", until=now.date())
    renamed = text(at_school.get(page(signing_request, "eds")))

    sent = send(at_school, signing_request, pki.sign(DIRECTOR, "org", data=payload))

    assert 'data-oqu-bin="990540099902"' in shown
    assert 'data-oqu-bin=""' in renamed  # a key of the old number is as good, and would not show
    assert 'data-oqu-oids="1.3.6.1.5.5.7.3.4 1.2.398.3.3.4.1.2"' in shown
    filed.refresh_from_db()
    assert filed.status == Status.ACCEPTED
    assert sent.url == reverse("review:decided", args=[filed.public_id])


def test_decision_is_for_the_schools_own_director(
    client: Client,
    make_application: Callable[..., Application],
    executor: User,
    other_director: User,
    director: User,
    parent: User,
    now: datetime,
) -> None:
    filed = make_application(Status.IN_REVIEW)
    lifecycle.propose(filed, by=executor, now=now, result=Result.ACCEPT)

    for person in (other_director, executor, parent):
        client.force_login(person)
        assert begin(client, filed, "DECISION").status_code == 404
    client.force_login(director)
    assert begin(client, filed, "DECISION").status_code == 302
    assert begin(client, filed, "WITHDRAWAL").status_code == 404


def test_decision_replaced_meanwhile_is_not_signed(
    at_school: Client, make_application: Callable[..., Application], director: User, pki: Pki, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    lifecycle.prepare(filed, by=director, now=now, result=Result.ACCEPT)
    begin(at_school, filed, "DECISION")
    signing_request = ticket_of(filed)
    lifecycle.prepare(filed, by=director, now=now, result=Result.REFUSE, reason_code="AGE", reason="Жасы")

    refused = send(
        at_school, signing_request, pki.sign(DIRECTOR, "org", data=batches.payload_of(signing_request))
    )

    shown = text(at_school.get(refused.url))
    assert str(ADVICE["REPLACED"].reason) in shown
    assert "Қайта қол қою" not in shown
    filed.refresh_from_db()
    assert filed.status == Status.IN_REVIEW


def test_pages_read_in_russian(at_home: Client, draft: Application) -> None:
    begin(at_home, draft)
    signing_request = ticket_of(draft)
    at_home.cookies["lang"] = "ru"

    assert "Выберите способ подписания" in text(at_home.get(page(signing_request)))
    assert "Действителен до: 11:05 (всего 5 минут)." in text(at_home.get(page(signing_request, "qr")))
    assert "Запустите на компьютере программу NCALayer." in text(at_home.get(page(signing_request, "eds")))


@pytest.mark.rule("R41", "D20")
def test_signing_does_not_open_before_every_step_is_finished(draft: Application, at_home: Client) -> None:
    Application.objects.filter(pk=draft.pk).update(ticks_version="an older text")

    answer = at_home.post(reverse("filing:sign", args=[draft.public_id]))

    assert answer.url == reverse("filing:step", args=[draft.public_id, "review"])
    assert not SigningRequest.objects.exists()
