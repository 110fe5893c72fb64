"""What tests of in-person applications share: the registers of persons, and somebody at the school."""

from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse
from lxml import etree

from accounts.models import User
from applications.filing.tests.wizard_cast import ENVELOPE, Registers, file, jpeg, pdf
from applications.models import Application
from egov import http
from egov.errors import Unavailable
from schools.models import Intake

APPLICANT, CHILD = "920303499906", "200504699901"  # unknown to the portal before they come
HOME = ("711210000", "Сәтбаев көшесі", "7")  # in the microdistrict of the school
AWAY = ("711210000", "Тұран даңғылы", "999")  # in nobody's


@dataclass
class DeskRegisters(Registers):
    """One household besides: its addresses, and whose child it is."""

    names: dict[str, tuple[str, str, str]] = field(
        default_factory=lambda: {APPLICANT: ("Оспанова", "Дина", "F"), CHILD: ("Оспанова", "Аяна", "F")}
    )
    ties: dict[str, list[str]] = field(default_factory=lambda: {APPLICANT: [CHILD]})
    born: dict[str, str] = field(default_factory=dict)  # other than the IIN says
    address: tuple[str, str, str] = HOME
    sent: list[str] = field(default_factory=list)

    def call(self, method: str, url: str, *, system: str, data: Any = None, **more: Any) -> http.Answer:
        answers = {"person": self._one, "children": self._children, "address": self._addresses}
        self.sent.append(data.decode())
        if system not in answers:
            return super().call(method, url, system=system, data=data, **more)
        self.asked.append(system)
        if system in self.down:
            raise Unavailable(system, "too late")
        iins = etree.fromstring(data).findall(".//{*}requestData/{*}data/{*}iin")
        if iins[0].text not in self.names:
            return http.Answer(system, 200, ENVELOPE.format(code="PERSON_NOT_FOUND", data="").encode())
        inner = "".join(answers[system](one.text) for one in iins)
        return http.Answer(system, 200, ENVELOPE.format(code="SCSS001", data=inner).encode())

    def _one(self, iin: str) -> str:
        surname, name, sex = self.names[iin]
        return (
            f"<person><iin>{iin}</iin><surname>{surname}</surname><name>{name}</name><patronymic/>"
            f"<birthDate>{self.born.get(iin, '')}</birthDate>"
            f"<gender><code>{'1' if sex == 'M' else '2'}</code></gender></person>"
        )

    def _children(self, iin: str) -> str:
        ties = self.ties.get(iin, [])
        return "".join(f"<child>{self._one(one)}<relation>PARENT</relation></child>" for one in ties)

    def _addresses(self, iin: str) -> str:
        kato, street, building = self.address
        text = f"{street}, {building}-үй"
        return (
            f"<registration><iin>{iin}</iin><address><kato>{kato}</kato><street>{street}</street>"
            f"<building>{building}</building><flat>1</flat><textKz>{text}</textKz><textRu>{text}</textRu>"
            "</address></registration>"
        )


@dataclass
class Desk:
    """Somebody of the school with a paper before them."""

    client: Client
    user: User

    def start(self, **changes: str) -> Any:
        own = Intake.objects.get(school__in=self.user.posts.values("school"), year=2026)
        typed = {
            "applicant_iin": APPLICANT,
            "child_iin": CHILD,
            "intake": str(own.pk),
            "consent": "on",
            "why": "CAME",
        }
        typed |= changes
        return self.client.post(reverse("in_person:start"), {k: v for k, v in typed.items() if v})

    def at(self, draft: Application, page: str) -> str:
        return reverse("in_person:page", args=[draft.public_id, page])

    def post(self, draft: Application, page: str, **data: Any) -> Any:
        return self.client.post(self.at(draft, page), data)

    def fill_in(self, draft: Application, **details: Any) -> Any:
        """Every page up to the review."""
        self.post(
            draft, "details", **({"intake": draft.intake_id, "applicant_phone": "8 701 555 66 77"} | details)
        )
        draft.refresh_from_db()
        if draft.intake and draft.intake.school.has_transport:
            self.post(draft, "transport")
        return self.post(
            draft,
            "documents",
            scan=file("scan.pdf", pdf()),
            photo=file("photo.jpg", jpeg()),
            f065=file("065.pdf", pdf()),
            f052_2=file("052.pdf", pdf()),
            data_correct="on",
        )

    def register(self, draft: Application) -> Any:
        """Press «Тіркеу» on the review as it stands."""
        shown = self.client.get(self.at(draft, "review"))
        return self.post(draft, "review", shown=shown.context["shown"])
