"""Step 2 (R65-R83, D3, D5, D8, D31, D32): the way, the school with its language, transport."""

import re
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from applications.filing.tests.wizard_cast import step, text
from applications.models import Application, Route
from applications.review.tests.desk_cast import DeskRegisters
from applications.status import Status
from conftest import YEAR
from egov import http
from schools import residence
from schools.models import Intake, Locality, Period, School

NO_SCHOOL = (
    "Сіздің тіркеу мекенжайыңыз ешқандай білім беру ұйымына тіркелмеген. Мекенжайыңызды шағын аудан "
    "бойынша мектепке қосу үшін мектеп әкімшілігіне жүгінуіңіз қажет немесе шағын ауданнан тыс өтінім "
    "беруіңізге болады"
)


@pytest.fixture
def draft(make_application) -> Application:
    """Step 1 is passed."""
    return make_application(step2_at=None, route="", intake=None)


@pytest.fixture
def local(make_application) -> Application:
    return make_application(step2_at=None, intake=None)


@pytest.fixture
def outside(make_application) -> Application:
    return make_application(step2_at=None, intake=None, route=Route.OUTSIDE)


@pytest.fixture
def neighbour(localities: dict[str, Locality], school: School) -> School:
    """A school of the same district whose microdistrict does not hold the parent's address."""
    found = School.objects.create(
        bin="990540099922", locality=localities["711210000"], name_kk="«№70 мектеп» КММ",
        name_ru="КГУ «Школа №70»", sort_kk="70", search=" 70 мектеп школа ",
    )  # fmt: skip
    Intake.objects.create(school=found, year=YEAR, language_id="kk", seats=8, outside_limit=2)
    return found


def own(school: int, language: str) -> dict[str, Any]:
    """«Иә», and the school of the address."""
    return {"route": "LOCAL", "school": school, "language": language}


def chosen(application: Application) -> tuple:
    application.refresh_from_db()
    return application.route, application.intake


# --- the address --------------------------------------------------------------------------------------
@pytest.fixture
def unknown(draft: Application, monkeypatch: pytest.MonkeyPatch) -> DeskRegisters:
    """The register of persons was silent when the parent signed in."""
    User.objects.filter(pk=draft.applicant_id).update(registered_address={}, refreshed_at=None)
    world = DeskRegisters(names={draft.applicant.iin: ("Сәрсенова", "Айгүл", "F")})
    monkeypatch.setattr(http, "call", world.call)
    return world


@pytest.mark.rule("R68")
@pytest.mark.parametrize("system", ["person", "address"])
def test_silent_register_of_addresses_sends_nobody_outside(
    at_home: Client, draft: Application, unknown: DeskRegisters, system: str
) -> None:
    unknown.down.add(system)

    for answer in (at_home.get(step(draft, "way")), at_home.post(step(draft, "way"), {"route": "OUTSIDE"})):
        page = text(answer)
        assert answer.status_code == 503
        assert "Мекенжай тізілімі жауап бермей тұр" in page
        assert f'href="{step(draft, "way")}"' in page
        assert "Бұрын сақталған қадамдарыңыз орнында." in page
        assert NO_SCHOOL not in page
    assert chosen(draft) == ("", None)


@pytest.mark.rule("R66", "R68")
def test_address_missed_at_the_sign_in_is_asked_for_at_the_way(
    at_home: Client, draft: Application, unknown: DeskRegisters, school: School
) -> None:
    page = text(at_home.get(step(draft, "way")))

    assert NO_SCHOOL not in page
    assert "Сәтбаев көшесі, 7-үй" in page
    assert User.objects.get(pk=draft.applicant_id).refreshed_at is not None
    asked = len(unknown.asked)
    at_home.get(step(draft, "way"))
    assert len(unknown.asked) == asked  # once is enough


@pytest.mark.rule("R66", "R68")
def test_attached_school_without_its_places_yet_is_named(
    at_home: Client, draft: Application, intake: Intake
) -> None:
    """The address is attached: R68 would be untrue, and would send the family away from its school."""
    Application.objects.update(intake=None)
    Intake.objects.update(year=YEAR - 1)

    page = text(at_home.get(step(draft, "way")))

    assert NO_SCHOOL not in page
    assert (
        "Мекенжайға мектеп бекітілген, бірақ ол бұл оқу жылына 1-сыныптың орындарын әлі жарияламаған" in page
    )
    assert intake.school.name_kk in page
    assert 'value="OUTSIDE"' in page


# --- the way -----------------------------------------------------------------------------------------
@pytest.mark.rule("R65", "R69", "R70", "R71", "R72")
def test_way_is_asked_with_the_rule_explained(at_home: Client, draft: Application) -> None:
    page = text(at_home.get(step(draft, "way")))

    assert "Мектепті шағын аудан бойынша таңдау қажет пе?" in page
    assert "Шағын аудан — мектептің қызмет көрсету аумағы." in page
    assert "Шағын аудан шекараларын жергілікті Білім басқармасы белгілейді." in page
    assert "Шағын аудан бойынша әр 3 орынға — шағын ауданнан тыс 1 орын келеді." in page


@pytest.mark.rule("R65", "D70")
def test_way_and_the_only_school_of_the_address_are_chosen_already(
    at_home: Client, draft: Application, intake: Intake
) -> None:
    page = text(at_home.get(step(draft, "way")))

    for name, value in (("route", "LOCAL"), ("school", intake.school_id), ("language", "kk")):
        assert re.search(rf'name="{name}" value="{value}"[^>]* checked', page)
    assert page.count(" checked") == 3


@pytest.mark.rule("D20", "D70")
def test_school_that_has_refused_is_not_chosen_already(
    at_home: Client, draft: Application, make_application, intake: Intake
) -> None:
    """Copied without its school, which had no place left; once a school is chosen anew, it stands."""
    draft.copied_from = make_application(Status.REFUSED)
    draft.save()

    page = text(at_home.get(step(draft, "way")))

    assert re.search(r'name="route" value="LOCAL"[^>]* checked', page)
    assert not re.search(r'name="school"[^>]* checked', page)
    at_home.post(step(draft, "way"), own(intake.school_id, "kk"))
    assert re.search(r'name="school"[^>]* checked', text(at_home.get(step(draft, "way"))))


@pytest.mark.rule("D70")
def test_language_is_chosen_where_there_are_two(at_home: Client, draft: Application, intake: Intake) -> None:
    Intake.objects.create(school=intake.school, year=YEAR, language_id="ru", seats=4, outside_limit=1)

    page = text(at_home.get(step(draft, "way")))
    answer = at_home.post(step(draft, "way"), {"route": "LOCAL", "school": intake.school_id})

    assert page.count(" checked") == 2
    assert answer.status_code == 400
    assert text(answer).count("Оқу тілін таңдаңыз.") == 2


@pytest.mark.rule("R65")
def test_way_outside_leads_to_the_schools_of_the_country(at_home: Client, draft: Application) -> None:
    """Whatever the schools beside it say."""
    answer = at_home.post(step(draft, "way"), {"route": "OUTSIDE", "school": "999"})

    assert answer["Location"] == step(draft, "school")
    assert chosen(draft) == (Route.OUTSIDE, None)


@pytest.mark.parametrize("posted", [{}, {"route": "SIDEWAYS"}])
def test_way_must_be_one_of_the_two(at_home: Client, draft: Application, posted: dict) -> None:
    answer = at_home.post(step(draft, "way"), posted)

    assert answer.status_code == 400
    assert chosen(draft) == ("", None)


@pytest.mark.rule("R68", "D5")
def test_address_in_no_microdistrict_gets_the_message_and_both_ways_on(
    at_home: Client, draft: Application, school: School
) -> None:
    school.addresses.all().delete()

    page = text(at_home.get(step(draft, "way")))

    assert NO_SCHOOL in page
    assert "tel:+77172000063" in page  # the administration to turn to
    assert at_home.post(step(draft, "way"), {"route": "OUTSIDE"})["Location"] == step(draft, "school")


@pytest.mark.rule("R68")
def test_local_way_without_a_local_school_is_not_taken(
    at_home: Client, draft: Application, school: School
) -> None:
    school.addresses.all().delete()

    answer = at_home.post(step(draft, "way"), {"route": "LOCAL"})

    assert NO_SCHOOL in text(answer)
    assert chosen(draft) == ("", None)


def test_changed_way_asks_for_the_school_anew(at_home: Client, make_application) -> None:
    draft = make_application(transport=True, transport_address={"same": True})

    answer = at_home.post(step(draft, "way") + "?back=review", {"route": "OUTSIDE"})

    assert answer["Location"] == step(draft, "school") + "?back=review"
    assert chosen(draft) == (Route.OUTSIDE, None)
    assert (draft.transport, draft.transport_address) == (False, {})


# --- the school of the address -----------------------------------------------------------------------
@pytest.mark.rule("R66", "R67", "R73", "R74", "R183")
def test_local_schools_show_languages_seats_and_what_is_filled_in(
    at_home: Client, local: Application, intake: Intake
) -> None:
    page = text(at_home.get(step(local, "way")))

    assert "«№63 жалпы білім беретін мектеп» КММ" in page
    assert "Мектепті таңдаңыз:" in page
    assert "Оқу тілін таңдаңыз:" in page
    assert "Қазақ: 8 бос орын" in page
    assert "Орыс" not in page  # the language has no intake here
    assert "Күндізгі" in page
    assert "2026-2027" in page
    assert "2026 ж. 10 маусым, 11:00 жағдайы бойынша" in page


@pytest.mark.rule("R66", "R77")
def test_local_school_is_stored_and_transport_is_asked_next(
    at_home: Client, local: Application, intake: Intake
) -> None:
    answer = at_home.post(
        step(local, "way"), {"route": "LOCAL", "school": intake.school_id, "language": "kk"}
    )

    assert answer["Location"] == step(local, "transport")
    assert chosen(local) == (Route.LOCAL, intake)


@pytest.mark.rule("R80")
def test_school_without_transport_leads_to_the_documents(
    at_home: Client, local: Application, intake: Intake, school: School
) -> None:
    School.objects.update(has_transport=False)

    answer = at_home.post(step(local, "way"), own(school.pk, "kk"))

    assert answer["Location"] == step(local, "documents")


@pytest.mark.rule("R77")
@pytest.mark.parametrize(
    ("language", "message"),
    [
        ("", "Оқу тілін таңдаңыз."),
        ("ru", "Мектеп бұл тілде оқытпайды."),
        ("xx", "Мектеп бұл тілде оқытпайды."),
    ],
)
def test_language_must_be_one_that_the_school_offers(
    at_home: Client, local: Application, intake: Intake, language: str, message: str
) -> None:
    answer = at_home.post(
        step(local, "way"), {"route": "LOCAL", "school": intake.school_id, "language": language}
    )

    assert answer.status_code == 400
    assert message in text(answer)
    assert chosen(local) == (Route.LOCAL, None)


@pytest.mark.rule("R77")
def test_language_of_another_local_school_is_not_offered_by_this_one(
    at_home: Client, local: Application, intake: Intake, neighbour: School
) -> None:
    neighbour.intakes.update(language="ru")
    row = intake.school.addresses.get()
    neighbour.addresses.create(
        locality=row.locality, street=row.street, street_key=row.street_key, house_from=1, house_to=99
    )

    answer = at_home.post(
        step(local, "way"), {"route": "LOCAL", "school": intake.school_id, "language": "ru"}
    )

    assert answer.status_code == 400
    assert "Мектеп бұл тілде оқытпайды." in text(answer)


def test_local_way_takes_no_school_of_another_address(
    at_home: Client, local: Application, intake: Intake, neighbour: School
) -> None:
    answer = at_home.post(step(local, "way"), own(neighbour.pk, "kk"))

    assert answer.status_code == 400
    assert chosen(local) == (Route.LOCAL, None)


@pytest.mark.rule("D3a")
def test_full_school_still_takes_its_own_microdistrict(
    at_home: Client, local: Application, intake: Intake
) -> None:
    Intake.objects.update(held_local=8)

    page = text(at_home.get(step(local, "way")))
    answer = at_home.post(
        step(local, "way"), {"route": "LOCAL", "school": intake.school_id, "language": "kk"}
    )

    assert "жоспардағы орындар толды, бірақ шағын аудан бойынша өтінім бере аласыз" in page
    assert answer["Location"] == step(local, "transport")


# --- outside the microdistrict -----------------------------------------------------------------------
@pytest.mark.rule("R75", "R76", "R184", "D31")
def test_cascade_leads_down_to_the_school_without_script(
    at_home: Client, outside: Application, intake: Intake, other_school: School
) -> None:
    path = step(outside, "school")
    first = text(at_home.get(path))
    assert "Облыс / Қала:" in first
    assert 'name="district"' not in first

    # levels with one option choose themselves, down to the only school
    last = text(at_home.get(path, {"region": "590000000"}))

    for name in ("Мағжан Жұмабаев ауданы", "Қарақоға а.о.", "Қарақоға а."):
        assert f"selected>{name}</option>" in last
    assert f'<option value="{other_school.pk}" selected>' in last
    assert "Оқу тілін таңдаңыз:" in last
    assert "Қазақ: шағын ауданнан тыс 1 бос орын" in last


@pytest.mark.rule("R75", "R76")
def test_outside_school_is_stored(
    at_home: Client, outside: Application, intake, other_school: School
) -> None:
    answer = at_home.post(step(outside, "school"), {"school": other_school.pk, "language": "kk"})

    assert answer["Location"] == step(outside, "documents")
    assert chosen(outside) == (Route.OUTSIDE, other_school.intakes.get())


@pytest.mark.rule("R76")
@pytest.mark.parametrize("typed", ["Қарақоға", "каракога", "КАРАКОГА"])
def test_search_finds_by_name_with_letters_folded(
    at_home: Client, outside: Application, intake: Intake, other_school: School, typed: str
) -> None:
    from schools.kazakh import search_text

    other_school.search = search_text(other_school.name_kk, other_school.name_ru)
    other_school.save()

    page = text(at_home.get(step(outside, "school"), {"q": typed}))

    assert f'href="?school={other_school.pk}"' in page
    assert "Қарақоға а., Солтүстік Қазақстан облысы" in page  # a district of that name may be elsewhere, too


@pytest.mark.rule("R76", "D62")
def test_search_says_how_many_it_found_and_gives_all_by_pages(
    at_home: Client, outside: Application, intake: Intake, school: School
) -> None:
    """In the wizard and in «Алдын ала тексеру»; the place that was chosen stays."""
    for number in range(100, 122):
        found = School.objects.create(
            bin=f"990540{number:06d}", locality=school.locality, search=f" {number} гимназия ",
            name_kk=f"№{number} гимназия", name_ru=f"Гимназия №{number}", sort_kk=str(number),
        )  # fmt: skip
        Intake.objects.create(school=found, year=YEAR, language_id="kk", seats=8, outside_limit=2)
    asked = {"q": "гимн", "region": "710000000"}

    for address in (step(outside, "school"), "/before/school/"):
        first, last = (text(at_home.get(address, asked | {"page": page})) for page in ("1", "2"))

        assert "22 мектеп табылды" in first and "22 мектеп табылды" in last
        assert 'href="?q=%D0%B3%D0%B8%D0%BC%D0%BD&amp;region=710000000&amp;page=2#found"' in first
        assert 'name="region" value="710000000"' in first
        shown = [f">№{number} гимназия</a>" for number in range(100, 122)]
        assert [name in first for name in shown] == [True] * 20 + [False] * 2
        assert [name in last for name in shown] == [False] * 20 + [True] * 2


def test_search_that_finds_nothing_says_so(at_home: Client, outside: Application, intake: Intake) -> None:
    assert "Ештеңе табылмады." in text(at_home.get(step(outside, "school"), {"q": "жоқмектеп"}))


def test_search_for_nothing_asks_what_to_look_for(
    at_home: Client, outside: Application, intake: Intake
) -> None:
    page = text(at_home.get(step(outside, "school"), {"q": "  "}))

    assert "Мектептің нөмірін немесе атауын жазыңыз." in page and 'aria-describedby="id_q_error"' in page
    assert "Мектептің нөмірін немесе атауын жазыңыз." not in text(at_home.get(step(outside, "school")))


@pytest.mark.parametrize(
    "query",
    [
        {"school": "999999"},
        {"school": "x"},
        {"school": "9" * 40},
        {"school": "١٢"},
        {"region": "zzz"},
        {"q": "'\"%_\\"},
    ],
)
def test_nonsense_in_the_address_harms_nothing(
    at_home: Client, outside: Application, intake: Intake, query: dict
) -> None:
    assert at_home.get(step(outside, "school"), query).status_code == 200


@pytest.mark.rule("R75", "D3")
def test_full_outside_quota_is_a_page_with_the_nearest_schools(
    at_home: Client, outside: Application, intake: Intake, neighbour: School
) -> None:
    far = School.objects.exclude(pk=neighbour.pk).get(pk=intake.school_id)
    far.addresses.all().delete()  # not one's own school
    Intake.objects.filter(school=far).update(held_outside=2)

    before = text(at_home.get(step(outside, "school"), {"school": far.pk}))
    answer = at_home.post(step(outside, "school"), {"school": far.pk, "language": "kk"})

    page = text(answer)
    assert "шағын ауданнан тыс орындар бітті" in before
    assert answer.status_code == 409
    assert "Бұл мектепте шағын ауданнан тыс орындар бітті" in page
    assert f"{step(outside, 'school')}?school={neighbour.pk}" in page
    assert "«№70 мектеп» КММ" in page
    assert chosen(outside) == (Route.OUTSIDE, None)


@pytest.mark.rule("R75")
def test_full_school_is_told_apart_from_a_full_quota(
    at_home: Client, outside: Application, intake: Intake
) -> None:
    intake.school.addresses.all().delete()
    Intake.objects.filter(pk=intake.pk).update(held_local=8)

    answer = at_home.post(step(outside, "school"), {"school": intake.school_id, "language": "kk"})

    assert answer.status_code == 409
    assert "Бұл мектепте орын бітті" in text(answer)


def test_own_school_is_not_taken_from_outside(at_home: Client, outside: Application, intake: Intake) -> None:
    page = text(at_home.get(step(outside, "school"), {"school": intake.school_id}))
    at_home.post(step(outside, "school"), {"school": intake.school_id, "language": "kk"})

    assert "оны шағын аудан бойынша таңдаңыз" in page
    assert step(outside, "way") in page
    assert "Оқу тілін таңдаңыз:" not in page
    assert chosen(outside) == (Route.OUTSIDE, None)


def test_school_without_an_intake_this_year_is_not_taken(
    at_home: Client, outside: Application, intake: Intake, other_school: School
) -> None:
    other_school.intakes.update(year=YEAR - 1)

    answer = at_home.post(step(outside, "school"), {"school": other_school.pk, "language": "kk"})

    assert answer.status_code == 400
    assert chosen(outside) == (Route.OUTSIDE, None)


# --- the region's window -----------------------------------------------------------------------------
@pytest.mark.rule("D8")
def test_draft_may_be_prepared_before_the_region_opens(
    at_home: Client, outside: Application, intake: Intake, other_school: School
) -> None:
    page = text(at_home.get(step(outside, "school"), {"school": other_school.pk}))
    answer = at_home.post(step(outside, "school"), {"school": other_school.pk, "language": "kk"})

    assert "қабылдаудың басталу уақыты: 2026 ж. 29 маусым, 00:00" in page
    assert answer.status_code == 302


@pytest.mark.rule("D8")
def test_setting_may_forbid_drafts_before_the_opening(
    at_home: Client, outside: Application, intake: Intake, other_school: School, settings
) -> None:
    settings.DRAFTS_BEFORE_OPENING = False

    answer = at_home.post(step(outside, "school"), {"school": other_school.pk, "language": "kk"})

    assert answer.status_code == 409
    assert "2026 ж. 29 маусым, 00:00" in text(answer)
    assert chosen(outside) == (Route.OUTSIDE, None)


@pytest.mark.rule("D8", "R28")
def test_region_that_is_over_takes_no_draft(
    at_home: Client, outside: Application, intake: Intake, other_school: School
) -> None:
    Period.objects.filter(region="590000000").update(opens=date(2026, 5, 1), closes=date(2026, 6, 9))

    answer = at_home.post(step(outside, "school"), {"school": other_school.pk, "language": "kk"})

    assert answer.status_code == 409
    assert "Қабылдау аяқталды" in text(answer)


# --- transport ---------------------------------------------------------------------------------------
@pytest.fixture
def riding(make_application) -> Application:
    """A school with transport is chosen."""
    return make_application(step2_at=None)


def residence_of(application: Application) -> tuple:
    application.refresh_from_db()
    return application.transport, application.transport_address


@pytest.mark.rule("R78", "R79", "R81", "R83")
def test_transport_offers_the_registered_address(at_home: Client, riding: Application) -> None:
    page = text(at_home.get(step(riding, "transport")))

    assert "Тегін тасымалдау қызметі қажет" in page
    assert "Тұрғылықты жерінің мекенжайы:" in page
    assert "Астана қ., Есіл ауданы, Сәтбаев көшесі, 1-үй, 12-пәтер" in page
    assert "Басқа мекенжайды таңдау" in page


def test_transport_not_wanted_goes_on(at_home: Client, riding: Application, now: datetime) -> None:
    answer = at_home.post(step(riding, "transport"), {"line": ""})

    assert answer["Location"] == step(riding, "documents")
    assert residence_of(riding) == (False, {})
    assert riding.step2_at == now


@pytest.mark.rule("R81", "R212")
def test_registered_address_fills_itself_in(at_home: Client, riding: Application) -> None:
    answer = at_home.post(step(riding, "transport"), {"transport": "on", "line": ""})

    assert answer["Location"] == step(riding, "documents")
    assert residence_of(riding) == (True, {"same": True, "kato": "711210000", "line": ""})


@pytest.mark.rule("R82", "R212", "D32")
def test_another_address_is_typed(at_home: Client, riding: Application) -> None:
    typed = {"transport": "on", "other": "on", "line": "Мектеп көшесі 5"}
    typed |= {"region": "590000000", "district": "593600000", "okrug": "593651000", "village": "593651100"}

    answer = at_home.post(step(riding, "transport"), typed)

    assert answer["Location"] == step(riding, "documents")
    assert residence_of(riding) == (True, {"same": False, "kato": "593651100", "line": "Мектеп көшесі 5"})
    page = text(at_home.get(step(riding, "transport")))
    assert 'value="593651100" selected' in page
    assert 'value="Мектеп көшесі 5"' in page


@pytest.mark.rule("R82")
def test_rural_levels_are_asked_only_if_needed(at_home: Client, riding: Application) -> None:
    typed = {"transport": "on", "other": "on", "line": "Орталық 1"}

    at_home.post(step(riding, "transport"), typed | {"region": "590000000", "district": "593600000"})

    assert residence_of(riding) == (True, {"same": False, "kato": "593600000", "line": "Орталық 1"})


@pytest.mark.rule("R81")
def test_typed_address_that_is_the_registered_one_is_seen(at_home: Client, riding: Application) -> None:
    typed = {"transport": "on", "other": "on", "line": "Сәтбаев 1"}

    at_home.post(step(riding, "transport"), typed | {"region": "710000000", "district": "711210000"})

    assert residence_of(riding)[1]["same"] is True


def test_incomplete_address_is_asked_for_field_by_field(at_home: Client, riding: Application) -> None:
    answer = at_home.post(
        step(riding, "transport"), {"transport": "on", "other": "on", "region": "710000000"}
    )

    page = text(answer)
    assert answer.status_code == 400
    assert page.count("Ауданды таңдаңыз.") == 2
    assert page.count("Мекенжайды жазыңыз: көше мен үй.") == 2
    assert 'value="710000000" selected' in page
    assert residence_of(riding) == (False, {})


def test_refresh_shows_the_next_level_and_keeps_what_was_typed(at_home: Client, riding: Application) -> None:
    typed = {"transport": "on", "other": "on", "region": "590000000", "line": "Мектеп 5", "refresh": "1"}

    answer = at_home.post(step(riding, "transport"), typed)

    page = text(answer)
    assert "Мағжан Жұмабаев ауданы" in page
    assert 'value="Мектеп 5"' in page
    assert residence_of(riding) == (False, {})
    for nonsense in ("\0", "٥" * 9):
        answer = at_home.post(step(riding, "transport"), typed | {"district": nonsense})
        assert "Мағжан Жұмабаев ауданы" in text(answer)


@pytest.mark.rule("R81")
@pytest.mark.parametrize(
    ("line", "same"),
    [
        ("Сәтбаев 1", True), ("Сәтбаев көшесі, 1", True), ("ул. Сатпаева 1", True),
        ("Сәтбаев 1А", False), ("Сәтбаев 2", False), ("Абай 1", False), ("Сәтбаев", False), ("", False),
    ],
)  # fmt: skip
def test_typed_line_is_compared_as_an_address(line: str, same: bool) -> None:
    registered = {"kato": "711210000", "street": "Сәтбаев көшесі", "house": "1"}

    assert residence.is_registered(line, "711210000", registered) is same
    assert not residence.is_registered(line, "593651100", registered)


@pytest.mark.parametrize("page", ["way", "school", "transport"])
def test_pages_speak_russian(at_home: Client, make_application, page: str) -> None:
    at_home.cookies["lang"] = "ru"

    draft = make_application(route=Route.OUTSIDE if page == "school" else Route.LOCAL)

    assert '<html lang="ru">' in text(at_home.get(step(draft, page)))
