"""The table of moves and the two sets, held against what the official text and the decisions say."""

import pytest

from applications.status import ACTIVE, NEXT, UNDER_REVIEW, Status

MOVES = {
    ("DRAFT", "IN_REVIEW"): "signed by the applicant (R97)",
    ("IN_REVIEW", "SIGNING"): "a decision is proposed (R104)",
    ("IN_REVIEW", "ACCEPTED"): "the director decides alone (D1)",
    ("IN_REVIEW", "REFUSED"): "the director decides alone (D1)",
    ("IN_REVIEW", "WITHDRAWN"): "the applicant withdraws (R117)",
    ("SIGNING", "IN_REVIEW"): "returned to the executor (D1)",
    ("SIGNING", "ACCEPTED"): "the director signs (R108)",
    ("SIGNING", "REFUSED"): "the director signs (R109)",
    ("SIGNING", "WITHDRAWN"): "the applicant withdraws (R117)",
    ("ACCEPTED", "WITHDRAWN"): "the applicant withdraws (R118)",
}


@pytest.mark.rule("R102", "R104", "R108", "R109", "R117", "R118", "D1", "D2")
def test_the_table_holds_these_moves_and_no_other() -> None:
    assert {(old.value, new.value) for old in NEXT for new in NEXT[old]} == set(MOVES)
    assert set(NEXT) == set(Status)


@pytest.mark.rule("R113", "R118", "D4")
def test_a_seat_is_held_from_the_signature_to_a_refusal_or_a_withdrawal() -> None:
    assert {status.value for status in ACTIVE} == {"IN_REVIEW", "SIGNING", "ACCEPTED"}
    assert {status.value for status in UNDER_REVIEW} == {"IN_REVIEW", "SIGNING"}
