"""The modules that carry rules, the quick ones first, and the tests that prove each: files or folders."""

SIGNATURES = [
    "egov/tests/test_revocation.py",
    "egov/tests/test_eds_native.py",
    "egov/tests/test_eds_crl.py",
    "egov/tests/test_eds_ncanode.py",
]
SEALS = [
    "applications/papers/tests/test_byte_range.py",
    "applications/papers/tests/test_seal.py",
    "applications/documents/tests/test_hostile_pdf.py",
]
RULES: dict[str, list[str]] = {
    "applications/status.py": ["applications/tests/test_status.py"],
    "schools/posts.py": ["schools/tests/test_posts.py"],
    "accounts/access.py": ["accounts/tests/test_access.py"],
    "schools/calendar.py": ["schools/tests/test_calendar.py"],
    "schools/seats.py": ["schools/tests/test_seats.py"],
    "egov/eds/structure.py": ["egov/tests/test_structure.py"],
    "egov/eds/verdict.py": ["egov/tests/test_verdict.py"],
    "egov/eds/trust.py": ["egov/tests/test_trust.py"],
    "egov/eds/container.py": [
        "egov/tests/test_container.py",
        "egov/tests/test_eds_native.py",
        "egov/tests/test_eds_ncanode.py",
        "egov/tests/test_hostile_cms.py",
    ],
    "egov/eds/native.py": [
        "egov/tests/test_eds_strength.py",
        "egov/tests/test_eds_native.py",
        "egov/tests/test_hostile_cms.py",
    ],
    "egov/eds/revocation.py": SIGNATURES,
    "egov/eds/ocsp.py": ["egov/tests/test_ocsp.py", "egov/tests/test_eds_native.py"],
    "egov/eds/crl.py": ["egov/tests/test_crl_limits.py", "egov/tests/test_eds_native.py"],
    "egov/eds/ncanode.py": ["egov/tests/test_eds_ncanode.py"],
    "egov/eds/__init__.py": SIGNATURES,
    "applications/papers/byte_range.py": ["applications/papers/tests/test_byte_range.py"],
    "applications/papers/seal.py": SEALS,
    "applications/papers/qr_line.py": ["applications/papers/tests/test_proof.py"],
    "applications/signing/authority.py": ["applications/signing/tests/test_authority.py"],
    "applications/eligibility.py": [
        "applications/tests/test_rules_checks.py",
        "applications/tests/test_eligibility.py",
        "applications/tests/test_obstacles.py",
    ],
    "applications/lifecycle.py": [
        "applications/tests/test_lifecycle.py",
        "applications/tests/test_lifecycle_on_paper.py",
        "applications/tests/test_patience.py",
        "applications/tests/test_rules_statuses.py",
    ],
    "applications/signing/batches.py": [
        "applications/signing/tests/test_batches.py",
        "applications/signing/tests/test_signing.py",
    ],
    "applications/signing/completion.py": [
        "applications/signing/tests/test_completion.py",
        "applications/signing/tests/test_authority.py",
        "applications/signing/tests/test_signing_overtaken.py",
        "applications/signing/tests/test_signing_pages.py",
        "applications/signing/tests/test_bulk.py",
    ],
}
