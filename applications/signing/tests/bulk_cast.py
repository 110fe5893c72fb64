"""What tests of many decisions at once share: a school with prepared decisions, and its director at work."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Child, User
from applications import lifecycle
from applications.models import Application, Result, SigningBatch, SigningRequest
from applications.signing import batches
from applications.status import Status
from applications.tests.cast import drawn
from egov.tests.eds_cast import DIRECTOR, Pki
from sandbox import kalkan

REFUSAL: dict[str, Any] = {
    "result": Result.REFUSE,
    "reason_code": "AGE",
    "reason": "Бала биыл алты жасқа толмайды екен.",
}


def another_child(number: int) -> Child:
    return Child.objects.create(
        iin=f"2003155000{number:02d}", surname="Бала", name=f"Бала{number:02d}", birth_date=date(2020, 3, 15),
        sex="M",
    )  # fmt: skip


@dataclass
class Desk:
    """A school's queue and the person before it."""

    make: Callable[..., Application]
    executor: User
    director: User
    now: datetime
    client: Client = field(default_factory=Client)
    made: int = 0

    def filed(self, **changes: Any) -> Application:
        """An application in «Тексеруде»; each is due a little later than the one before."""
        self.made += 1
        due = self.now + timedelta(hours=self.made)
        return self.make(Status.IN_REVIEW, child=another_child(self.made), **({"due_at": due} | changes))

    def proposed(self, **decision: Any) -> Application:
        """One whose decision the executor has prepared: «Қол қоюда»."""
        application = self.filed()
        fields = decision or {"result": Result.ACCEPT}
        lifecycle.propose(application, by=self.executor, now=self.now, **fields)
        application.refresh_from_db()
        return application

    def look(self, *applications: Application) -> Any:
        """The page where what was ticked is looked through."""
        ticked = {"one": [str(each.public_id) for each in applications]}
        return self.client.post(reverse("review:bulk"), ticked, follow=True)

    def confirm(self, *applications: Application, **more: str) -> Any:
        shown = self.look(*applications).context["selection"]
        ticked = [str(each.public_id) for each in applications]
        return self.client.post(reverse("review:bulk"), {"one": ticked, "shown": shown.seen} | more)

    def order(self, *applications: Application) -> SigningBatch:
        """As the button leaves it: of several the worker has drawn none yet."""
        assert self.confirm(*applications).status_code == 302
        return SigningBatch.objects.latest("pk")

    def invite(self, *applications: Application) -> SigningBatch:
        return drawn(self.order(*applications), now=timezone.now())

    def send(self, batch: SigningBatch, cms: Sequence[bytes | str]) -> Any:
        """What the page posts when NCALayer has answered."""
        texts = [one if isinstance(one, str) else kalkan.armour(one) for one in cms]
        return self.client.post(reverse("signing:complete", args=[batch.token]), {"cms": texts})

    def result(self, batch: SigningBatch) -> Any:
        return self.client.get(reverse("signing:result", args=[batch.token]))


def signed(pki: Pki, batch: SigningBatch) -> list[bytes]:
    """The director's good signatures, one for each document of the batch."""
    return [pki.sign(DIRECTOR, "org", data=batches.payload_of(one)) for one in batch.signing_requests.all()]


def outcomes(batch: SigningBatch) -> list[tuple[str, str]]:
    return list(batch.signing_requests.values_list("state", "error"))


def statuses(*applications: Application) -> list[str]:
    return [Application.objects.get(pk=each.pk).status for each in applications]


def put(batch: SigningBatch, body: Any, *, client: Client | None = None) -> Any:
    """The phone's answer to API №2."""
    return (client or Client()).put(
        reverse("signing:mobile_documents", args=[batch.token]),
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {batch.auth_token}"},
    )


def fetch(batch: SigningBatch, **headers: str) -> dict[str, Any]:
    """API №2."""
    address = reverse("signing:mobile_documents", args=[batch.token])
    return Client().get(address, headers={"Authorization": f"Bearer {batch.auth_token}"} | headers).json()


def package(batch: SigningBatch, cms: list[bytes]) -> dict[str, Any]:
    """What API №2 gave, with the signatures in place of the documents."""
    body = fetch(batch)
    for item, one in zip(body["documentsToSign"], cms, strict=True):
        item["document"]["file"]["data"] = base64.b64encode(one).decode()
    return body


def signing_requests(batch: SigningBatch) -> list[SigningRequest]:
    return list(batch.signing_requests.all())
