"""«Хабарламалар» and the gateway's webhook (R103, R109, R128)."""

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications import outbox, wishes
from notifications.models import Channel, Heartbeat, Message, SmsReport, Wishes
from notifications.tasks import heartbeat
from schools.models import Role, School, StaffMember
from tests.reading import words

pytestmark = pytest.mark.django_db
SECRET = "webhook-secret"


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.MOBIZON_WEBHOOK_SECRET = SECRET


def tell(user: User, *, now: datetime, template: str = "refused", number: int = 1, **more: Any) -> None:
    context = {"number": f"2026-{number:06d}", "school_kk": "№63 мектеп", "school_ru": "Школа №63"} | more
    with transaction.atomic():
        outbox.tell(
            user,
            event=f"{number}:{template}",
            template=template,
            context=context,
            link=f"/applications/{number}/",
            now=now,
        )


def signed(event_id: int, *, message_id: int, attempt: int = 1, status: str = "DELIVRD") -> dict:
    plain = f"{event_id}|{attempt}|2026-06-10 11:00:00|{SECRET}"
    return {
        "eventId": event_id,
        "eventType": "sms-delivery-report",
        "eventCreateTs": "2026-06-10 11:00:00",
        "attempt": attempt,
        "data": {"messageId": message_id, "status": status, "to": "77011234501"},
        "sign": hashlib.sha1(plain.encode()).hexdigest(),
    }


def post(client: Client, event: object) -> int:
    body = event if isinstance(event, str) else json.dumps(event)
    return client.post(reverse("notifications:sms_report"), body, "application/json").status_code


@pytest.mark.rule("R109", "R124", "R128", "R216")
def test_inbox_shows_the_reason_in_full_with_the_sms_copy(
    client: Client, parent: User, now: datetime
) -> None:
    reason = "Құжаттар толық емес:\n052-2/у нысаны жоқ <b>қосыңыз</b>"
    tell(parent, now=now, reason_code="INCOMPLETE", reason=reason)
    Message.objects.filter(channel=Channel.SMS).update(state="DELIVERED", sent_at=now, delivered_at=now)
    client.force_login(parent)

    page = client.get(reverse("notifications:inbox")).content.decode()

    assert "№2026-000001 өтінім — «Бас тартылды»" in page
    assert "052-2/у нысаны жоқ &lt;b&gt;қосыңыз&lt;/b&gt;" in page
    assert "OQU: №2026-000001 өтінім — «Бас тартылды». Себебі жеке кабинетте." in page
    assert "Жеткізілді" in page


def test_inbox_marks_what_it_shows_as_read(client: Client, parent: User, now: datetime) -> None:
    tell(parent, now=now)
    client.force_login(parent)

    first = client.get(reverse("notifications:inbox"))
    second = client.get(reverse("notifications:inbox"))

    assert '<strong class="tag tag--blue">Жаңа</strong>' in first.content.decode()
    assert '<strong class="tag tag--blue">Жаңа</strong>' not in second.content.decode()
    assert not Message.objects.filter(channel=Channel.CABINET, read_at=None).exists()


def test_inbox_is_newest_first_and_paged(client: Client, parent: User, now: datetime) -> None:
    for number in range(1, 23):
        tell(parent, now=now + timedelta(minutes=number), number=number)
    client.force_login(parent)

    response = client.get(reverse("notifications:inbox"))
    rest = client.get(reverse("notifications:inbox"), {"page": "2"})

    shown = [letter.message.context["number"] for letter in response.context["letters"]]
    assert shown == [f"2026-{number:06d}" for number in range(22, 2, -1)]
    assert [one.message.context["number"] for one in rest.context["letters"]] == [
        "2026-000002",
        "2026-000001",
    ]


@pytest.mark.rule("D58")
def test_one_application_is_one_notice_with_the_earlier_ones_beneath(
    client: Client, parent: User, stranger: User, now: datetime
) -> None:
    for hours, template in enumerate(("in_review", "signing", "refused")):
        tell(parent, now=now + timedelta(hours=hours), template=template)
    tell(parent, now=now + timedelta(hours=1), template="in_review", number=2)
    tell(stranger, now=now + timedelta(hours=9))
    client.force_login(parent)

    response = client.get(reverse("notifications:inbox"))

    shown = [
        (letter.message.template, [one.message.template for one in letter.earlier])
        for letter in response.context["letters"]
    ]
    assert shown == [("refused", ["signing", "in_review"]), ("in_review", [])]
    assert "Бұрынғы хабарламалар: 2" in words(response)
    assert not parent.messages.filter(channel=Channel.CABINET, read_at=None).exists()


@pytest.mark.rule("D58")
def test_notices_that_lead_nowhere_stand_by_themselves(client: Client, parent: User, now: datetime) -> None:
    for number in range(2):
        with transaction.atomic():
            outbox.tell(parent, event=f"u:{number}", template="number_gone", context={}, link="", now=now)
    client.force_login(parent)

    letters = client.get(reverse("notifications:inbox")).context["letters"]

    assert [len(letter.earlier) for letter in letters] == [0, 0]


@pytest.mark.rule("D58")
def test_all_is_read_by_one_button(client: Client, parent: User, stranger: User, now: datetime) -> None:
    for number in range(25):
        tell(parent, now=now, number=number)
    tell(stranger, now=now, number=99)
    client.force_login(parent)
    page = client.get(reverse("notifications:inbox"))
    assert "басқа беттерде тағы 5 оқылмаған хабарлама бар" in words(page)

    (drawn,) = re.findall(r'name="until" value="(\d+)"', page.content.decode())
    tell(parent, now=now - timedelta(days=9), number=98)  # on another page, after the button was drawn

    for typed in ("", "x", "9" * 30, "\0"):
        answer = client.post(reverse("notifications:read_all"), {"until": typed}, follow=True)
        assert "басқа беттерде тағы 6 оқылмаған хабарлама бар" in words(answer)
    for _press in range(2):
        answer = client.post(reverse("notifications:read_all"), {"until": drawn}, follow=True)

    assert "Барлық хабарлама оқылды деп белгіленді." in words(answer)
    assert "басқа беттерде тағы 1 оқылмаған хабарлама бар" in words(answer)
    unread = Message.objects.filter(channel=Channel.CABINET, read_at=None).order_by("pk")
    assert [one.recipient for one in unread] == [stranger, parent]
    assert parent.messages.filter(channel=Channel.SMS, reached_at=None).count() == 6  # never shown


SETTINGS = {"digest_hour": "11", "reminders": "on", "by_sms": "on"}


@pytest.mark.rule("D58")
def test_who_works_says_how_to_be_told(client: Client, executor: User, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = ""
    client.force_login(executor)
    assert reverse("notifications:settings") in client.get(reverse("notifications:inbox")).content.decode()
    shown = client.get(reverse("notifications:settings"))
    assert shown.context["form"].initial["digest_hour"] == 9 and "пошта" not in shown.context["form"].fields

    answer = client.post(reverse("notifications:settings"), SETTINGS, follow=True)

    assert answer.redirect_chain == [(reverse("notifications:inbox"), 302)]
    assert wishes.as_facts(Wishes.objects.get(user=executor)) == {
        "digest": False, "digest_hour": 11, "reminders": True, "by_sms": True, "by_email": False,
    }  # fmt: skip


@pytest.mark.rule("D58")
def test_department_is_not_asked_about_reminders_of_schools(
    client: Client, stranger: User, school: School, settings: Any
) -> None:
    settings.DEFAULT_FROM_EMAIL = "oqu@example.kz"
    StaffMember.objects.create(user=stranger, region_id="710000000", role=Role.DEPARTMENT)
    Wishes.objects.create(user=stranger, reminders=False)
    client.force_login(stranger)

    shown = client.get(reverse("notifications:settings")).context["form"]
    client.post(reverse("notifications:settings"), {"digest_hour": "8", "by_email": "on"})

    assert set(shown.fields) == {"digest", "digest_hour", "by_sms", "by_email"}
    assert wishes.as_facts(Wishes.objects.get()) == {
        "digest": False, "digest_hour": 8, "reminders": False, "by_sms": False, "by_email": True,
    }  # fmt: skip


@pytest.mark.rule("D58")
@pytest.mark.parametrize(
    ("hour", "said"),
    [("", "Таңғы есептің уақытын таңдаңыз."), ("22", "Таңғы есептің уақытын тізімнен таңдаңыз.")],
)
def test_hour_that_is_no_morning_is_refused_and_the_rest_is_kept(
    client: Client, director: User, hour: str, said: str
) -> None:
    client.force_login(director)

    answer = client.post(reverse("notifications:settings"), SETTINGS | {"digest_hour": hour})

    assert answer.status_code == 400 and said in words(answer)
    assert not answer.context["form"]["digest"].value() and answer.context["form"]["reminders"].value()
    assert not Wishes.objects.exists()


@pytest.mark.rule("D58")
def test_settings_of_an_older_window_ask_again(client: Client, director: User) -> None:
    client.force_login(director)
    old = client.get(reverse("notifications:settings")).context["seen"]
    client.post(reverse("notifications:settings"), SETTINGS | {"digest": "on"})

    answer = client.post(reverse("notifications:settings"), {"digest_hour": "8", "seen": old})

    assert answer.status_code == 409
    assert "Таңғы есептің уақыты — 11:00" in words(answer)
    assert Wishes.objects.get().digest_hour == 11
    again = client.post(
        reverse("notifications:settings"), {"digest_hour": "8", "seen": answer.context["seen"]}
    )
    assert again.status_code == 302 and Wishes.objects.get().digest_hour == 8


def test_inbox_asks_the_database_as_often_for_one_message_as_for_many(
    client: Client, parent: User, now: datetime, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 16):
        tell(parent, now=now, number=number)
    client.force_login(parent)

    with django_assert_max_num_queries(15):
        client.get(reverse("notifications:inbox"))


def test_inbox_speaks_the_readers_language(client: Client, stranger: User, now: datetime) -> None:
    tell(stranger, now=now)
    client.force_login(stranger)
    client.cookies["lang"] = "ru"

    assert (
        "Заявление №2026-000001 — «Отказано»" in client.get(reverse("notifications:inbox")).content.decode()
    )


def test_nobody_sees_the_messages_of_another(
    client: Client, parent: User, stranger: User, now: datetime
) -> None:
    tell(parent, now=now)
    client.force_login(stranger)

    assert "2026-000001" not in client.get(reverse("notifications:inbox")).content.decode()
    assert Message.objects.filter(channel=Channel.CABINET, read_at=None).count() == 1


def test_visitor_is_sent_to_sign_in(client: Client) -> None:
    assert client.get(reverse("notifications:inbox")).status_code == 302


def test_report_only_brings_the_question_forward(client: Client, parent: User, now: datetime) -> None:
    tell(parent, now=now)
    far = now + timedelta(days=365 * 9)
    Message.objects.filter(channel=Channel.SMS).update(state="SENT", provider_id="7", next_try_at=far)

    assert post(client, signed(26, message_id=7, status="UNDELIV")) == 204

    sms = Message.objects.get(channel=Channel.SMS)
    assert sms.state == "SENT"  # what the report says is not signed
    assert sms.next_try_at < far


def test_same_report_counts_once(client: Client, parent: User, now: datetime) -> None:
    tell(parent, now=now)
    far = now + timedelta(days=365 * 9)
    Message.objects.filter(channel=Channel.SMS).update(state="SENT", provider_id="7")
    post(client, signed(26, message_id=7))
    Message.objects.filter(channel=Channel.SMS).update(next_try_at=far)

    assert post(client, signed(26, message_id=7, attempt=2)) == 204

    assert Message.objects.get(channel=Channel.SMS).next_try_at == far
    assert SmsReport.objects.count() == 1


@pytest.mark.parametrize("secret", ["", SECRET])
def test_report_with_a_wrong_signature_is_refused(
    client: Client, settings: Any, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    settings.MOBIZON_WEBHOOK_SECRET = secret
    event = signed(26, message_id=7) | {"sign": hashlib.sha1(b"26|1|2026-06-10 11:00:00|").hexdigest()}

    assert post(client, event) == 403
    assert post(client, event | {"sign": None}) == 403
    assert not SmsReport.objects.exists()
    assert caplog.messages.count("forged what=sms-report") == 2


@pytest.mark.parametrize(
    "body", ["", "[]", "{", '{"eventId": "x"}', '{"eventId": 1, "data": []}', "7", '"é"']
)
def test_report_that_makes_no_sense_is_refused(client: Client, body: str) -> None:
    assert post(client, body) == 400


def test_heartbeat_is_written_by_the_task() -> None:
    heartbeat("papers")
    heartbeat("papers")

    assert Heartbeat.objects.filter(part="papers").count() == 1
