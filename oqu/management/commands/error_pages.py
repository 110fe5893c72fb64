"""Write the pages that the server before the portal shows by itself: a file too large, and a portal that does
not answer. Each is one file in both languages, with its style inside, so that it needs nothing of the portal.

    manage.py error_pages /var/www/oqu
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

# Nothing was done where the portal has not seen the request; one that died may have done its work.
PAGES = {"400": False, "413": False, "429": False, "503": True}
LINK = '<link rel="stylesheet" href="'
CASE = '<!--# echo var="case" -->'  # filled in by the server (docs/deploy.md), a comment where it does not


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("folder", type=Path, help="where the server looks for them")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name, may_be_done in PAGES.items():
            (folder / f"{name}.html").write_text(page(name, may_be_done=may_be_done), encoding="utf-8")
        self.stdout.write(f"{len(PAGES)} pages are in {folder}")


def page(name: str, *, may_be_done: bool) -> str:
    """The portal's own error page with its stylesheet inside."""
    case = mark_safe(CASE)  # noqa: S308 (the server's own)
    html = render_to_string(f"{name}.html", {"may_be_done": may_be_done, "case": case})
    before, _, after = html.partition(LINK)
    style = (settings.BASE_DIR / "static" / "css" / "portal.css").read_text(encoding="utf-8")
    return f"{before}<style>{style}</style>{after.partition('>')[2]}"
