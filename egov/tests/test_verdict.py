"""What a verification answers, as others read it."""

from datetime import UTC, datetime

from egov.eds import NotRechecked, Refusal, SignatureRefused, Signer, Unrevoked
from egov.errors import Unavailable

NOW = datetime(2026, 6, 10, 6, 0, tzinfo=UTC)


def test_why_there_was_no_answer_is_no_part_of_the_proof() -> None:
    silent = Unrevoked(crl=b"list", silence=Unavailable("ocsp", "too late"))

    assert silent == Unrevoked(crl=b"list")
    assert silent != Unrevoked(crl=b"another list")
    assert Unrevoked().silence is None


def test_refusal_is_of_the_signature_and_names_its_code() -> None:
    refused = SignatureRefused(Refusal.EXPIRED)

    assert (refused.system, refused.detail, refused.code) == ("eds", "EXPIRED", Refusal.EXPIRED)


def test_signature_that_nobody_can_judge_today_is_ncanodes_and_names_its_signer() -> None:
    signer = Signer(
        "900708499904", "", "СӘРСЕНОВА АЙГҮЛ", "1", NOW, NOW, frozenset(), "1.2", b"", Unrevoked()
    )

    unknown = NotRechecked(signer)

    assert (unknown.system, unknown.signer) == ("ncanode", signer)
    assert "СӘРСЕНОВА" not in str(unknown)
