"""Every system outside that can be asked whether it lets us in, asked now: for `manage.py doctor --outside`
and `setup`."""

from accounts import login
from egov import reach
from egov.reach import Asked
from notifications import sms, ways


def ask() -> list[Asked]:
    found = reach.ask(callback=login.callback_url())
    return [*found, reach.knocked(ways.SMS.system, sms.gateway().knock)]


def faults() -> list[tuple[str, str]]:
    """What does not answer or keeps us out: the system and a line, of several lists one each."""
    return [(asked.system, f"{named(asked)}: {asked.why}") for asked in ask() if asked.why]


def named(asked: Asked) -> str:
    return f"{asked.system} {asked.where}".rstrip()
