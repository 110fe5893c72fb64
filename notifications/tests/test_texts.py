"""What people read (R103, R109, R116, R123-R125)."""

import pytest
from django.utils import translation

from notifications import templates, texts

LONGEST = {
    "number": "2026-1234567",
    "school_kk": "Ұлытау облысы білім басқармасының Жаңаарқа ауданы білім бөлімінің мектебі",
    "school_ru": "КГУ «Школа»",
    "due": "2026-06-11T06:00:00+00:00",
    "day": "2026-06-18",
    "line_at": "2026-06-17T18:30:00+00:00",
    "reason_code": "INCOMPLETE",
    "reason": "Құжаттар толық емес: 052-2/у жоқ",
}
BUSIEST = {
    "waiting": 999, "today": 999, "overdue": 999, "appeals": 99, "unreached": 99, "contested": 99,
    "count": 999,
}  # fmt: skip
BY_SMS = sorted(name for name, template in templates.TEMPLATES.items() if str(template.sms))
FOR_APPLICANT = {"in_review", "signing", "back_in_review", "accepted", "refused", "withdrawn"}

# who works sees it in a queue or a list, so the menu need not call
IN_A_LIST = {
    "new_application", "decision_prepared", "decision_returned", "document_came", "document_late", "overdue",
    "overdue_today", "overdue_today_alone", "overdue_department", "department_reminds", "reminder",
    "due_soon", "due_soon_today", "appeal_school", "appeal_department", "appeal_passed_department",
}  # fmt: skip

# they speak of no single application
OF_A_QUEUE = ["due_soon_today", "overdue_today", "overdue_today_alone", "overdue_department"]


@pytest.mark.rule("R103", "R123")
@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("template", BY_SMS)
def test_sms_fits_one_part_and_names_neither_school_nor_reason(template: str, lang: str) -> None:
    with translation.override(lang):
        figures = [f"{short} {BUSIEST[name]}" for name, (short, _long) in texts.FIGURES.items()]
        told = {"number": LONGEST["number"], "count": 999, "date": "18.06", "line_date": "17.06, 23:30"}
        said = str(templates.TEMPLATES[template].sms)
        # Of a digest as many numbers as fit, those of terms among them at all times.
        whole = {said % (told | {"figures": ", ".join(figures[:most])}) for most in (4, 5, 6)}

    sms = texts.sms(template, LONGEST | BUSIEST, lang=lang)

    assert sms in whole  # nothing had to be cut off
    assert 0 < len(sms) <= 70
    assert sms.startswith("OQU: ")
    assert "052" not in sms
    assert "Ұлытау" not in sms


@pytest.mark.rule("R103")
def test_every_status_of_an_application_has_its_sms_with_the_number() -> None:
    assert set(BY_SMS) >= FOR_APPLICANT
    assert all(LONGEST["number"] in texts.sms(name, LONGEST, lang="kk") for name in FOR_APPLICANT)


@pytest.mark.parametrize(
    "template",
    [
        "new_application",
        "decision_prepared",
        "decision_returned",
        "overdue",
        "overdue_department",
    ],
)
def test_school_and_department_get_no_sms_of_each_application(template: str) -> None:
    assert texts.sms(template, LONGEST, lang="kk") == ""


@pytest.mark.rule("R121", "D13")
@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("template", OF_A_QUEUE[:3])
def test_director_s_sms_fits_one_part_and_names_nobody(template: str, lang: str) -> None:
    with translation.override(lang):
        whole = str(templates.TEMPLATES[template].sms)

    assert texts.sms(template, LONGEST, lang=lang) == whole
    assert whole.startswith("OQU: ") and len(whole) <= 70


@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("template", sorted(templates.TEMPLATES))
def test_notice_is_worded_in_both_languages(template: str, lang: str) -> None:
    with translation.override(lang):
        notice = texts.wording(template, LONGEST)

    if "%(number)s" in str(templates.TEMPLATES[template].title):  # of one application, not of a whole queue
        assert (LONGEST["number"] in notice.title) == (template not in OF_A_QUEUE)
    assert "%(" not in notice.title + notice.body
    kazakh_only = set("әғқңөұүһі") & set(
        (notice.title + notice.body).replace(LONGEST["school_kk"], "").lower()
    )
    assert bool(kazakh_only) == (lang == "kk")


def test_notice_writes_the_time_as_almaty_does() -> None:
    with translation.override("kk"):
        assert "2026 ж. 11 маусым, 11:00" in texts.wording("in_review", LONGEST).body
    with translation.override("ru"):
        assert "11 июня 2026 г., 11:00" in texts.wording("in_review", LONGEST).body


@pytest.mark.rule("R109", "R124", "D16")
def test_refusal_shows_ground_and_reason_as_the_school_wrote_it() -> None:
    with translation.override("kk"):
        notice = texts.wording("refused", LONGEST)

    assert notice.facts == (
        ("Бас тарту негізі", "Құжаттар толық емес"),
        ("Бас тарту себебі", "Құжаттар толық емес: 052-2/у жоқ"),
    )
    assert "Өтінімді сол мектепке немесе басқа мектепке қайта беруге болады" in notice.body


@pytest.mark.rule("R125", "R213", "D17")
def test_answer_on_transport_stands_beside_the_decision() -> None:
    context = {"number": "2026-000001", "transport": False, "transport_reason": "Орын жоқ"}
    with translation.override("kk"):
        facts = texts.wording("accepted", context).facts

    assert facts == (
        ("Тасымалдау", "Тасымалдаудан бас тартылды"),
        ("Тасымалдау бойынша түсініктеме", "Орын жоқ"),
    )


@pytest.mark.rule("R116", "R113")
def test_withdrawal_says_the_instructions_sentence() -> None:
    with translation.override("kk"):
        body = texts.wording("withdrawn", LONGEST).body

    assert "Өтінім кері қайтарып алынды. Жаңа өтінім беру қажет" in body


@pytest.mark.rule("D58")
@pytest.mark.parametrize(
    ("lang", "sms", "first"),
    [
        ("kk", "OQU: күтеді 12, кешіккен 3", ("Жауап күтеді", "12")),
        ("ru", "OQU: ждут 12, просрочено 3", ("Ждут ответа", "12")),
    ],
)
def test_digest_tells_what_is_not_nothing(lang: str, sms: str, first: tuple[str, str]) -> None:
    context = {"waiting": 12, "today": 0, "overdue": 3, "unreached": 0, "contested": 0}

    assert texts.sms("digest", context, lang=lang) == sms
    with translation.override(lang):
        facts = texts.wording("digest", context).facts
    assert len(facts) == 2 and facts[0] == first


@pytest.mark.rule("D58")
def test_whoever_is_waited_for_is_called_where_no_list_shows_it() -> None:
    """A parent has no list: every word that waits for one calls, and each new result does."""
    urgent = {name for name, template in templates.TEMPLATES.items() if template.urgent}

    assert urgent - templates.CALLING == IN_A_LIST
    assert {"accepted", "refused", "corrected_accepted", "corrected_refused"} <= templates.CALLING
