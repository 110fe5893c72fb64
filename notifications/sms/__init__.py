"""SMS gateways, one file each, all with the same functions:

send(phone, text, key) -> the provider's id of the message, "" when it gives none
find(phone, text)      -> ids of messages that the provider already took, newest first
states(ids)            -> id -> State, for those that the provider knows
knock()                -> nothing, where the provider lets us in

Each raises Refused (this message will never be taken), TryLater (this one, later), Misconfigured (our
account, key or sender name) or Unavailable (the gateway fails). `find` and `states` exist where
REPORTS is true.
"""

from types import ModuleType

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from notifications.sms import console, mobizon

GATEWAYS: dict[str, ModuleType] = {"mobizon": mobizon, "console": console}


def gateway() -> ModuleType:
    """The gateway that the settings name. The console is for development alone: it sends nothing."""
    name = settings.SMS_GATEWAY
    if name not in GATEWAYS or (name == "console" and not settings.DEMO):
        raise ImproperlyConfigured(f"SMS_GATEWAY: {name}")
    return GATEWAYS[name]
