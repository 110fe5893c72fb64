"""Every system outside that can be asked whether it lets us in, asked now: for `manage.py doctor --outside`
and `setup`."""

from accounts import login
from egov import reach
from egov.reach import Asked
from notifications import sms, ways


def ask() -> list[Asked]:
    found = reach.ask(callback=login.callback_url())
    return [*found, reach.knocked(ways.SMS.system, sms.gateway().knock)]


def faults() -> dict[str, str]:
    """The systems that do not answer or keep us out, each with a line."""
    return {asked.system: f"{asked.system}: {asked.why}" for asked in ask() if asked.why}
