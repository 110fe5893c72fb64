"""Grounds of a refusal are rows that ops word; a decision keeps the words it was written with (D49)."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from applications import facts, grounds, lifecycle
from applications.grounds import NotWritten, Reason
from applications.models import Application, Decision, Ground, Purpose, RefusalReason, Result
from applications.papers import sections
from applications.status import Status
from applications.tests.cast import evidence_of
from notifications.models import Message
from notifications.texts import wording
from schools.models import Role, StaffMember

Make = Callable[..., Application]
REASON = "Құжаттар басқа баланікі екен."


@pytest.fixture
def ops(stranger: User) -> User:
    StaffMember.objects.create(user=stranger, role=Role.OPS)
    return stranger


@pytest.fixture
def ground(school: object) -> Ground:
    return Ground.objects.in_force().get(code="OTHER")


def words(**changes: str) -> dict[str, str]:
    told = {name: f"{name}!" for name in grounds.WORDS}
    return told | {"about": "DOCUMENTS"} | changes


def refuse(application: Application, director: User, ground: Ground, now: datetime) -> Decision:
    fields: dict[str, Any] = {"reason_code": ground.code, "ground": ground, "reason": REASON}
    return lifecycle.prepare(application, by=director, now=now, result=Result.REFUSE, **fields)


def sign(application: Application, decision: Decision, director: User, now: datetime) -> None:
    evidence = evidence_of(application, Purpose.DECISION, by=director, now=now, decision=decision)
    lifecycle.act(evidence, now=now)


@pytest.mark.rule("D49", "D16")
def test_portal_brings_six_grounds_and_leaves_what_ops_have_written(ops: User, now: datetime) -> None:
    Ground.objects.all().delete()
    call_command("load_grounds")
    codes = list(Ground.objects.in_force().values_list("code", flat=True))
    grounds.rewrite(Ground.objects.get(code="AGE"), words(), by=ops, now=now)
    grounds.end(Ground.objects.get(code="OTHER"), by=ops, now=now)

    call_command("load_grounds")

    assert codes == [str(code) for code in RefusalReason]
    assert Ground.objects.in_force().get(code="AGE").name_kk == "name_kk!"
    assert not Ground.objects.in_force().filter(code="OTHER").exists()
    assert Ground.objects.count() == 7


@pytest.mark.rule("D49")
def test_decision_keeps_the_words_it_was_signed_with(
    make_application: Make, director: User, ops: User, ground: Ground, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    decision = refuse(filed, director, ground, now)
    signed = facts.content_sha256(filed, Purpose.DECISION, decision)

    grounds.rewrite(ground, words(name_kk="Жаңа сөз"), by=ops, now=now)
    sign(filed, Decision.objects.get(pk=decision.pk), director, now)

    kept = Decision.objects.get(pk=decision.pk)
    filed.refresh_from_db()
    printed = [line.value for section in sections.decision(kept) for line in section.lines]
    assert kept.ground_name == "Басқа себеп"
    assert facts.content_sha256(filed, Purpose.DECISION, kept) == signed
    assert ground.law_kk in printed and "Басқа себеп" in printed and "Жаңа сөз" not in printed
    notice = Message.objects.filter(recipient=filed.applicant, template="refused", channel="CABINET").get()
    assert ("Бас тарту негізі", "Басқа себеп") in wording("refused", notice.context).facts


@pytest.mark.rule("D49")
def test_ground_s_words_are_in_what_is_signed(
    make_application: Make, director: User, ground: Ground, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    decision = refuse(filed, director, ground, now)
    before = facts.content_sha256(filed, Purpose.DECISION, decision)

    Ground.objects.filter(pk=ground.pk).update(law_ru="Другая статья")  # past every page

    assert facts.content_sha256(filed, Purpose.DECISION, Decision.objects.get(pk=decision.pk)) != before


@pytest.mark.rule("D49")
def test_decision_from_before_grounds_were_rows_keeps_its_hash_and_its_name(
    make_application: Make, director: User, now: datetime
) -> None:
    decision = Decision(result="REFUSE", reason_code="AGE", reason=REASON)

    assert set(facts.words(decision)) == {"result", "reason_code", "reason", "transport", "transport_reason"}
    assert decision.ground_name == "Баланың жасы сәйкес келмейді"


@pytest.mark.rule("D49")
def test_only_the_wording_in_force_is_written_over_and_the_last_one_stays(
    ops: User, ground: Ground, now: datetime
) -> None:
    new = grounds.rewrite(ground, words(), by=ops, now=now)
    for act in (
        lambda: grounds.rewrite(ground, words(name_kk="x"), by=ops, now=now),
        lambda: grounds.end(ground, by=ops, now=now),
    ):
        with pytest.raises(NotWritten) as refused:
            act()
        assert refused.value.reason == Reason.CHANGED
    assert grounds.rewrite(new, words(), by=ops, now=now).pk == new.pk  # said twice
    with pytest.raises(NotWritten) as refused:
        grounds.add("OTHER", words(), by=ops, now=now)
    assert refused.value.reason == Reason.CODE_TAKEN

    Ground.objects.exclude(code="OTHER").update(until=now)
    with pytest.raises(NotWritten) as refused:
        grounds.end(new, by=ops, now=now)
    assert refused.value.reason == Reason.LAST


# --- pages -------------------------------------------------------------------------------------------
def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.rule("D49", "D16")
def test_ops_add_word_and_end_a_ground_and_schools_choose_from_it(
    client: Client, make_application: Make, director: User, ops: User, school: object
) -> None:
    client.force_login(ops)
    added = client.post(reverse("review:new_ground"), words(code="NO_CONSENT", name_kk="Келісім жоқ"))
    ground = Ground.objects.get(code="NO_CONSENT")
    client.post(reverse("review:ground", args=[ground.pk]), words(name_kk="Келісім берілмеді"))
    assert added.status_code == 302
    shown = text(client.get(reverse("review:grounds")))
    assert "Келісім берілмеді" in shown and "Бұрынғы мәтіндер" in shown

    of_school = Client()
    of_school.force_login(director)
    page = reverse("review:application", args=[make_application(Status.IN_REVIEW).public_id])
    assert "Келісім берілмеді (law_kk!)" in text(of_school.get(page))
    now_in = Ground.objects.in_force().get(code="NO_CONSENT")
    client.post(reverse("review:end_ground", args=[now_in.pk]))
    assert "Келісім берілмеді" not in text(of_school.get(page))


@pytest.mark.rule("D49", "D82")
@pytest.mark.parametrize("race", [False, True], ids=["before the press", "under it"])
@pytest.mark.parametrize("ends", [False, True], ids=["worded anew", "ended"])
def test_words_typed_for_a_ground_that_a_colleague_has_changed_are_not_lost(
    client: Client, ops: User, ground: Ground, now: datetime, ends: bool, race: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    client.force_login(ops)
    page, rewrite = reverse("review:ground", args=[ground.pk]), grounds.rewrite

    def meanwhile(*of: Any, **how: Any) -> Any:
        monkeypatch.setattr(grounds, "rewrite", rewrite)
        if ends:
            grounds.end(ground, by=ops, now=now)
        else:
            grounds.rewrite(ground, words(name_kk="Әріптестің мәтіні"), by=ops, now=now)
        return grounds.rewrite(*of, **how) if of else None

    if race:
        monkeypatch.setattr(grounds, "rewrite", meanwhile)
    else:
        meanwhile()
    answer = client.post(page, words(name_kk="Менің мәтінім"))

    shown = text(answer)
    assert answer.status_code == 409 and 'value="Менің мәтінім"' in shown
    assert ("Әріптестің мәтіні" in shown, "алып тастады" in shown) == (not ends, ends)
    send_to = re.search(r'<form method="post" action="([^"]+)"', shown.partition("<main")[2])
    mine = words(name_kk="Менің мәтінім", code=ground.code)
    assert send_to and client.post(send_to[1], mine).status_code == 302
    stands = Ground.objects.in_force().get(code=ground.code)
    assert stands.name_kk == "Менің мәтінім"
    again = client.post(page, words(name_kk="Менің мәтінім"))
    assert again.status_code == 302 and Ground.objects.in_force().get(code=ground.code) == stands


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "age"}, "Код латынның бас әріптерінен тұрады"),
        ({"code": "AGE"}, "Бұл кодпен негіз бар"),
        ({"code": "NEW", "name_ru": ""}, "Толтырыңыз"),
        ({"code": "NEW", "law_kk": "а" * 501}, "Мәтінді қысқартыңыз"),
        ({"code": "NEW", "about": "x"}, ""),
    ],
)
def test_what_is_no_ground_is_said(
    client: Client, ops: User, school: object, typed: dict[str, str], sentence: str
) -> None:
    client.force_login(ops)
    before = Ground.objects.count()

    answer = client.post(reverse("review:new_ground"), words(**typed))

    assert answer.status_code == 400 and sentence in text(answer)
    assert Ground.objects.count() == before


def test_ground_ended_while_it_was_chosen_is_asked_again(
    client: Client, make_application: Make, director: User, ops: User, ground: Ground, now: datetime
) -> None:
    filed = make_application(Status.IN_REVIEW)
    grounds.end(ground, by=ops, now=now)
    client.force_login(director)

    typed = {"result": "REFUSE", "reason_code": "OTHER", "reason": REASON}
    answer = client.post(reverse("review:decide", args=[filed.public_id]), typed)

    assert answer.status_code == 400 and "Бұл негіз енді қолданылмайды" in text(answer)
    assert not filed.decisions.exists()


@pytest.mark.rule("D49")
@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_pattern_of_the_reason_is_in_the_parent_s_language_and_keeps_what_was_typed(
    client: Client, make_application: Make, director: User, now: datetime, lang: str
) -> None:
    filed = make_application(Status.IN_REVIEW)
    User.objects.filter(pk=filed.applicant.pk).update(lang=lang)
    client.force_login(director)
    typed = {"result": "REFUSE", "reason_code": "NO_SEATS", "reason": "Өз сөзім", "pattern": ""}

    answer = client.post(reverse("review:decide", args=[filed.public_id]), typed)

    reason = str(answer.context["form"]["reason"].value())
    pattern = Ground.objects.get(code="NO_SEATS").pattern(lang)
    assert (answer.status_code, reason) == (200, f"Өз сөзім\n{pattern}")
    assert not filed.decisions.exists()
