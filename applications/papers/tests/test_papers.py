"""Papers as the country's tools see them: whole, sealed, readable, one page where it fits (R95, R100)."""

import hashlib
import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from accounts.models import Child, User
from applications import facts
from applications.models import (
    Application,
    Channel,
    Document,
    DocumentKind,
    DocumentSource,
    Paper,
    PaperKind,
    Purpose,
    RefusalReason,
    Result,
)
from applications.papers import checking, drawing, keyring, making, printing, seal
from applications.papers.sections import Line
from applications.papers.tests.paper_cast import add_documents, decided, sign
from applications.status import Status
from notifications.texts import GROUNDS
from schools.models import School

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("portal_keys")]
KAZAKH = "АаӘәБбВвГгҒғДдЕеЁёЖжЗзИиЙйКкҚқЛлМмНнҢңОоӨөПпРрСсТтУуҰұҮүФфХхҺһЦцЧчШшЩщЪъЫыІіЬьЭэЮюЯя"


def tool(name: str) -> str:
    found = shutil.which(name)
    if not found:
        pytest.skip(f"{name} is not installed")
    return found


def run(name: str, *arguments: Any) -> str:
    done = subprocess.run([tool(name), *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def text_of(pdf: bytes, tmp_path: Path) -> str:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    return " ".join(run("pdftotext", path, "-").split())


def pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return len(opened.pages)


def filed(make_application: Callable[..., Application], *, now: datetime, **changes: Any) -> Application:
    application = make_application(Status.IN_REVIEW, **changes)
    add_documents(application, now=now, special=application.special_needs)
    application.snapshot = facts.snapshot(application)
    application.save(update_fields=["snapshot"])
    return application


def made(application: Application, kind: str, signature: Any, *, now: datetime) -> bytes:
    paper = Paper.objects.order(application, kind, signature, now=now)
    making.render(paper, now=now)
    paper.refresh_from_db()
    with paper.file.open("rb") as file:
        return file.read()


@pytest.fixture
def paper_pdf(make_application: Callable[..., Application], parent: User, now: datetime) -> bytes:
    transport = {"same": False, "kato": "711210000", "line": "Тұран даңғылы, 18"}
    application = filed(
        make_application, now=now, special_needs=True, transport=True, transport_address=transport
    )
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now)
    return made(application, PaperKind.RECEIPT, signature, now=now)


@pytest.mark.rule("R92", "R93")
def test_paper_to_sign_shows_every_line_of_the_review(
    make_application: Callable[..., Application], now: datetime, tmp_path: Path
) -> None:
    transport = {"same": False, "kato": "711210000", "line": "Тұран даңғылы, 18, 5-пәтер"}
    application = filed(
        make_application, now=now, special_needs=True, transport=True, transport_address=transport,
        extra_phone="+77172123456",
    )  # fmt: skip

    text = text_of(drawing.application_pdf(application), tmp_path)

    for line in (
        f"№ {application.number}", "Сәрсенов Арман", application.child.iin, "31.12.2020", "Ұл", "Мальчик",
        "Сәрсенова Айгүл Маратқызы", "900708499904", "+7 701 123 45 01", "+7 717 212 34 56",
        "Астана қ., Есіл ауданы, Сәтбаев көшесі, 1-үй, 12-пәтер", "«№63 жалпы білім беретін мектеп» КММ",
        "КГУ «Общеобразовательная школа №63»", "990540099902", "Шағын аудан бойынша", "По микроучастку",
        "Қазақ", "2026-2027, 1", "Астана қаласы, Есіл ауданы, Тұран даңғылы, 18, 5-пәтер",
        "3×4 см өлшеміндегі екі фотосурет, 2 дана", "№ 065/у нысанды профилактикалық екпелердің картасы",
        "«052-2/у» нысандағы «Бала денсаулығы паспорты»", "ПМПК анықтамасы", "01.09.2027",
        "Енгізілген деректердің дұрыстығын растаймын",
    ):  # fmt: skip
        assert line in text, line


def test_what_was_typed_makes_no_row_and_turns_no_text() -> None:
    typed = Line("Мекенжай", "Адрес", "Абай к., 1\r\nЖСН: 000000000000\u2028Иә", "а\nб")
    assert (typed.value, typed.value_ru) == ("Абай к., 1 ЖСН: 000000000000 Иә", "а б")
    assert Line("Себебі", "Причина", "а\nб", long=True).value == "а\nб"

    read = printing._read("<p>1\u202e2\u20663\u20694\u202a5</p>")
    assert read.text == "12345"


def test_paper_fits_one_page_and_draws_every_kazakh_letter(
    make_application: Callable[..., Application], child: Child, now: datetime, tmp_path: Path
) -> None:
    child.surname = KAZAKH[:40]
    child.name = KAZAKH[40:]
    child.save()
    pdf = drawing.application_pdf(filed(make_application, now=now))

    assert pages(pdf) == 1
    text = text_of(pdf, tmp_path).replace(" ", "")
    assert all(letter in text for letter in KAZAKH)
    assert "\N{REPLACEMENT CHARACTER}" not in text
    fonts = run("pdffonts", tmp_path / "paper.pdf").splitlines()[2:]
    assert fonts
    assert all("OQU-" in font and " yes yes yes " in font for font in fonts)  # ours, embedded, with text


def test_long_names_and_a_thirty_line_reason_do_not_break_the_page(
    make_application: Callable[..., Application],
    school: School,
    child: Child,
    director: User,
    now: datetime,
    tmp_path: Path,
) -> None:
    school.name_kk = "Ұлытау облысы білім басқармасының Жаңаарқа ауданы білім бөлімінің мектебі " * 3
    school.save()
    child.surname = "Нұрмұхаммедғалиева-Әбдірахмановатегі" * 2
    child.save()
    reason = "\n".join(f"{number}. Құжаттар толық емес, себебі {number}-екпе жоқ." for number in range(1, 31))
    application = filed(make_application, now=now)
    decision = decided(
        application, by=director, now=now, result=Result.REFUSE, reason_code="INCOMPLETE", reason=reason
    )
    signature = sign(application, Purpose.DECISION, by=director, now=now, decision=decision)

    pdf = made(application, PaperKind.NOTICE, signature, now=now)

    text = text_of(pdf, tmp_path)
    assert all(f"{number}. Құжаттар толық емес, себебі {number}-екпе жоқ." in text for number in range(1, 31))
    assert pages(pdf) <= 3
    boxes = run("pdftotext", "-bbox", tmp_path / "paper.pdf", "-")
    edges = [float(part.split('"')[1]) for part in boxes.split() if part.startswith("xMax=")]
    assert max(edges) < 595.3  # nothing runs off the sheet


@pytest.mark.rule("R95")
def test_receipt_is_one_sealed_page_that_common_tools_accept(paper_pdf: bytes, tmp_path: Path) -> None:
    path = tmp_path / "receipt.pdf"
    path.write_bytes(paper_pdf)

    assert pages(paper_pdf) == 1
    assert seal.examine(paper_pdf) == seal.Verdict.GOOD
    said = run("pdfsig", "-nocert", path)
    assert "Total document signed" in said
    assert "Signature is Valid" in said
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", path)


@pytest.mark.rule("R95")
def test_receipt_states_the_signature_and_carries_it(
    paper_pdf: bytes, parent: User, now: datetime, tmp_path: Path
) -> None:
    signature = Paper.objects.get().signature
    assert signature is not None
    text = text_of(paper_pdf, tmp_path)

    for fact in (
        signature.signer_name,
        parent.iin,
        "10.06.2026 11:00:00",
        signature.serial,
        "ҰКО (RSA) 2022",
    ):
        assert fact in text
    with pikepdf.open(io.BytesIO(paper_pdf)) as pdf:
        enclosed = {name: item.get_file().read_bytes() for name, item in pdf.attachments.items()}
    assert hashlib.sha256(enclosed["original.pdf"]).hexdigest() == signature.payload_sha256
    assert enclosed["original.pdf.p7s"] == bytes(signature.cms)
    (tmp_path / "original.pdf").write_bytes(enclosed["original.pdf"])
    (tmp_path / "original.p7s").write_bytes(enclosed["original.pdf.p7s"])
    verified = run(
        "openssl", "cms", "-verify", "-inform", "DER", "-in", tmp_path / "original.p7s", "-noverify",
        "-binary", "-content", tmp_path / "original.pdf", "-out", tmp_path / "out",
    )  # fmt: skip
    assert "successful" in verified


@pytest.mark.rule("R120", "D13")
def test_receipt_says_when_it_came_and_when_the_answer_is_due_as_the_pages_do(
    make_application: Callable[..., Application], parent: User, now: datetime, tmp_path: Path
) -> None:
    """Filed in the evening: the school's working time begins tomorrow, and moves the answer only."""
    application = filed(make_application, now=now)
    application.submitted_at = now.replace(hour=21, minute=40)
    application.received_at = now.replace(hour=9) + timedelta(days=1)
    application.due_at = now.replace(hour=18, minute=30) + timedelta(days=1)
    application.save()
    signature = sign(application, Purpose.APPLICATION, by=parent, now=now)

    text = text_of(made(application, PaperKind.RECEIPT, signature, now=now), tmp_path)

    assert "Поступило в школу: 10.06.2026 21:40. Жауап беру мерзімі / Срок ответа: 11.06.2026 18:30." in text


@pytest.mark.rule("R95", "D19")
def test_qr_code_on_the_paper_is_read_and_leads_to_the_check_page(
    paper_pdf: bytes, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "paper.pdf").write_bytes(paper_pdf)
    run("pdftoppm", "-r", "300", "-png", tmp_path / "paper.pdf", tmp_path / "page")
    picture = next(tmp_path.glob("page*.png"))

    read = run("zbarimg", "-q", "--raw", "--nodbus", picture).strip()

    token = Paper.objects.get().token
    assert read.startswith(f"{settings.PUBLIC_URL}/check/{token}/#OQU1.")
    assert "Сәрсенов" not in read


def test_paper_is_archival_tagged_and_in_kazakh(paper_pdf: bytes) -> None:
    with pikepdf.open(io.BytesIO(paper_pdf)) as pdf:
        with pdf.open_metadata() as metadata:
            conformance = metadata["pdfaid:part"], metadata["pdfaid:conformance"]
        assert conformance == ("3", "A")
        assert pdf.Root.Lang == "kk"
        assert pdf.Root.MarkInfo.Marked
        assert "№" in str(pdf.docinfo.get("/Title"))
        relationships = {str(file.AFRelationship) for file in pdf.Root.AF}
    assert relationships == {"/Source", "/Supplement"}


def test_paper_keeps_what_it_claims_to_be(paper_pdf: bytes) -> None:
    """PDF/A-3 says so in a line that anybody may write; these are the demands behind it."""
    with pikepdf.open(io.BytesIO(paper_pdf)) as pdf:
        assert [intent.S for intent in pdf.Root.OutputIntents] == ["/GTS_PDFA1"]
        assert "/DestOutputProfile" in pdf.Root.OutputIntents[0]
        assert "/StructTreeRoot" in pdf.Root and "/ID" in pdf.trailer and not pdf.is_encrypted
        assert not {"/OpenAction", "/AA"} & set(pdf.Root.keys()) and "/JavaScript" not in pdf.Root.Names
        found = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary | pikepdf.Stream)]
        kinds = {str(one.get("/S")) for one in found}
        assert not kinds & {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData"}
        assert not [one for one in found if one.get("/SMask") not in (None, pikepdf.Name("/None"))]
        assert not [one for one in found if one.get("/ca", 1) != 1 or one.get("/CA", 1) != 1]
        drawn = [one for one in found if "/FontDescriptor" in one]
        assert drawn and all(
            "/FontFile2" in one.FontDescriptor or "/FontFile3" in one.FontDescriptor for one in drawn
        )
        composite = [one for one in found if one.get("/Subtype") == "/Type0"]
        assert composite and all("/ToUnicode" in one for one in composite)
        files = [one for one in found if one.get("/Type") == "/Filespec"]
        assert len(files) == 2
        assert all({"/F", "/UF", "/AFRelationship"} <= set(one.keys()) for one in files)
        assert all({"/Subtype", "/Params"} <= set(one.EF.F.keys()) for one in files)


@pytest.mark.rule("R100", "R101", "R108", "D14")
def test_notice_of_acceptance_says_what_to_do_next(
    make_application: Callable[..., Application], director: User, now: datetime, tmp_path: Path
) -> None:
    application = filed(make_application, now=now, transport=True, transport_address={"same": True})
    decision = decided(application, by=director, now=now, transport=False, transport_reason="Орын жоқ")
    signature = sign(application, Purpose.DECISION, by=director, now=now, decision=decision)

    text = text_of(made(application, PaperKind.NOTICE, signature, now=now), tmp_path)

    assert "«Бірінші сыныпқа құжаттарды қабылдау» мемлекеттік қызметінің нәтижесі туралы" in text
    assert "ҚАБЫЛДАНДЫ" in text
    assert "Әрі қарай орындалатын әрекеттерді нақтылау үшін мектеппен байланысыңыз" in text
    assert "Тасымалдау бойынша шешім" in text
    assert "Орын жоқ" in text
    assert director.iin not in text  # the parent needs the director's name, not the IIN


@pytest.mark.rule("R109", "R216", "D16")
def test_notice_of_refusal_gives_ground_reason_and_where_to_complain(
    make_application: Callable[..., Application], director: User, now: datetime, tmp_path: Path
) -> None:
    application = filed(make_application, now=now)
    decision = decided(
        application,
        by=director,
        now=now,
        result=Result.REFUSE,
        reason_code="NO_SEATS",
        reason="Орындар толды.",
    )
    signature = sign(application, Purpose.DECISION, by=director, now=now, decision=decision)

    text = text_of(made(application, PaperKind.NOTICE, signature, now=now), tmp_path)

    for said in (
        "БАС ТАРТЫЛДЫ",
        "Бос орын жоқ",
        "Нет свободных мест",
        "Орындар толды.",
        "аймақтық білім басқармасына",
    ):
        assert said in text


@pytest.mark.rule("R115")
def test_withdrawal_to_sign_repeats_the_warning(
    make_application: Callable[..., Application], now: datetime, tmp_path: Path
) -> None:
    application = filed(make_application, now=now)

    text = text_of(drawing.withdrawal_pdf(application), tmp_path)

    assert (
        "Өтінімді кері қайтарып алғаннан кейін 1-сыныпқа құжаттарды қабылдауға қайтадан өтінім беру қажет"
        in text
    )
    assert f"№ {application.number}" in text


def test_user_text_is_never_markup_and_fetches_nothing(
    make_application: Callable[..., Application], director: User, now: datetime, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    reason = (
        f'<img src="file://{secret}"><link rel="attachment" href="file://{secret}">'
        '<script>alert(1)</script><style>@import "http://127.0.0.1:9/x";</style>'
        "]]>&#0;\x0b\x1f\ufffe&nbsp;"  # what a parser of XML would choke on
    )
    application = filed(make_application, now=now)
    decision = decided(
        application, by=director, now=now, result=Result.REFUSE, reason_code="OTHER", reason=reason
    )

    pdf = drawing.decision_pdf(decision)

    assert "<script>alert(1)</script>" in text_of(pdf, tmp_path).replace(" ", "")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.attachments) == 0


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd",
        "file://{fonts}/../../oqu/settings.py",
        "http://127.0.0.1:9/x",
        "https://example.kz/font.ttf",
        "ftp://127.0.0.1/x",
        "data:text/html,<b>x</b>",
        "data:image/svg+xml;base64,PHN2Zy8+",
    ],
)
def test_printer_fetches_our_fonts_and_qr_codes_only(address: str) -> None:
    fetcher = printing._press().fetcher

    with pytest.raises(ValueError, match="may not fetch"):
        fetcher.fetch(address.format(fonts=printing.FONTS))


def test_grounds_in_messages_are_the_grounds_of_decisions() -> None:
    assert {code: str(label) for code, label in GROUNDS.items()} == {
        code: str(label) for code, label in RefusalReason.choices
    }


def test_content_hash_changes_with_every_fact_and_with_nothing_else(
    make_application: Callable[..., Application], parent: User, director: User, now: datetime
) -> None:
    application = make_application(Status.DRAFT)
    add_documents(application, now=now)

    def content() -> str:
        fresh = Application.objects.get(pk=application.pk)
        return facts.content_sha256(fresh, Purpose.APPLICATION, None)

    seen = [content()]
    assert content() == seen[0]
    parent.phone = "+77019998877"
    parent.save()
    seen.append(content())
    document = application.documents.all()[0]
    document.sha256 = "0" * 64
    document.save()
    seen.append(content())
    Application.objects.filter(pk=application.pk).update(special_needs=True)
    seen.append(content())
    Application.objects.filter(pk=application.pk).update(data_correct_at=timezone.now())
    seen.append(content())
    assert len(set(seen)) == len(seen)
    application.updated_at = timezone.now()
    application.save(update_fields=["updated_at"])
    assert content() == seen[-1]


def test_content_hash_of_a_decision_follows_its_every_word(
    make_application: Callable[..., Application], director: User, now: datetime
) -> None:
    application = filed(make_application, now=now)
    decision = decided(application, by=director, now=now)
    before = facts.content_sha256(application, Purpose.DECISION, decision)

    decision.transport = True

    assert facts.content_sha256(application, Purpose.DECISION, decision) != before
    assert facts.content_sha256(application, Purpose.WITHDRAWAL, None) != before


@pytest.mark.rule("D18")
def test_filed_application_keeps_its_facts_when_the_registers_change(
    make_application: Callable[..., Application], parent: User, school: School, now: datetime
) -> None:
    application = filed(make_application, now=now)
    before = facts.content_sha256(application, Purpose.APPLICATION, None)
    parent.surname, school.name_kk = "Басқа", "Басқа мектеп"
    parent.save()
    school.save()

    application = Application.objects.get(pk=application.pk)

    assert facts.content_sha256(application, Purpose.APPLICATION, None) == before
    assert facts.of(application)["applicant"]["name"] == "Сәрсенова Айгүл Маратқызы"


def test_seal_needs_a_key(settings: Any, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path / "none"

    with pytest.raises(keyring.NoKey):
        seal.put(b"%PDF-1.7")


@pytest.mark.rule("R130", "D15")
def test_receipt_of_a_paper_application_names_who_registered_it_and_the_scan(
    make_application: Callable[..., Application], executor: User, now: datetime, tmp_path: Path
) -> None:
    application = filed(make_application, now=now, channel=Channel.IN_PERSON, filed_by=executor)
    scan = Document(
        application=application, kind=DocumentKind.SCAN, source=DocumentSource.MANUAL, mime="image/jpeg",
        size=4, sha256=hashlib.sha256(b"scan").hexdigest(), added_at=now,
    )  # fmt: skip
    scan.file.save("scan", ContentFile(b"scan"), save=False)
    scan.save()

    pdf = made(application, PaperKind.RECEIPT, None, now=now)

    text = text_of(pdf, tmp_path)
    for said in ("Мектепте қағаз түрінде қабылданған", executor.full_name, "10.06.2026 11:00:00"):
        assert said in text
    assert "Подписано электронной" not in text
    assert scan.sha256 in text.replace("\n", "")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert not list(opened.attachments)  # a scan is too heavy for the check page
    assert seal.examine(pdf) == seal.Verdict.GOOD
    finding, _ = checking.of_token(application.papers.get().token)
    assert (finding.state, finding.by_hand, finding.signed_at) == (checking.State.VALID, True, now)
