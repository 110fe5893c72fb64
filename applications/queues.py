"""How the queues of the service stand: papers, originals to sign, fetched documents, ordered files; and
whether anybody waits for what stands in them."""

from datetime import datetime, timedelta

from applications.documents import medical
from applications.models import Drawing, FamilyExport, Paper, TableExport
from notifications import outbox
from notifications.queue import Standing, standing

PATIENCE = timedelta(minutes=5)  # work that is due for longer is late: a parent waits for it


def every(*, now: datetime) -> dict[str, Standing]:
    """All queues of the portal, the ways of messages first."""
    return outbox.standings(now=now) | standings(now=now)


def standings(*, now: datetime) -> dict[str, Standing]:
    """By a name of its own each; an original that fails ends with its batch, a document that does not come
    is uploaded by hand: neither leaves a dead row. What is drawn ahead of need nobody waits for: it is never
    late."""
    papers = Paper.objects.filter(rendered_at=None)
    families = FamilyExport.objects.filter(made_at=None)
    tables = TableExport.objects.filter(made_at=None)
    return {
        "papers": standing(papers.filter(dead=False), now=now, dead=papers.filter(dead=True).count()),
        "originals": standing(Drawing.objects.filter(ahead=False), now=now),
        "ahead": Standing(waiting=Drawing.objects.filter(ahead=True).count(), due_at=None),
        "medical": standing(medical.open_fetches(), now=now, stopped=medical.is_stopped()),
        "families": standing(families.filter(dead=False), now=now, dead=families.filter(dead=True).count()),
        "tables": standing(tables.filter(dead=False), now=now, dead=tables.filter(dead=True).count()),
    }


def somebody_waits(*, now: datetime) -> bool:
    """An original, a paper or a message is due: what nobody waits for yet is put off (D67)."""
    wanted = Drawing.objects.filter(ahead=False, next_try_at__lte=now)
    papers = Paper.objects.filter(rendered_at=None, dead=False, next_try_at__lte=now)
    return wanted.exists() or papers.exists() or outbox.is_due(now=now)
