"""The versions of a school's microdistrict: who brought each, when and what for. --undo puts the one before
back, --restore any of them; --on and --address tell which lines gave the school an address on a day."""

from argparse import ArgumentParser
from datetime import datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from schools import versions
from schools.models import AddressList, School
from schools.tables import day
from schools.versions import Origin


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--school", required=True, metavar="BIN")
        parser.add_argument("--by", default="", metavar="NAME", help="who puts a version back")
        parser.add_argument("--undo", action="store_true")
        parser.add_argument("--restore", type=int, metavar="NUMBER")
        parser.add_argument("--on", metavar="DATE", help="the list of that day, at its end")
        parser.add_argument("--address", nargs=3, metavar=("KATO", "STREET", "HOUSE"))

    def handle(self, *args: Any, school: str, **options: Any) -> None:
        of = School.objects.filter(bin=school).first()
        if of is None:
            raise CommandError(f"no school with the BIN {school}")
        if options["undo"] or options["restore"]:
            self._put_back(of, options)
        elif options["address"]:
            self._explain(of, options)
        else:
            for version in of.address_lists.all():
                self.stdout.write(_line(version))

    def _put_back(self, school: School, options: dict[str, Any]) -> None:
        number = options["restore"]
        version = school.address_lists.filter(pk=number).first() if number else versions.before(school)
        if version is None:
            raise CommandError("there is no such version of this school's list")
        origin = Origin(options["by"], f"version {version.pk} again", version.source)
        try:
            self.stdout.write(_line(versions.put_back(version, origin=origin)))
        except versions.NoAddresses as error:
            raise CommandError("that version holds no address; nothing is saved") from error

    def _explain(self, school: School, options: dict[str, Any]) -> None:
        kato, street, house = options["address"]
        moment = timezone.now()
        if options["on"]:
            moment = timezone.make_aware(datetime.combine(day(options["on"]), time.max))
        version = versions.on(school, moment)
        if version is None:
            raise CommandError("the school had no list then")
        self.stdout.write(_line(version))
        for line in versions.why(version, kato=kato, street=street, house_text=house):
            self.stdout.write(line)


def _line(version: AddressList) -> str:
    began = timezone.localtime(version.began)
    ended = f"{timezone.localtime(version.ended):%Y-%m-%d %H:%M}" if version.ended else "now"
    whose = ", ".join(part for part in (version.author, version.reason, version.source) if part)
    return (
        f"{version.pk}: {began:%Y-%m-%d %H:%M} – {ended}: {len(version.rows)} ranges; {whose or 'not known'}"
    )
