"""How full Redis is. One that is full takes no task, so nothing is ordered of the workers; one that makes
room by itself throws tasks away."""

from contextlib import closing
from dataclasses import dataclass

from django.conf import settings
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts import sentinels

SECONDS = 0.5
SHARE = 0.8  # of `maxmemory`; the rest is half an hour of a crowd
KEEPS_ALL = "noeviction"
SCHEMES = ("redis", "rediss", "unix", *sentinels.SCHEMES)
MEGABYTE = 1024 * 1024


@dataclass(frozen=True)
class Memory:
    """Bytes; of one without a limit `most` is 0. And how many keys it has thrown away since its start."""

    used: int
    most: int
    thrown_away: int
    policy: str

    @property
    def faults(self) -> list[str]:
        found = []
        if self.most and self.used > SHARE * self.most:
            found.append(f"{self.used // MEGABYTE} of {self.most // MEGABYTE} MB are used")
        if self.most and self.policy != KEEPS_ALL:
            found.append(f"maxmemory-policy is {self.policy}, and not {KEEPS_ALL}: tasks may be thrown away")
        return found


def standing() -> dict[str, Memory]:
    """By what it is for; where both are one it is told once. Raises RedisError."""
    return {of: _ask(address) for of, address in _addresses().items()}


def faults() -> list[str]:
    """For `manage.py health`, each as one line."""
    found = []
    for of, address in _addresses().items():
        try:
            found += [f"{of}: {fault}" for fault in _ask(address).faults]
        except RedisError as error:
            found.append(f"{of}: it does not answer: {type(error).__name__}")
    return found


def _addresses() -> dict[str, str]:
    """A socket of Celery's own form is of a demo, where both are one."""
    given = {"cache": settings.REDIS_URL, "tasks": settings.CELERY_BROKER_URL}
    ours = {of: address for of, address in given.items() if address.partition("://")[0] in SCHEMES}
    if len(set(ours.values())) == 1:
        ours = {"redis": ours.popitem()[1]}
    return ours


def _ask(address: str) -> Memory:
    patience = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    with closing(sentinels.connect(address, retry=Retry(NoBackoff(), 0), **patience)) as client:
        told = client.info("memory") | client.info("stats")
    return Memory(
        int(told.get("used_memory", 0)),
        int(told.get("maxmemory", 0)),
        int(told.get("evicted_keys", 0)),
        str(told.get("maxmemory_policy", KEEPS_ALL)),
    )
