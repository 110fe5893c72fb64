"""The public check page: says in words what a paper is, gives nobody away, never falls (R95, D19)."""

import io
import random
import re
import socket
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from django.urls import reverse
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from accounts import throttle
from accounts.models import User
from applications import facts
from applications.models import Application, Paper, PaperKind, Purpose
from applications.papers import checking, making
from applications.papers.tests.paper_cast import decided, sign
from applications.papers.views import MISSES
from applications.status import Status

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


@pytest.fixture
def one_moment(time_machine: Any, now: datetime) -> None:
    """All questions fall into one minute, however slow the machine."""
    time_machine.move_to(now, tick=False)


@pytest.fixture
def application(make_application: Callable[..., Application]) -> Application:
    application = make_application(Status.IN_REVIEW)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    return application


@pytest.fixture
def paper(application: Application, parent: User, now: datetime) -> Paper:
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now, payload=b"%PDF-1.7")
    return made(Paper.objects.order(application, PaperKind.RECEIPT, signature, now=now), now)


@pytest.fixture
def notice(application: Application, director: User, now: datetime) -> Paper:
    decision = decided(application, by=director, now=now)
    signature = sign(
        application, Purpose.DECISION, by=director, now=now, decision=decision, payload=b"%PDF-1.7"
    )
    return made(Paper.objects.order(application, PaperKind.NOTICE, signature, now=now), now)


def made(paper: Paper, now: datetime) -> Paper:
    making.render(paper, now=now)
    return Paper.objects.get(pk=paper.pk)


def content(paper: Paper) -> bytes:
    with paper.file.open("rb") as file:
        return file.read()


def page(client: Client, paper: Paper | None = None, *, token: str = "") -> str:
    return text(client.get(reverse("papers:paper", args=[paper.token if paper else token])))


def text(response: Any) -> str:
    body = response.content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", body[body.index("<main") : body.index("</main>")]).split())


def upload(client: Client, data: bytes, paper: Paper | None = None) -> Any:
    address = reverse("papers:paper", args=[paper.token]) if paper else reverse("papers:form")
    return client.post(address, {"file": SimpleUploadedFile("x.pdf", data)})


@pytest.mark.rule("R95", "D19")
def test_valid_paper_is_told_in_words_without_the_person(
    client: Client, paper: Paper, parent: User, settings: Any
) -> None:
    said = page(client, paper)

    for fact in (
        "Құжат жарамды", paper.application.number or "", "Тексеруде", "№63 жалпы білім беретін мектеп",
        "С. А.", settings.PUBLIC_URL, "10 маусым",
    ):  # fmt: skip
        assert fact in said, fact
    child = paper.application.child
    for secret in (
        child.surname,
        child.name,
        child.iin,
        parent.name,
        parent.surname,
        parent.iin,
        parent.phone,
    ):
        assert secret not in said


def test_check_needs_no_session_and_sets_none(client: Client, paper: Paper, settings: Any) -> None:
    response = client.get(reverse("papers:paper", args=[paper.token]))

    assert settings.SESSION_COOKIE_NAME not in response.cookies
    assert "noindex" in response.content.decode()


def test_notice_shows_the_decision_and_its_day(client: Client, notice: Paper) -> None:
    said = page(client, notice)

    assert "Қызмет нәтижесі туралы хабарлама" in said
    assert "Қабылданды" in said
    assert "Шешім күні" in said


@pytest.mark.rule("R113")
def test_notice_of_a_withdrawn_application_is_no_longer_good(client: Client, notice: Paper) -> None:
    Application.objects.filter(pk=notice.application_id).update(status=Status.WITHDRAWN)

    said = page(client, notice)

    assert "Құжат күшін жойған" in said
    assert "Құжат жарамды" not in said


def test_paper_in_the_making_says_so(client: Client, paper: Paper) -> None:
    Paper.objects.update(rendered_at=None, sha256="")

    assert "Құжат дайындалуда" in page(client, paper)


@pytest.mark.parametrize("token", ["x", "ә" * 40, "a" * 2000, "%00", "' OR 1=1"])
def test_unknown_token_says_so(client: Client, token: str) -> None:
    response = client.get(reverse("papers:paper", args=[token]))

    assert response.status_code == 404
    assert "Мұндай құжат табылмады" in text(response)


def test_unknown_token_asks_the_database_as_often(
    client: Client, paper: Paper, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        page(client, paper)
    with django_assert_num_queries(1):
        page(client, token="unknown")


def test_page_speaks_russian(client: Client, paper: Paper) -> None:
    client.cookies["lang"] = "ru"

    said = page(client, paper)

    assert "Документ действителен" in said
    assert "КГУ «Общеобразовательная школа №63»" in said


def test_original_file_is_recognised_on_both_pages(client: Client, paper: Paper) -> None:
    for where in (paper, None):
        said = text(upload(client, content(paper), where))
        assert "Файл — түпнұсқа." in said
        assert str(paper.application.number) in said


def test_other_paper_of_ours_is_not_this_one(client: Client, paper: Paper, notice: Paper) -> None:
    said = text(upload(client, content(notice), paper))

    assert "Бұл — OQU құжаты, бірақ басқа нөмірдікі." in said


def test_no_changed_copy_passes(client: Client, paper: Paper) -> None:
    original = content(paper)
    writer = IncrementalPdfFileWriter(io.BytesIO(original))
    writer.root["/Note"] = pdf_string("ҚАБЫЛДАНДЫ")
    writer.update_root()
    updated = io.BytesIO()
    writer.write(updated)
    chance = random.Random(3)
    copies = [updated.getvalue(), original + b"\n", original[:-1]]
    for place in chance.sample(range(len(original)), 200):
        changed = bytearray(original)
        changed[place] ^= 1 << chance.randrange(8)
        copies.append(bytes(changed))

    for copy in copies:
        verdict, found = checking.of_file(copy, expected=None)
        # where the flipped bit names the seal or its field, the file no longer looks like one of ours at all
        assert verdict in (checking.File.CHANGED, checking.File.FOREIGN)
        assert found is None
    said = text(upload(client, updated.getvalue(), paper))
    assert "Файл OQU берген құжатқа сәйкес келмейді." in said
    assert "Бұл өтінімді OQU берген" not in said  # nothing on the page may be taken for a yes


def test_hash_on_record_is_not_enough_without_our_seal(
    client: Client, paper: Paper, settings: Any, tmp_path: Any
) -> None:
    """Somebody who could write to the database still has no key of ours."""
    settings.KEYS_DIR = tmp_path / "others"

    assert checking.of_file(content(paper), expected=None)[0] == checking.File.CHANGED


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "Файл бос."),
        (b"%PDF-" + b"0" * (checking.MAX_BYTES), "Файл тым үлкен"),
        (b"hello", "Бұл файлды OQU берген жоқ."),
        (b"%PDF-1.7\n" + b"[" * 100_000, "Бұл файлды OQU берген жоқ."),
        (b"%PDF-1.7\n/OQUSeal", "Файл OQU берген құжатқа сәйкес келмейді."),
    ],
)
def test_bad_file_gets_a_sentence(client: Client, data: bytes, said: str) -> None:
    response = upload(client, data)

    assert response.status_code in (200, 400)
    assert said in text(response)


def test_missing_file_is_asked_for(client: Client) -> None:
    response = client.post(reverse("papers:form"))

    assert response.status_code == 400
    assert "PDF-файлды таңдаңыз." in text(response)


def test_body_that_says_it_is_too_long_is_not_read(client: Client) -> None:
    class Trap(io.BytesIO):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

    too_long: dict[str, Any] = {"CONTENT_LENGTH": str(10**9), "wsgi.input": Trap()}
    response = client.generic(
        "POST",
        reverse("papers:form"),
        content_type="multipart/form-data; boundary=x",
        **too_long,
    )

    assert response.status_code == 400
    assert "Файл тым үлкен" in text(response)


def test_guesses_are_put_off_and_papers_never(client: Client, paper: Paper, one_moment: None) -> None:
    """A whole school, behind one address, looks at its papers; who guesses addresses of papers waits."""
    address, unknown = reverse("papers:paper", args=[paper.token]), reverse("papers:paper", args=["A" * 32])

    assert {client.get(address, REMOTE_ADDR="10.0.0.7").status_code for _ in range(70)} == {200}
    answers = [client.get(unknown, REMOTE_ADDR="10.0.0.7").status_code for _ in range(MISSES + 1)]
    assert answers == [404] * MISSES + [429]
    assert client.get(unknown, REMOTE_ADDR="10.0.0.8").status_code == 404


def test_limit_counts_people_behind_our_proxy_apart(client: Client, settings: Any, one_moment: None) -> None:
    settings.TRUSTED_PROXIES = 1
    unknown = reverse("papers:paper", args=["A" * 32])
    for number in range(MISSES + 5):  # the first part is the visitor's own word, the last our proxy's
        answer = client.get(unknown, HTTP_X_FORWARDED_FOR=f"1.2.3.4, 10.1.0.{number}")
        assert answer.status_code == 404
    answers = {
        client.get(unknown, HTTP_X_FORWARDED_FOR=f"{n}.2.3.4, 10.2.0.1").status_code
        for n in range(MISSES + 5)
    }
    assert 429 in answers


def knocks(server: socket.socket) -> int:
    """How often somebody has connected to what accepts nobody."""
    server.setblocking(False)
    for number in range(50):
        try:
            server.accept()[0].close()
        except OSError:
            return number
    raise AssertionError("knocks without an end")


@pytest.mark.parametrize("hangs", [True, False])
def test_dead_or_hanging_redis_delays_the_page_a_little(
    client: Client, rf: RequestFactory, paper: Paper, settings: Any, hangs: bool
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if hangs:
            silent.listen(50)
        settings.CACHES = {
            "default": {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": f"redis://127.0.0.1:{silent.getsockname()[1]}/0",
                "OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2},
            }
        }
        started = time.monotonic()
        assert throttle.allowed(rf.get("/"), what="check", per_minute=1)
        assert time.monotonic() - started < 20  # one wait of 0.2 s, on a machine however busy
        assert knocks(silent) == int(hangs)

        assert "Құжат жарамды" in page(client, paper)
