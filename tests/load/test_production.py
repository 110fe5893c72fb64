"""Production from docs/deploy.md alone: its own blocks, in their order, on a bare database; then a family
files and a director decides. The guard is on; the state is the sandbox under an authority of its own.

    ./run test -m load tests/load/test_production.py -n 0

nginx stands in front where it is installed, and with REQUIRE_NGINX it has to. Where root runs this, the
portal is another user's all the same.
"""

from collections.abc import Iterator

import pytest

from tests.load.production import Production, production, sign

pytestmark = pytest.mark.load

PARENT, DIRECTOR = "900708499904", "750312499106"


@pytest.fixture(scope="module")
def portal() -> Iterator[Production]:
    with production() as made:
        yield made


def test_portal_of_the_documents_takes_an_application_and_its_answer(portal: Production) -> None:
    stand, parent, director = portal.stand, portal.come(PARENT), portal.come(DIRECTOR)
    portal.is_healthy()
    portal.open_today()

    parent.sign_in()
    parent.consent()
    parent.add_child("Арман")
    page = parent.press(parent.prepare("Арман", "№63"), "Өтінімге қол қою")
    sign(parent, page)
    ((public_id, status),) = stand.query("SELECT public_id, status FROM applications_application")
    assert status == "IN_REVIEW"

    director.sign_in("/login/?next=/school/")
    page = director.get(f"/school/applications/{public_id}/")
    page = director.press(page, "Қол қоюға өту", {"result": "ACCEPT", "transport": "yes"})
    sign(director, page, key="org")
    assert stand.query("SELECT status FROM applications_application") == [("ACCEPTED",)]

    parent.until(lambda: parent.get("/applications/"), lambda _page: portal.papers() == 2)
    portal.is_healthy()
    assert stand.query("SELECT system FROM accounts_trouble") == []
