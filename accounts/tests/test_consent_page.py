"""The page of the applicant's own consent, state by state (R37-R39)."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.template.loader import render_to_string
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone, translation

from accounts import consents
from accounts.models import Consent, User
from accounts.tests.conftest import AIGUL, Egov, sign_in
from tests.reading import words

T0 = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)
PAGE = "/consent/"
ASK = "Сұрау жіберу"
CHECK = "Мен жауап бердім — тексеру"


@pytest.fixture
def clock():
    with time_machine.travel(T0, tick=False) as moved:
        yield moved


@pytest.fixture
def person(client: Client, db: None, egov: Egov, clock) -> User:
    """Айгүл, signed in for the first time."""
    sign_in(client, egov)
    return User.objects.get()


def text(client: Client, path: str = PAGE) -> str:
    return client.get(path).content.decode()


@pytest.mark.rule("R37", "R38", "R39")
def test_page_says_what_for_and_how(client: Client, person: User) -> None:
    page = text(client)

    assert "Дербес деректерді жинауға және өңдеуге келісім беріңіз" in page
    assert "1414 нөмірінен SMS келеді" in page
    assert "511 мәтінімен жауап беріңіз" in page
    assert "Жауапты SMS келген SIM-картадан жіберіп жатқаныңызға көз жеткізіңіз" in page
    assert "№ 94-V" in page
    assert ASK in page
    assert "+7 701 ••• •• 01" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "+77011234501" not in page
    assert "Refresh" not in client.get(PAGE).headers


@pytest.mark.rule("R38")
def test_whole_way_of_the_consent(client: Client, egov: Egov, person: User) -> None:
    asked = client.post(PAGE, {"next": "/children/"})
    assert asked["Location"] == "/consent/?next=/children/"

    waiting = client.get(asked["Location"])
    assert waiting["Refresh"] == "5"
    assert CHECK in waiting.content.decode()
    assert (
        f"Соңғы тексеру: {timezone.localtime(T0):%H:%M:%S}. Жауап әлі келген жоқ." in waiting.content.decode()
    )
    assert ASK not in waiting.content.decode()

    egov.answer()
    done = client.get(asked["Location"])
    assert done["Location"] == "/children/"
    assert "Келісіміңіз қабылданды" in text(client, "/children/")
    person.refresh_from_db()
    assert person.registered_address["street"] == "Сәтбаев көшесі"


def test_consent_without_a_wanted_page_leads_on(client: Client, egov: Egov, person: User) -> None:
    client.post(PAGE)
    egov.answer()

    assert client.get(PAGE)["Location"] == reverse("public:service")


def test_silent_register_does_not_stop_the_consent(client: Client, egov: Egov, person: User) -> None:
    client.post(PAGE)
    egov.answer()
    egov.down |= {"person", "address"}

    assert client.get(PAGE).status_code == 302
    assert client.get("/children/").status_code == 200


def test_double_click_sends_one_sms(client: Client, egov: Egov, person: User) -> None:
    answers = [client.post(PAGE), client.post(PAGE)]

    assert [answer["Location"] for answer in answers] == [PAGE, PAGE]
    assert len(egov.asked) == 1


def test_resending_is_offered_after_a_minute(client: Client, egov: Egov, person: User, clock) -> None:
    client.post(PAGE)
    clock.shift(timedelta(seconds=15))

    early = text(client)
    clock.shift(timedelta(seconds=45))
    later = text(client)

    assert "45 секундтан кейін" in early
    assert "SMS-ті қайта жіберу" not in early
    assert "SMS-ті қайта жіберу" in later
    client.post(PAGE)
    assert len(egov.asked) == 2


def test_many_requests_are_stopped_until_a_time_that_is_told(
    client: Client, egov: Egov, person: User, clock
) -> None:
    for _ in range(5):
        client.post(PAGE)
        egov.answer("DENIED")
        client.get(PAGE)
        clock.shift(timedelta(minutes=1))

    page = text(client)
    client.post(PAGE)

    assert "Жаңасын сұрауға болатын уақыт: 12:00" in page  # 06:00 UTC, and an hour
    assert ASK + "</button>" not in page
    assert len(egov.asked) == 5


def test_refused_consent_says_what_it_means(client: Client, egov: Egov, person: User) -> None:
    client.post(PAGE)
    egov.answer("DENIED")

    page = client.get(PAGE)

    assert "Сіз келісім бермедіңіз" in page.content.decode()
    assert "мектепке тікелей барып" in page.content.decode()
    assert ASK in page.content.decode()
    assert "Refresh" not in page


def test_late_answer_says_what_to_do(client: Client, egov: Egov, person: User, clock, settings) -> None:
    client.post(PAGE)
    clock.shift(timedelta(seconds=settings.CONSENT_ANSWER_SECONDS))

    page = client.get(PAGE)

    assert "Жауап уақытында келмеді" in page.content.decode()
    assert ASK in page.content.decode()
    assert "Refresh" not in page


def test_ended_consent_is_asked_for_again(client: Client, egov: Egov, person: User, clock, settings) -> None:
    client.post(PAGE)
    egov.answer()
    client.get(PAGE)
    clock.shift(timedelta(seconds=settings.CONSENT_LIFETIME_SECONDS))
    sign_in(client, egov)

    assert client.get("/children/")["Location"] == "/consent/?next=/children/"
    assert "Келісімнің мерзімі аяқталды" in text(client)


def test_silent_1414_is_told_and_nothing_is_lost(client: Client, egov: Egov, person: User) -> None:
    egov.down.add("consent")

    page = client.post(PAGE, {"next": "/children/"})

    assert page.status_code == 503
    assert "сұраудың жеткен-жетпегені белгісіз" in page.content.decode()
    assert '<input type="hidden" name="next" value="/children/">' in page.content.decode()
    assert "секундтан кейін сұрай аласыз" in page.content.decode()
    egov.down.clear()
    assert "сұраудың жеткен-жетпегені белгісіз" in text(client)  # also when the page looks again by itself
    assert client.post(PAGE).status_code == 302
    assert egov.asked == []  # a second press within the minute sends nothing


def test_waiting_goes_on_while_1414_is_silent(client: Client, egov: Egov, person: User) -> None:
    client.post(PAGE)
    egov.down.add("consent")

    page = client.get(PAGE)

    assert page["Refresh"] == "15"
    assert "қазір жауап бермей тұр" in page.content.decode()
    assert CHECK in page.content.decode()


@pytest.mark.rule("R103", "R129")
def test_person_without_a_phone_is_told_the_ways(client: Client, db: None, egov: Egov, clock) -> None:
    egov.people[AIGUL.iin].phone = ""
    sign_in(client, egov)
    egov.refusals["consent"] = "NO_PHONE"

    before = text(client)
    refused = client.post(PAGE)

    unknown, absent = "eGov телефон нөміріңізді айтпады", "Нөміріңіз Мобильді азаматтар базасында жоқ"
    assert unknown in before and absent not in before  # eGov may know it and fail to tell
    assert absent in refused.content.decode() and unknown not in refused.content.decode()
    for page in (before, refused.content.decode()):
        assert "мектепке тікелей барып" in page
    assert refused.status_code == 409
    egov.refusals.clear()  # registered in the meantime
    client.post(PAGE)
    egov.answer()
    client.get(PAGE)
    assert "SMS-хабарламалар келмейді" in text(client, "/profile/")


def test_refusal_of_1414_is_told(client: Client, egov: Egov, person: User) -> None:
    egov.refusals["consent"] = "REFUSED"

    page = client.post(PAGE)

    assert page.status_code == 503
    assert "сұрауды қабылдамады" in page.content.decode()


def test_page_speaks_russian(client: Client, egov: Egov, person: User) -> None:
    client.cookies["lang"] = "ru"

    assert "Дайте согласие на сбор и обработку персональных данных" in text(client)
    client.post(PAGE)
    assert "Новое SMS можно запросить через 60 секунд." in text(client)


def names_of(app: str) -> set[str]:
    """Names in the URLs of this app's namespace that need no argument."""
    found: set[str] = set()

    def walk(patterns: list, namespace: str) -> None:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, pattern.namespace or namespace)
            elif isinstance(pattern, URLPattern) and namespace == app and not pattern.pattern.converters:
                found.add(f"{app}:{pattern.name}")

    walk(get_resolver().url_patterns, "")
    return found


@pytest.mark.rule("R37", "R40", "D11")
def test_nothing_of_the_cabinet_is_reached_without_the_consent(client: Client, person: User) -> None:
    for name in sorted(names_of("parent") | {"accounts:children", "accounts:add_child"}):
        answer = client.get(reverse(name))
        assert answer["Location"] == f"/consent/?next={reverse(name)}", name


def test_nothing_personal_is_reached_without_signing_in(client: Client, db: None) -> None:
    public = {
        "accounts:login",
        "accounts:callback",
        "accounts:logout",
        "accounts:extend",
        "accounts:language",
    }
    for name in sorted((names_of("accounts") | names_of("parent")) - public):
        if name in ("accounts:refresh_profile", "accounts:refresh_children"):  # a POST only
            continue
        answer = client.get(reverse(name))
        assert answer["Location"].startswith("/login/"), name


# What each version of the consent's text says, in both languages; another text is another version.
TEXTS = {"2026-12-2": "43f3c65cf3ae"}


@pytest.mark.rule("R37")
def test_other_text_of_the_consent_is_another_version() -> None:
    said = hashlib.sha256()
    for language in ("kk", "ru"):
        with translation.override(language):
            said.update(words(render_to_string("accounts/_consent_text.html", {"days": 365})).encode())

    assert {consents.TEXT_VERSION: said.hexdigest()[:12]} == TEXTS


@pytest.mark.rule("R37", "D73", "D80")
def test_consent_names_all_who_will_read() -> None:
    text = words(render_to_string("accounts/_consent_text.html", {"days": 365}))

    for reader in ("Өзіңіз", "директоры мен орындаушысы", "басқармасының қызметкері", "басқа заңды өкілі"):
        assert reader in text


@pytest.mark.rule("R40")
def test_consent_to_an_earlier_text_stands_until_it_ends(db: None) -> None:
    user, now = User.objects.create(iin="900708499904"), timezone.now()
    ends = now + timedelta(days=1)
    given = {"status": "GRANTED", "requested_at": now, "answered_at": now, "expires_at": ends}
    consent = Consent.objects.create(user=user, reference="old", text_version="2026-12", **given)

    assert consents.valid(user, None, now) == consent
    assert consents.valid(user, None, ends) is None
