"""Who works where. `staff list` prints posts, never an IIN or a name; `staff add` and `staff load` give
posts, `staff end` takes one away. The first person of ops is made by `staff add OPS`; it asks for the IIN."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from schools import appointing, staff_lists
from schools.appointing import NotAppointed
from schools.error_files import refusing
from schools.models import Role, StaffMember


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_subparsers(dest="what", required=True)
        listing = what.add_parser("list", help="the posts, one a line")
        listing.add_argument("--bin", help="of one school")
        listing.add_argument("--region", metavar="KATO", help="of one department")
        listing.add_argument("--all", action="store_true", help="also those that have ended")
        add = what.add_parser(
            "add", help="give a post; the IIN is asked for, or read from the standard input"
        )
        add.add_argument("role", choices=Role.values)
        add.add_argument("--bin", default="", help="the school, of a director or an executor")
        add.add_argument("--region", default="", metavar="KATO", help="of a department's officer")
        add.add_argument(
            "--from", default="", metavar="DATE", help="first day of who stands in for a director"
        )
        add.add_argument("--to", default="", metavar="DATE", help="the last day")
        end = what.add_parser("end", help="take a post away")
        end.add_argument("post", type=int, help="its number in the list")
        load = what.add_parser("load", help="all posts of a table, or none")
        load.add_argument("file", type=Path)
        load.add_argument(
            "--errors", type=Path, metavar="FILE", help="write the lines with their faults (CSV)"
        )
        load.add_argument("--dry-run", action="store_true", help="check everything, save nothing")

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        try:
            with refusing(self, options.get("file"), errors=options.get("errors")):
                getattr(self, f"_{what}")(options)
        except NotAppointed as refused:
            raise CommandError(staff_lists.WORDS[refused.reason]) from refused
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _list(self, options: dict[str, Any]) -> None:
        rows = (StaffMember.every if options["all"] else StaffMember.objects).select_related("school", "user")
        if options["bin"]:
            rows = rows.filter(school__bin=options["bin"])
        if options["region"]:
            rows = rows.filter(region=options["region"])
        for post in rows.order_by("pk"):
            self.stdout.write(_line(post))

    def _add(self, options: dict[str, Any]) -> None:
        post = staff_lists.read_post(options)
        given = appointing.appoint(_iin(), post, by=None, now=timezone.now())
        self.stdout.write(_line(given))

    def _end(self, options: dict[str, Any]) -> None:
        self.stdout.write(_line(appointing.end(options["post"], by=None, now=timezone.now())))

    def _load(self, options: dict[str, Any]) -> None:
        given, stood = staff_lists.load(
            options["file"], by=None, now=timezone.now(), dry_run=options["dry_run"]
        )
        dry = "; dry run, nothing is saved" if options["dry_run"] else ""
        self.stdout.write(f"{given} posts given, {stood} stood already{dry}")


def _iin() -> str:
    """Not an argument: those stand in the history of the shell and in the list of processes."""
    return (input("IIN: ") if sys.stdin.isatty() else sys.stdin.readline()).strip()


def _line(post: StaffMember) -> str:
    place = post.school.bin if post.school else post.region_id or "portal"
    days = f" {post.starts_on}–{post.ends_on}" if post.acting else ""
    ended = f" ended {timezone.localtime(post.ended_at):%Y-%m-%d %H:%M}" if post.ended_at else ""
    signed_in = "" if post.user.last_login else " (has not signed in yet)"
    role = f"{post.role} acting" if post.acting else post.role
    return f"{post.pk} {role} {place}{days} user {post.user_id}{signed_in}{ended}"
