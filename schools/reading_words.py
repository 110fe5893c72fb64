"""How a line of a list was read, in the words of who reads it through (D64)."""

from django.utils.translation import gettext as _

from schools.address_lists import Reading
from schools.addresses import Span
from schools.models import MicrodistrictAddress, Parity
from schools.remarks import Remark


def of_reading(reading: Reading) -> str:
    """«Қарақоға а., Сәтбаев көшесі = Мир көшесі: 1–99 (тақ), 2, 4А»."""
    street = " = ".join(name for name in (reading.street, *reading.also) if name)
    where = ", ".join(part for part in (reading.locality, street) if part) or str(
        _("мектеп тұрған елді мекен")
    )
    return f"{where}: {', '.join(of_span(span) for span in reading.spans)}"


def of_row(row: MicrodistrictAddress) -> str:
    span = Span(row.house_from, row.house_to, row.suffix, Parity(row.parity), row.excluded)
    return f"{row.street or _('бүкіл елді мекен')}: {of_span(span)}"


def of_span(span: Span) -> str:
    houses = _houses(span)
    return _("мынадан басқасы: %(houses)s") % {"houses": houses} if span.excluded else houses


def _houses(span: Span) -> str:
    if span.start == span.end:
        return f"{span.start}{span.suffix}"
    if span.end is not None:
        text = f"{span.start}–{span.end}"
    elif span.start > 1:
        text = _("%(number)s-үйден бастап көше соңына дейін") % {"number": span.start}
    else:
        text = _("барлық үй")
    notes = [span.suffix] if span.suffix else []
    notes += [str(span.parity.label)] if span.parity != Parity.ALL else []
    return f"{text} ({', '.join(notes)})" if notes else text


def of_remark(remark: Remark) -> str:
    told = str(remark.kind.label)
    return f"{told}: «{remark.text}»" if remark.text else told
