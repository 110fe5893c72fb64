"""Reference data as ops keep it (D65): the pages of each kind, what they refuse, and what the journal has."""

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import seen
from accounts.models import JournalEntry, User
from applications.models import Application
from applications.status import Status
from oqu.reference.kinds import KINDS
from oqu.reference.site import reference
from schools import seats
from schools.kazakh import sort_key
from schools.models import (
    EndedPlace,
    Holiday,
    Intake,
    Language,
    Locality,
    Period,
    Role,
    School,
    StaffMember,
    StreetAlias,
)
from schools.streets import street_key
from tests.environment import undone

pytestmark = [pytest.mark.rule("D65"), pytest.mark.django_db]
MOST_QUESTIONS = 12
SURE = {"post": "yes"}  # a browser sends its token at least
LATIN = {"DEMO", "OQU", "eGov", "school", "street"}  # names, and what is typed so; no word of Django's
NAMES = {"name_kk": "Ұйғыр", "name_ru": "Уйгурский"}
DAY = {"date": "2027-03-22", "kind": "off", "name_kk": "Наурыз", "name_ru": "Наурыз"}
PERIOD = {"region": "590000000", "year": "2027", "opens": "2027-06-01", "closes": "2027-08-31"}
SCHOOL = {"bin": "990540099922", "locality": "есил ауданы", "name_kk": "№7 мектеп", "name_ru": "Школа №7"}
ENDED = {"place": "593651100", "ended_on": "2026-07-01", "successor": "593651000"}
PAIR = {"key": "ул. Мира", "other": "Бейбітшілік көшесі", "locality": "711210000"}


@pytest.fixture
def ops(client: Client, db: None) -> Client:
    user = User.objects.create(iin="840214399807", surname="Нұрланов")
    StaffMember.objects.create(user=user, role=Role.OPS)
    client.force_login(user)
    return client


def page(model: type, name: str, *ids: Any) -> str:
    return reverse(f"reference:schools_{model.__name__.lower()}_{name}", args=ids)


def text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def spoken(entry: JournalEntry) -> tuple[Any, Any]:
    said: dict[str, Any] = entry.said or {}
    return said.get("by"), said.get("user")


def test_each_kind_is_added_with_its_computed_keys(
    ops: Client, school: School, subtests: pytest.Subtests
) -> None:
    seated = {"school": "№63 мектеп", "year": "2027", "language": "ru", "seats": "9", "outside_ratio": "2"}
    for model, typed, where, stored in (
        (Language, {"code": "ug", "position": "4"} | NAMES, {"code": "ug"}, {"name_ru": "Уйгурский"}),
        (Holiday, DAY, {"date": date(2027, 3, 22)}, {"kind": "off"}),
        (Period, PERIOD, {"year": 2027}, {"closes": date(2027, 8, 31), "region_id": "590000000"}),
        (
            School,
            SCHOOL,
            {"bin": SCHOOL["bin"]},
            {"sort_kk": sort_key("№7 мектеп"), "search": " 7 мектеп школа 7 ", "locality_id": "711210000"},
        ),
        (Intake, seated, {"year": 2027}, {"seats": 9, "outside_limit": 3, "held_local": 0}),
        (EndedPlace, ENDED, {"place": "593651100"}, {"successor_id": "593651000"}),
        (
            StreetAlias,
            PAIR,
            {"school": None},
            {"key": street_key("ул. Мира"), "other": street_key("Бейбітшілік көшесі")},
        ),
    ):
        school.search = " 63 жалпы мектеп "
        school.save(update_fields=["search"])
        with subtests.test(model.__name__), undone():
            answer = ops.post(page(model, "add"), typed)
            assert answer.headers.get("Location") == page(model, "changelist"), text(answer)
            made: Any = model._default_manager.get(**where)
            assert {name: getattr(made, name) for name in stored} == stored
            again = ops.post(page(model, "add"), typed)
            assert again.status_code == 400


def test_what_a_loader_refuses_is_refused_in_words(
    ops: Client, school: School, subtests: pytest.Subtests
) -> None:
    for model, typed, said in (
        (Period, PERIOD | {"closes": "2027-09-01"}, "1 қаңтар мен 31 тамыз"),
        (Period, PERIOD | {"opens": "2027-06-31"}, "Күнді толық жазыңыз"),
        (Period, PERIOD | {"year": "99999"}, "2100"),
        (Language, {"code": "KK"} | NAMES, "кіші әрпінен"),
        (Holiday, DAY | {"kind": "free"}, "нұсқалардың бірін"),
        (School, SCHOOL | {"bin": "123"}, "БСН жарамайды"),
        (School, SCHOOL | {"locality": "ауданы"}, "(593600000)"),
        (School, SCHOOL | {"locality": "Ешқайда"}, "«Ешқайда» табылмады"),
        (StreetAlias, PAIR | {"other": "Мира көшесі"}, "онсыз да бір көше"),
        (StreetAlias, PAIR | {"key": "№"}, "атау танылмады"),
        (Intake, {"school": "63", "year": "2026", "language": "kk", "seats": "-1"}, "Мүмкін болатын"),
        (Language, {}, "Толтырыңыз: «Коды»."),
        (EndedPlace, ENDED | {"successor": "593651100"}, "өзіне қайтып әкеледі"),
        (EndedPlace, ENDED | {"successor": "710000000", "place": "593651000"}, "алдымен солардың мирасқорын"),
        (EndedPlace, ENDED | {"successor": "590000000"}, "Мирасқор — аумақ"),
    ):
        with subtests.test(said):
            answer = ops.post(page(model, "add"), typed)
            assert answer.status_code == 400
            assert said in text(answer)
            assert "Қате: " in text(answer)


def test_a_school_keeps_its_number_and_its_keys_follow_its_name(ops: Client, school: School) -> None:
    typed = {"bin": "000000000000", "stops_on": "2026-01-01", "name_kk": "№8 мектеп", "name_ru": "Школа №8"}
    ops.post(page(School, "change", school.pk), typed)
    changed = School.objects.get(pk=school.pk)

    assert (changed.bin, changed.stops_on, changed.locality_id) == (school.bin, None, school.locality_id)
    assert (changed.name, changed.sort_kk) == ("№8 мектеп", sort_key("№8 мектеп"))
    assert changed.has_transport is False


def test_seats_change_through_their_rule(ops: Client, intake: Intake) -> None:
    Intake.objects.filter(pk=intake.pk).update(held_outside=2)
    few = ops.post(
        page(Intake, "change", intake.pk), {"seats": "7", "held_outside": "0", "outside_limit": "7"}
    )
    assert few.status_code == 400
    assert "2 орын алып қойған" in text(few)
    assert Intake.objects.get(pk=intake.pk).seats == 8

    # Either number alone would be refused.
    ops.post(page(Intake, "change", intake.pk), {"seats": "4", "outside_ratio": "1"})
    changed = Intake.objects.get(pk=intake.pk)
    assert (changed.seats, changed.outside_limit, changed.held_outside) == (4, 2, 2)
    assert changed.outside_limit == seats.limit_of(changed)


def test_a_later_change_of_a_colleague_is_told_and_not_undone(ops: Client, school: School) -> None:
    period = Period.objects.get(region_id="710000000")
    address = page(Period, "change", period.pk)
    shown = re.search(r'name="seen" value="(\w+)"', ops.get(address).content.decode())
    assert shown
    Period.objects.filter(pk=period.pk).update(closes=date(2026, 8, 15))
    typed = {"opens": "2026-05-27", "closes": "2026-08-20", seen.FIELD: shown[1]}

    refused = ops.post(address, typed)
    period.refresh_from_db()
    assert refused.status_code == 409
    assert "Жабылатын күні: 2026-08-15" in text(refused)
    assert 'value="2026-08-20"' in refused.content.decode()
    assert period.closes == date(2026, 8, 15)

    fresh = re.search(r'name="seen" value="(\w+)"', refused.content.decode())
    assert fresh
    ops.post(address, typed | {seen.FIELD: fresh[1]})
    period.refresh_from_db()
    assert period.closes == date(2026, 8, 20)


def test_who_adds_the_same_a_moment_later_reads_that_it_is_there(
    ops: Client, school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Period, "validate_constraints", lambda *_args, **_more: None
    )  # it came after the look
    answer = ops.post(
        page(Period, "add"), PERIOD | {"year": "2026", "opens": "2026-06-01", "closes": "2026-06-02"}
    )

    assert answer.headers["Location"] == page(Period, "changelist")
    assert "жаңа ғана пайда болды" in text(ops.get(page(Period, "changelist")))
    assert Period.objects.get(region_id="590000000").opens == date(2026, 6, 29)


def test_what_others_lean_on_does_not_go(ops: Client, make_application: Any, school: School) -> None:
    application: Application = make_application(Status.DRAFT)
    used = Period.objects.get(region_id="710000000", year=application.year)
    free = Period.objects.get(region_id="590000000")
    day = Holiday.objects.create(date=date(2027, 3, 22), kind="off", name_kk="Наурыз", name_ru="Наурыз")
    pair = StreetAlias.objects.create(key="street:мир", other="street:бейбітшілік")
    theirs = StreetAlias.objects.create(key="street:а", other="street:б", school=school)

    for row in (free, day, pair):
        assert ops.get(page(type(row), "delete", row.pk)).status_code == 200
        assert ops.post(page(type(row), "delete", row.pk), SURE).status_code == 302
    assert ops.post(page(Period, "delete", used.pk), SURE).headers["Location"] == page(
        Period, "change", used.pk
    )
    assert ops.post(page(StreetAlias, "delete", theirs.pk), SURE).status_code == 404

    assert list(Period.objects.values_list("pk", flat=True)) == [used.pk]
    assert list(StreetAlias.objects.values_list("pk", flat=True)) == [theirs.pk]
    assert not Holiday.objects.exists()
    assert ops.get(page(Period, "change", free.pk)).status_code == 404


def test_nothing_goes_in_bulk_and_nothing_else_goes_at_all() -> None:
    going = {model for model, kind in KINDS.items() if kind.goes}

    assert going == {Period, Holiday, StreetAlias, EndedPlace}
    assert all(kind.actions is None for kind in reference._registry.values())


def test_the_journal_has_who_changed_what(ops: Client, school: School) -> None:
    before = JournalEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    ops.post(page(Language, "add"), {"code": "ug", "position": "4"} | NAMES)
    ops.post(page(StreetAlias, "add"), PAIR)
    ops.post(page(Period, "change", Period.objects.get(region_id="590000000").pk), PERIOD | {
        "opens": "2026-06-30", "closes": "2026-08-31",
    })  # fmt: skip
    written = JournalEntry.objects.filter(pk__gt=before, model__startswith="schools.").order_by("pk")
    user = User.objects.get(iin="840214399807")

    assert [(one.kind, one.model, *spoken(one)) for one in written] == [
        ("INSERT", "schools.language", "page reference:schools_language_add", user.pk),
        ("INSERT", "schools.streetalias", "page reference:schools_streetalias_add", user.pk),
        ("UPDATE", "schools.period", "page reference:schools_period_change", user.pk),
    ]
    assert written[2].facts["opens"] == "2026-06-30"
    assert not LogEntry.objects.exists()


def test_pages_speak_the_readers_language_and_ask_little(
    ops: Client, intake: Intake, localities: dict[str, Locality], subtests: pytest.Subtests
) -> None:
    Holiday.objects.create(date=date(2027, 3, 22), kind="off", name_kk="Наурыз", name_ru="Наурыз")
    StreetAlias.objects.create(key="street:мир", other="street:бейбітшілік")
    EndedPlace.objects.create(place_id="593651100", ended_on=date(2026, 7, 1))
    addresses = [reverse("reference:index")]
    for model, kind in KINDS.items():
        row: Any = model._default_manager.first()
        addresses += [page(model, "changelist"), page(model, "add")]
        addresses += [page(model, "change", row.pk)] if kind.changes else []
        addresses += [page(model, "delete", row.pk)] if kind.goes else []
    for language, front in (("kk", "Анықтамалық деректер"), ("ru", "Справочные данные")):
        ops.post(reverse("accounts:language"), {"language": language})
        for address in addresses:
            with subtests.test(f"{language} {address}"):
                with CaptureQueriesContext(
                    connection,
                ) as asked:
                    answer = ops.get(address)
                assert answer.status_code == 200
                words = set(re.findall(r"\b[A-Za-z]{3,}\b", text(answer)))
                assert words <= LATIN, address
                assert len(asked) <= MOST_QUESTIONS
                assert front in text(ops.get(addresses[0]))


def test_lists_are_searched_and_narrowed(ops: Client, intake: Intake, other_school: School) -> None:
    for address, shown, hidden in (
        (f"{page(School, 'changelist')}?q={other_school.bin}", "Қарақоға", "№63"),
        (f"{page(School, 'changelist')}?region=710000000", "№63", "Қарақоға орта"),
        (f"{page(School, 'changelist')}?region=x", "№63", "табылмады"),
        (f"{page(Intake, 'changelist')}?q={other_school.bin}&year=2026", "Қарақоға", "№63"),
        (f"{page(Period, 'changelist')}?year=2026", "Астана", "табылмады"),
    ):
        answer = text(ops.get(address)).partition("Барлығы: ")[2]
        assert shown in answer
        assert hidden not in answer
    assert ops.get(f"{page(School, 'changelist')}?e=1&other=1").status_code == 404
