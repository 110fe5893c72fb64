"""Demo data: applications that lie prepared before the director of №64, to be signed many at once."""

import io
from datetime import date, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image, ImageDraw, ImageFont

from accounts.models import Child, Guardianship, User
from applications import drafts, lifecycle
from applications.documents import keeping
from applications.filing import wizard
from applications.models import Application, Channel, DocumentKind, Ground, Result, Route
from applications.papers import printing
from schools.models import Intake, Role, StaffMember

SCHOOL = "990540099922"
FAMILIES = (  # surname of the mother, of the child, the child's name and sex, born on
    ("Алиева", "Алиев", "Дінмұхамед", "M", (1, 17)),
    ("Байжанова", "Байжанова", "Раяна", "F", (2, 9)),
    ("Дүйсенова", "Дүйсенов", "Алдияр", "M", (3, 21)),
    ("Есенова", "Есенова", "Көзайым", "F", (4, 4)),
    ("Қанатова", "Қанатов", "Ислам", "M", (5, 26)),
    ("Мұратова", "Мұратова", "Інжу", "F", (7, 13)),
    ("Тоқтарова", "Тоқтаров", "Әли", "M", (9, 30)),
)
KINDS = (DocumentKind.PHOTO, DocumentKind.F065, DocumentKind.F052_2, DocumentKind.SCAN)
REFUSED, UNDECIDED = 2, 6  # places in the list: one is refused, on the last one nobody has decided
REASON = "Қағаздардың екінші беті жоқ: толық көшірмесімен қайта өтінім беріңіз."
WEIGHTS = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


@transaction.atomic
def load(year: int, *, now: datetime) -> None:
    """Once: what has been signed since, stays signed."""
    intake = Intake.objects.filter(school__bin=SCHOOL, year=year).order_by("language__position").first()
    if intake is None or Application.objects.filter(intake=intake).exists():
        return
    post = StaffMember.objects.filter(school__bin=SCHOOL, role=Role.EXECUTOR).select_related("user").first()
    if post is None:  # taken away by hand
        return
    executor = post.user
    for place, family in enumerate(FAMILIES):
        draft = _draft(place, *family, intake=intake, by=executor, now=now)
        lifecycle.submit_in_person(draft, by=executor, now=now)
        if place != UNDECIDED:
            lifecycle.propose(draft, by=executor, now=now, **_decision(place))


def _decision(place: int) -> dict[str, Any]:
    if place == REFUSED:
        ground = Ground.objects.in_force().get(code="INCOMPLETE")
        return {
            "result": Result.REFUSE, "reason_code": ground.code, "ground": ground, "reason": REASON,
        }  # fmt: skip
    return {"result": Result.ACCEPT}


def _draft(
    place: int,
    mother: str,
    surname: str,
    name: str,
    sex: str,
    day: tuple[int, int],
    *,
    intake: Intake,
    by: User,
    now: datetime,
) -> Application:
    """An in-person application with all its papers, ready to be registered."""
    home = _address(2 + 2 * place)
    unusable = User()
    unusable.set_unusable_password()
    born, hers = date(intake.year - 6, *day), date(1990, 2, 11 + place)
    applicant = User.objects.create(
        iin=_iin(hers, "F"), surname=mother, name="Жанна", password=unusable.password, birth_date=hers,
        registered_address=home,
    )  # fmt: skip
    child = Child.objects.create(
        iin=_iin(born, sex), surname=surname, name=name, birth_date=born, sex=sex, registered_address=home
    )
    Guardianship.objects.create(user=applicant, child=child)
    draft = Application.objects.create(
        applicant=applicant, child=child, year=intake.year, intake=intake, channel=Channel.IN_PERSON,
        filed_by=by, route=Route.LOCAL, ticks_version=wizard.IN_PERSON_TICKS_VERSION,
        step1_at=now, step2_at=now, step3_at=now, data_correct_at=now, external_data_at=now,
    )  # fmt: skip
    drafts.give_number(draft)
    for kind in KINDS:
        file = SimpleUploadedFile("demo.jpg", _picture(str(kind.label)))
        keeping.store(draft, kind=kind, upload=file, now=now)
    return draft


def _address(house: int) -> dict[str, str]:
    """In the microdistrict of №64."""
    return {
        "kato": "711210000",
        "street": "Қабанбай батыр даңғылы",
        "house": str(house),
        "text_kk": f"Астана қ., Есіл ауданы, Қабанбай батыр даңғылы, {house}-үй",
        "text_ru": f"г. Астана, район Есиль, проспект Кабанбай батыра, дом {house}",
    }


def _iin(born: date, sex: str) -> str:
    """A number with the right check digit, from a range that the people of the sandbox do not come near."""
    century = {"M": 3, "F": 4}[sex] + (2 if born.year >= 2000 else 0)
    for serial in range(7000, 8000):
        text = f"{born:%y%m%d}{century}{serial:04d}"
        for weights in WEIGHTS:
            rest = sum(weight * int(digit) for weight, digit in zip(weights, text, strict=True)) % 11
            if rest != 10:
                return f"{text}{rest}"
    raise AssertionError("unreachable")


def _picture(label: str) -> bytes:
    """A sheet that says what it stands for."""
    sheet = Image.new("RGB", (708, 944), "white")
    font = ImageFont.truetype(printing.FONTS / "DejaVuSansCondensed.ttf", 22)
    ImageDraw.Draw(sheet).text((40, 60), f"DEMO\n\n{label}", fill="black", font=font)
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=80)
    return out.getvalue()
