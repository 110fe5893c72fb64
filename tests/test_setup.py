"""`manage.py setup`: what a production portal needs is asked for, brought once and told of; what cannot be
used is refused in a sentence before anything is done (D33, D38)."""

import builtins
import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from accounts import vault
from applications.models import Application, Ground
from applications.papers import keys
from egov.reach import Asked
from notifications import leases, mail
from oqu import celery, doctor, health, knocking
from oqu.management.commands import setup as command
from oqu.management.commands.setup import AT_MOST, LEASE
from oqu.setup import outside
from schools import school_lists
from schools.models import Holiday, Language, Locality, Period, School, StaffMember, StreetAlias
from tests.environment import undone

IIN = "840214399807"
DATA = Path(school_lists.__file__).parent / "data"
WHOLE = f'kato = "built-in"\nperiods = "built-in"\nholidays = "built-in"\nops = "{IIN}"\n'
BROUGHT = (Locality, Language, Ground, Period, Holiday, StreetAlias, StaffMember)


@pytest.fixture(autouse=True)
def bare(db: None, now: datetime, settings: Any, tmp_path: Path, monkeypatch: Any, time_machine: Any) -> None:
    """June 2026, the tables made and nothing in them; every system outside answers."""
    time_machine.move_to(now, tick=False)
    settings.KEYS_DIR, settings.SEAL_PASSWORD = tmp_path / "keys", "test"
    settings.DATA_KEYS_FILE = tmp_path / "keys" / "data.keys"
    monkeypatch.setattr(command, "STANDS_ON", ())
    monkeypatch.setattr(knocking, "ask", list)


@pytest.fixture
def answers(tmp_path: Path) -> Callable[..., str]:
    def write(text: str, *, mode: int = 0o600) -> str:
        path = tmp_path / "setup.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        return str(path)

    return write


def run(*options: str) -> tuple[str, int]:
    said, code = io.StringIO(), 0
    try:
        call_command("setup", *options, stdout=said, stderr=said)
    except SystemExit as ended:
        code = int(str(ended.code))
    return said.getvalue(), code


def typing(monkeypatch: pytest.MonkeyPatch, *typed: str | type[BaseException]) -> list[str]:
    """What they type, question after question; a class is raised. The questions."""
    left, asked = iter(typed), []

    def answer(question: str) -> str:
        asked.append(question.partition(":")[0])
        said = next(left, EOFError)
        if isinstance(said, str):
            return said
        raise said

    monkeypatch.setattr(builtins, "input", answer)
    return asked


def counts() -> list[int]:
    return [model._default_manager.count() for model in BROUGHT]


def test_file_brings_all_once_and_is_left_alone_the_second_time(answers: Callable[..., str]) -> None:
    file = answers(WHOLE)
    told, code = run("--check", "--from", file)
    assert (code, counts()) == (1, [0] * len(BROUGHT))
    assert told.splitlines()[-1] == "missing: languages, grounds, keys, kato, periods, holidays, ops"

    told, code = run("--from", file)

    assert (code, told.splitlines()[-1]) == (0, "nothing is missing")
    assert "the extract alone: `load_kato FILE` brings the whole" in told
    assert IIN not in told
    assert keys.broken() == [] and vault.faults() == []
    Period.objects.update(closes="2026-08-30")
    before = counts()
    assert run("--from", file)[1] == run("--check")[1] == 0
    assert counts() == before and not Period.objects.exclude(closes="2026-08-30").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the file says nothing of: kato, periods, holidays, ops. Nothing was done"),
        (WHOLE.replace("periods", "#"), "the file says nothing of: periods. Nothing was done"),
        (WHOLE + "kota = 'x'", "kota: unknown; what may be named is year, kato, periods, holidays"),
        (WHOLE.replace(IIN, "840214399808"), "ops: not an IIN; it is twelve digits in quotes"),
        (WHOLE.replace(f'"{IIN}"', IIN), "ops: not an IIN; it is twelve digits in quotes"),
        (WHOLE.replace(IIN, "150214599804"), "ops: "),
        (WHOLE + 'street_names = "none.csv"', "street_names: there is no file "),
        (WHOLE + 'street_names = "built-in"', "street_names: there is no file "),
        (WHOLE.replace('kato = "built-in"', 'kato = "gone.csv"'), "«built-in» is what comes with the por"),
        (WHOLE.replace('kato = "built-in"', "kato = 5"), "kato: a file is wanted by its name"),
        (WHOLE.replace('kato = "built-in"', 'kato = ""'), "kato: a file is wanted by its name"),
        (
            WHOLE.replace('holidays = "built-in"', "holidays = []"),
            "holidays: a file is wanted by its name, or",
        ),
        (WHOLE + "year = 2025", "year: it is one of 2026, 2027, without quotes"),
        (WHOLE + "year = 2026.0", "year: it is one of 2026, 2027, without quotes"),
        (WHOLE + 'year = "2026"', "year: it is one of 2026, 2027, without quotes"),
        (WHOLE + "year = 2027", "periods: the portal has the dates of 2026 only: name a file"),
        ("kato = built-in", "setup.toml is no TOML in UTF-8"),
        (WHOLE + 'street_names = "bad.csv"', "street_names: line 2: the two names meet by themselves"),
    ],
)
def test_unfit_file_is_refused_in_a_sentence_and_nothing_is_done(
    text: str, told: str, answers: Callable[..., str], tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("name,other\nАбай көшесі,Абай көшесі\n", encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        run("--from", answers(text))

    assert told in str(refused.value)
    assert IIN not in str(refused.value)
    assert counts() == [0] * len(BROUGHT) and not keys.listed()


def test_other_refusals_are_sentences_too(
    answers: Callable[..., str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"kato = '\xe9'")
    refusals = {
        ("--from", str(tmp_path / "none")): "none: No such file or directory",
        ("--from", str(tmp_path)): "Is a directory",
        ("--from", str(latin)): "latin.toml is no TOML in UTF-8",
        ("--from", answers(WHOLE, mode=0o644)): "others may read it: chmod 600 setup.toml",
        ("--year", "2031"): "--year is one of 2026, 2027",
    }
    for options, told in refusals.items():
        with subtests.test(told), pytest.raises(CommandError, match=told):
            run(*options)
    basics: dict[str, Any] = {
        "does not answer": {"database": {"ok": False}},
        "manage.py prepare` first": {"database": {"ok": True}, "migrations": {"ok": False}},
    }
    for told, found in basics.items():
        monkeypatch.setattr(health, "examine", lambda found=found, **_now: found)
        with subtests.test(told), pytest.raises(CommandError, match=told):
            run()


def test_two_at_once_are_one(answers: Callable[..., str]) -> None:
    assert leases.take(LEASE, "another", lasts=AT_MOST)

    with pytest.raises(CommandError, match="somebody else sets up just now"):
        run("--from", answers(WHOLE))
    assert not Locality.objects.exists()

    leases.end(LEASE, "another")
    run("--from", answers(WHOLE))
    assert leases.take(LEASE, "another", lasts=AT_MOST)  # who is done has given it back


@pytest.mark.parametrize("is_done", [True, False], ids=["and is done", "and goes on"])
def test_who_thinks_for_longer_than_the_lease_lasts_overtakes_nobody(
    is_done: bool, answers: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def think(question: str) -> str:
        """Meanwhile the lease ends, and another sets up."""
        asked.append(question.partition(":")[0])
        leases.end(LEASE, str(leases.holder(LEASE)))
        if is_done:
            run("--from", answers(WHOLE))
            Locality.objects.filter(kato="710000000").update(name_ru="of the other")
        else:
            assert leases.take(LEASE, "another", lasts=AT_MOST)
        return ""

    monkeypatch.setattr(builtins, "input", think)
    if is_done:
        told, code = run()
        assert (code, "kato: brought by somebody else meanwhile" in told) == (0, True)
        assert Locality.objects.filter(name_ru="of the other").count() == 1
    else:
        with pytest.raises(CommandError, match="somebody else sets up just now"):
            run()
        assert not Locality.objects.exists()
    assert asked[0] == "kato" and "ops" not in asked


def test_questions_are_asked_until_answered_and_never_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = typing(monkeypatch, "none.csv", "", "", KeyboardInterrupt)

    told, code = run()

    assert asked == ["kato", "kato", "periods", "holidays"]
    assert "there is no file none.csv; «built-in» is what comes with the portal" in told
    assert code == 130
    assert "stopped; languages, grounds, keys, kato, periods brought. Run setup again" in told

    def interrupted() -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outside, "ask", interrupted)
        assert "stopped; nothing brought." in run("--check")[0], "while a system is waited for, too"
    asked = typing(monkeypatch, "", "", "123", IIN)
    told, code = run()

    assert asked == ["holidays", "street_names", "ops", "ops"]
    assert "not an IIN" in told and code == 0
    assert (typing(monkeypatch) == [] and run()[1] == 1) or code == 0


def test_who_goes_away_and_a_file_that_is_bad_leave_nothing_half(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    bad = tmp_path / "kato.csv"
    bad.write_text("kato,name_kk,name_ru\n710000000,Астана,Астана\n12,Аты,Имя\n", encoding="utf-8")
    asked = typing(monkeypatch, str(bad))

    told, code = run()

    assert (asked, code) == (["kato", "kato"], 1)
    assert "kato: line 3: «12» is not a code of nine digits" in told
    assert "stopped; languages, grounds, keys brought." in told
    assert not Locality.objects.exists()


def test_silence_outside_is_told_in_words_and_stops_where_a_parent_is_stopped(
    answers: Callable[..., str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.CLAMD_URL = "oqu@example.kz", "unix:/nonexistent"
    asked = [
        Asked("login", 0.1),
        Asked("person", 0.1, "they refuse our certificate: it has expired", ours=True),
        Asked("tsp", 5.0, "too late"),
    ]
    monkeypatch.setattr(knocking, "ask", lambda: asked)
    run("--from", answers(WHOLE))
    told, code = run("--check")

    assert code == 1 and told.splitlines()[-1] == "missing: person, antivirus"
    assert (
        "SILENT   person        they refuse our certificate: it has expired; look at SMARTBRIDGE_URL" in told
    )
    assert "SILENT   tsp           too late\n" in told, "papers are stamped later"
    assert "ok       login         answered in " in told and "ok       email         answered" in told

    def fail(*_asked: Any, **_more: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(mail, "get_connection", fail)
    monkeypatch.setattr(outside, "cache", None)
    monkeypatch.setattr(celery.app, "connection_for_write", fail)
    told, _code = run("--check")
    assert "SILENT   email         the connection is refused; look at EMAIL_URL, EMAIL_FROM" in told
    assert "SILENT   broker        the connection is refused; look at REDIS_URL, CELERY_BROKER_URL" in told
    assert told.splitlines()[-1] == "missing: redis, broker, person, antivirus"


def test_what_the_portal_stands_on_is_told_by_the_doctor(
    answers: Callable[..., str], settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "STANDS_ON", (doctor.machine.authorities,))
    settings.EDS_CA_DIR = tmp_path / "none"

    told, code = run("--from", answers(WHOLE))

    assert (code, told.splitlines()[-1]) == (1, "missing: authorities")
    assert "EDS_CA_DIR: no certification authorities" in told


def test_every_table_of_the_demo_is_filled_by_production_s_own_commands(
    answers: Callable[..., str], settings: Any, tmp_path: Path
) -> None:
    """Nothing that a portal needs is made by `demo` alone; families come by pages."""
    by_pages = {"accounts_child", "accounts_guardianship", "accounts_consent"}

    def filled() -> set[str]:
        models = [one for one in apps.get_models() if one._meta.app_label in ("accounts", "schools")]
        models += [Ground]
        return {one._meta.db_table for one in models if one._default_manager.exists()}

    with undone():
        settings.DEMO = True
        call_command("demo", stdout=io.StringIO())
        of_demo = filled()
    settings.DEMO = False
    addresses = tmp_path / "addresses.csv"
    lines = (DATA / "demo_addresses.csv").read_text(encoding="utf-8").splitlines()
    addresses.write_text("\n".join(["school,line", *lines[1:]]), encoding="utf-8")

    run("--from", answers(WHOLE))
    for name, *arguments in (
        ("load_schools", DATA / "demo_schools.csv"),
        ("staff", "load", DATA / "demo_staff.csv"),
        ("load_addresses", addresses, "--by", "x", "--reason", "x", "--confirm"),
    ):
        call_command(name, *map(str, arguments), stdout=io.StringIO(), stderr=io.StringIO())

    assert of_demo - by_pages - filled() == set()
    assert School.objects.exists() and not Application.objects.exists()


def test_superuser_is_not_made_here() -> None:
    with pytest.raises(CommandError, match="people of ops sign in through eGov"):
        call_command("createsuperuser", iin=IIN)
