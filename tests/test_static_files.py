"""Static files while a new version goes out: whichever process a page comes from, its files are there."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from oqu.collected import Storage
from oqu.middleware import StaticFiles

pytestmark = pytest.mark.django_db  # an answer that ends looks at its connection

Ask = Callable[[str], HttpResponse]


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    """Of a version whose static files are collected."""
    source, root = tmp_path / "source", tmp_path / "static"
    (source / "css").mkdir(parents=True)
    (source / "css" / "a.css").write_text("a{color:red}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], root
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STORAGES = project.STORAGES | {"staticfiles": {"BACKEND": "oqu.collected.Storage"}}
    call_command("collectstatic", interactive=False, verbosity=0)
    return root


def asking() -> Ask:
    """As a process does that begins now."""

    def nothing(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=404)

    served, requests = StaticFiles(nothing), RequestFactory()
    return lambda address: served(requests.get(address))  # type: ignore[return-value]  # of a file, too


def content(answer: Any) -> str:
    with closing(answer):
        return b"".join(answer.streaming_content).decode()


def test_process_serves_what_was_collected_after_it_began(root: Path, subtests: pytest.Subtests) -> None:
    ask, outside = asking(), root.parent / "secret.txt"
    outside.write_text("secret")
    source = root.parent / "source" / "css" / "a.css"
    old = Storage().url("css/a.css")
    source.write_text("a{color:blue}")
    call_command("collectstatic", interactive=False, verbosity=0)
    new = Storage().url("css/a.css")

    assert old != new
    assert [content(ask(one)) for one in (old, new, new)] == [
        "a{color:red}",
        "a{color:blue}",
        "a{color:blue}",
    ]
    for address in ("/static/css/none.css", "/static/../secret.txt", "/static//css/a.css", "/static/css/"):
        with subtests.test(address):
            assert ask(address).status_code == 404


def test_process_of_the_version_before_begins_beside_the_files_of_the_next(root: Path) -> None:
    """Its pages name a file that the next version has no more: where there is none at all it is a fault."""
    manifest = root / "staticfiles.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"paths": {}}))

    began = Storage()

    assert content(asking()(began.url("css/a.css"))) == "a{color:red}"
    with pytest.raises(ValueError, match="could not be found"):
        began.url("css/none.css")


def test_what_is_served_is_not_written_over(root: Path) -> None:
    """By another collecting, as at each release: a browser would get half of it. What was broken off is
    mended."""
    source = root.parent / "source" / "css" / "a.css"
    source.write_text("a{color:red}" * 100)  # worth compressing
    call_command("collectstatic", interactive=False, verbosity=0)
    name = root / Storage().stored_name("css/a.css")
    packed = name.with_name(f"{name.name}.gz")
    before, kept = name.stat().st_ino, packed.open("rb")
    call_command("collectstatic", interactive=False, verbosity=0)

    with kept:
        assert name.stat().st_ino == before and len(kept.read()) == packed.stat().st_size > 0
    name.write_text("half")
    call_command("collectstatic", interactive=False, verbosity=0)
    assert name.read_text() == source.read_text()
    assert {path.suffix for path in name.parent.iterdir()} == {".css", ".gz", ".br"}


def test_script_imports_the_file_that_its_page_names(root: Path) -> None:
    """By the name with its hash: else another version's would run, and a second time."""
    scripts = root.parent / "source" / "js"
    scripts.mkdir()
    (scripts / "a.js").write_text('import "./b.js";')
    (scripts / "b.js").write_text("1;")
    call_command("collectstatic", interactive=False, verbosity=0)
    whole = Path(Storage().stored_name("js/b.js")).name

    assert content(asking()(Storage().url("js/a.js"))) == f'import"./{whole}";'
