"""The plan of an opening holds to what is known of queues, and grows with what it is given."""

from io import StringIO
from itertools import pairwise
from random import Random

import pytest
from django.core.management import CommandError, call_command

from oqu import capacity
from oqu.capacity import Costs, Opening, Question


def told(**given: float) -> str:
    out = StringIO()
    call_command("capacity", stdout=out, **given)
    return out.getvalue()


def test_rate_of_the_peak_is_the_waves_share_of_it() -> None:
    assert Opening(families=90_000, first_hour=0.3, peak=4).signatures == pytest.approx(30)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_one_core_makes_people_wait_as_the_formula_says(share: float) -> None:
    """Pollaczek-Khinchine: the mean wait of M/G/1 with a service whose variance is half its mean squared."""
    chance, mean = Random(5), 0.01
    question = Question("page", 1, 0)

    def coming() -> object:
        moment = 0.0
        for _ in range(400_000):
            moment += chance.expovariate(share / mean)
            yield moment, question

    answered = capacity.serve(coming(), cores=1, bare_page=mean, chance=Random(6))  # type: ignore[arg-type]  # a generator
    took = answered.took["page"]

    wait = share * mean * (1 + 0.5) / (2 * (1 - share))
    assert sum(took) / len(took) == pytest.approx(mean + wait, rel=0.08)


def test_machines_grow_with_people_and_a_lost_one_is_borne() -> None:
    plans = [capacity.plan(Opening(families=size), Costs(), cores=8) for size in (9_000, 90_000, 370_000)]

    for smaller, larger in pairwise(plans):
        assert [one.cores_needed for one in smaller.roles] < [one.cores_needed for one in larger.roles]
    for one in plans:
        assert all(role.full <= capacity.FULL for role in one.roles)
        assert one.signature_p95 < 0.5


def test_what_is_not_drawn_ahead_the_web_draws_and_is_planned_for() -> None:
    plans = [capacity.plan(Opening(undrawn=share), Costs(), cores=8) for share in (0.0, 0.1, 1.0)]

    none, few, every = (one.roles[0].cores_needed for one in plans)
    assert few - none == pytest.approx(0.1 * (every - none))
    assert every - none == pytest.approx(30 * 42.4 * 0.0023)
    assert all(one.roles[0].full <= capacity.FULL for one in plans)
    assert plans[0].drawn_here_p95 == 0.0
    assert plans[1].drawn_here_p95 > plans[1].signature_p95 + 0.08  # a drawing is a tenth of a second


def test_too_few_machines_are_seen_in_the_answers() -> None:
    """What arrives is twice what two cores answer: the queue grows to the end of the peak."""
    opening, costs, chance = Opening(), Costs(), Random(2)
    rate = opening.signatures * (opening.pages * costs.page.web + costs.signature.web) * costs.bare_page
    coming = capacity.arrivals(opening, costs, seconds=20, chance=chance)

    answered = capacity.serve(coming, cores=int(rate / 2), bare_page=costs.bare_page, chance=chance)

    assert answered.p95("page") > 5


def test_command_tells_the_plan_and_what_breaks_first() -> None:
    lines = told(families=90_000, cores=8).splitlines()

    assert lines[0] == "30.0 signatures and 420 pages a second"
    assert [line.split()[0] for line in lines[1:4]] == ["web", "worker", "database"]
    assert lines[-1].startswith("breaks first: ")


@pytest.mark.parametrize(
    "given",
    [
        {"families": 0},
        {"cores": 0},
        {"peak": -1.0},
        {"bare_page": 0.0},
        {"families": 10**9},
        {"undrawn": 1.1},
    ],
)
def test_numbers_of_no_opening_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(CommandError):
        told(**given)
