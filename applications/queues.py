"""How the queues of the service stand: papers, originals to sign, fetched documents, ordered files."""

from datetime import datetime

from applications.models import Drawing, FamilyExport, FetchState, MedicalFetch, Paper, TableExport
from notifications.queue import Standing, standing


def standings(*, now: datetime) -> dict[str, Standing]:
    """By a name of its own each; an original that fails ends with its batch, a document that does not come
    is uploaded by hand: neither leaves a dead row."""
    papers = Paper.objects.filter(rendered_at=None)
    families = FamilyExport.objects.filter(made_at=None)
    tables = TableExport.objects.filter(made_at=None)
    return {
        "papers": standing(papers.filter(dead=False), now=now, dead=papers.filter(dead=True).count()),
        "originals": standing(Drawing.objects.filter(ahead=False), now=now),
        "medical": standing(MedicalFetch.objects.filter(state=FetchState.WAITING), now=now),
        "families": standing(families.filter(dead=False), now=now, dead=families.filter(dead=True).count()),
        "tables": standing(tables.filter(dead=False), now=now, dead=tables.filter(dead=True).count()),
    }
