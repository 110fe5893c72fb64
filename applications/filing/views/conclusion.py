"""The conclusion of the PMPC follows the mark of step 1: without it nobody needs a paper on a child's
health."""

from django.contrib import messages
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.documents import aside, keeping
from applications.documents.forms import PMPC
from applications.filing.views.visit import Visit
from applications.models import Document, DocumentKind

REMOVED = gettext_lazy(
    "ПМПК анықтамасы өтінімнен алып тасталды: ол енді қажет емес. «Ерекше білім беру қажеттіліктері бар "
    "бала» белгісін қайта қойсаңыз, анықтама орнына қайтарылады. Соңғы мерзімі: %(until)s."
)


def follow_mark(visit: Visit, *, was: bool) -> None:
    """Taken out of the draft with the mark, and back in its place when the mark is set again in time: one
    press loses nothing (D72); what was removed by hand stays away. `was`: the mark before this press.
    Raises drafts.NotADraft."""
    application = visit.application
    if application.special_needs:
        comes = not was and not _standing(visit)
        comes = comes and aside.goes_with_mark(application, PMPC.place, now=visit.now)
        if comes and aside.bring_back(application, PMPC.place, now=visit.now):
            messages.success(visit.request, _("ПМПК анықтамасы орнына қайтарылды."))
        return
    for document in _standing(visit):
        keeping.remove(document, now=visit.now, with_mark=True)
        until = formats.date_format(timezone.localtime(aside.term_from(visit.now)), "DATETIME_FORMAT")
        messages.info(visit.request, REMOVED % {"until": until})


def _standing(visit: Visit) -> list[Document]:
    return [one for one in Document.of(visit.application) if one.kind == DocumentKind.PMPC]
