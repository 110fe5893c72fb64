"""Say how many machines an opening needs, from what `bench` measured and a simulation of the peak, and what
breaks first (docs/capacity.md). Asks nobody and changes nothing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.waiting import terms
from oqu import capacity
from oqu.capacity import Costs, Opening, Plan, Question


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        people, costs = Opening(), Costs()
        for name, value, told in (
            ("families", people.families, "of the wave"),
            ("pages", people.pages, "that a family opens for one signature"),
            ("hottest", people.hottest, "families who want one school in the peak"),
            ("cores", 8, "of a machine"),
        ):
            parser.add_argument(f"--{name}", type=int, default=value, help=f"{told} ({value})")
        for name, share, told in (
            ("first-hour", people.first_hour, "the share of the wave that comes in its first hour"),
            ("peak", people.peak, "how many times the hour's rate the peak is"),
            ("undrawn", people.undrawn, "the share of originals that the web draws itself"),
            ("bare-page", costs.bare_page * 1000, "ms of CPU: bench on a machine of this kind"),
            ("page", costs.page.web, "bare pages of CPU: a page in the web process"),
            ("page-database", costs.page.database, "bare pages of CPU: the same in the database"),
            ("signature", costs.signature.web, "bare pages of CPU: a signature in the web process"),
            ("signature-database", costs.signature.database, "bare pages of CPU: the same in the database"),
            ("paper", costs.paper, "bare pages of CPU: a sealed paper, of a worker"),
            ("original", costs.original, "bare pages of CPU: an original that the web draws itself"),
        ):
            parser.add_argument(f"--{name}", type=float, default=share, help=f"{told} ({share:g})")

    def handle(self, *args: Any, **given: Any) -> None:
        numbers = {name: value for name, value in given.items() if isinstance(value, (int, float))}
        if min(value for name, value in numbers.items() if name != "verbosity") < 0 or given["cores"] < 1:
            raise CommandError("no number may be below nought, and a machine has a core")
        if given["undrawn"] > 1:
            raise CommandError("a share is at most one")
        opening = Opening(
            families=given["families"], first_hour=given["first_hour"], peak=given["peak"],
            pages=given["pages"], hottest=given["hottest"], undrawn=given["undrawn"],
        )  # fmt: skip
        if not 0 < opening.signatures <= 2000 or given["bare_page"] <= 0:
            raise CommandError("between nobody and 2,000 signatures a second, and a page costs something")
        costs = Costs(
            bare_page=given["bare_page"] / 1000,
            page=Question("page", given["page"], given["page_database"]),
            signature=Question("signature", given["signature"], given["signature_database"]),
            paper=given["paper"],
            original=given["original"],
        )
        self._tell(opening, capacity.plan(opening, costs, cores=given["cores"]))

    def _tell(self, opening: Opening, plan: Plan) -> None:
        tell = self.stdout.write
        tell(
            f"{opening.signatures:.1f} signatures and {opening.signatures * opening.pages:.0f} pages a second"
        )
        for role in plan.roles:
            tell(
                f"{role.name:10} {role.machines:3} x {role.cores} cores, {role.cores_needed:5.1f} busy "
                f"({role.full:.0%})"
            )
        tell(f"with one web machine lost: p95 of a page {plan.page_p95 * 1000:.0f} ms, "
             f"of a signature {plan.signature_p95 * 1000:.0f} ms, "
             f"of one whose original the web draws {plan.drawn_here_p95 * 1000:.0f} ms")  # fmt: skip
        tell(f"WAITING_ROOM_RATE: {opening.signatures * 60 / terms.SIGNATURES:.0f} lets so many sign")
        tell(f"{opening.hottest} at one school at one moment: the last waits {plan.hottest_waits:.1f} s")
        tell(f"the last paper of the peak is sealed {plan.papers_waiting:.0f} s after it")
        tell(f"breaks first: {plan.breaks_first.name}")
