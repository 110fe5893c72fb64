"""The modules that carry rules, the smallest first, and the tests that prove each: files or folders."""

RULES: dict[str, list[str]] = {
    "schools/seats.py": ["schools/tests/test_seats.py", "schools/tests/test_seat_races.py"],
    "schools/calendar.py": ["schools/tests/test_calendar.py"],
    "schools/posts.py": ["schools/tests/test_posts.py"],
    "accounts/access.py": ["accounts/tests/test_access.py"],
    "applications/status.py": ["applications/tests/test_rules_statuses.py"],
}
