"""Static files while a new version goes out: whichever process a page comes from, its files are there."""

import json
import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from oqu.collected import Storage
from oqu.doctor import machine
from oqu.doctor.findings import Asked, Detail
from oqu.middleware import StaticFiles

pytestmark = pytest.mark.django_db  # an answer that ends looks at its connection

Ask = Callable[[str], HttpResponse]
MANIFEST = "staticfiles.json"


class Version:
    """A folder of code beside others, which all collect into one."""

    def __init__(self, folder: Path, root: Path, settings: Any) -> None:
        self.folder, self.root, self.settings = folder, root, settings
        self.css, self.mark = folder / "static" / "css" / "a.css", folder / "static" / "img" / "mark.svg"
        for path in (self.css, self.mark):
            path.parent.mkdir(parents=True)
        self.css.write_text("a{color:red;background:url(../img/mark.svg)}")
        self.mark.write_text("<svg/>" * 100)  # worth compressing

    def collect(self) -> "Version":
        self.begin()
        call_command("collectstatic", interactive=False, verbosity=0)
        return self

    def begin(self) -> Storage:
        """What a process of it knows that begins now."""
        self.settings.STATICFILES_DIRS, self.settings.STATIC_ROOT = [self.folder / "static"], self.root
        self.settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        chosen = {"BACKEND": "oqu.collected.Storage", "OPTIONS": {"code": self.folder}}
        self.settings.STORAGES = project.STORAGES | {"staticfiles": chosen}
        return Storage(code=self.folder)

    def stored(self, name: str) -> Path:
        return self.root / self.begin().stored_name(name)


@pytest.fixture
def version(tmp_path: Path, settings: Any) -> Version:
    return Version(tmp_path / "2027.1", tmp_path / "collected", settings).collect()


@pytest.fixture
def following(version: Version, tmp_path: Path, settings: Any) -> Version:
    """It has another style and no picture."""
    made = Version(tmp_path / "2027.2", version.root, settings)
    made.css.write_text("a{color:blue}")
    made.mark.unlink()
    return made


def asking() -> Ask:
    """As a process does that begins now."""

    def nothing(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(status=404)

    served, requests = StaticFiles(nothing), RequestFactory()
    return lambda address: served(requests.get(address))  # type: ignore[return-value]  # of a file, too


def content(answer: Any) -> str:
    with closing(answer):
        return b"".join(answer.streaming_content).decode()


def test_process_serves_what_was_collected_after_it_began(
    version: Version, following: Version, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    ask = asking()
    (tmp_path / "secret.txt").write_text("secret")
    old = version.begin().url("css/a.css")
    new = following.collect().begin().url("css/a.css")

    assert old != new
    assert ["red" in content(ask(one)) for one in (old, new, new)] == [True, False, False]
    assert ["blue" in content(ask(one)) for one in (old, new, new)] == [False, True, True]
    for address in ("/static/css/none.css", "/static/../secret.txt", "/static//css/a.css", "/static/css/"):
        with subtests.test(address):
            assert ask(address).status_code == 404


def test_process_of_the_version_before_begins_beside_the_files_of_the_next(
    version: Version, following: Version
) -> None:
    """Its pages name its own style, whose picture the next version has no more; so does one that begins while
    the next one collects, or when it is gone back to."""
    names = {name: version.begin().url(name) for name in ("css/a.css", "img/mark.svg")}
    following.collect()

    began, ask = version.begin(), asking()

    assert {name: began.url(name) for name in names} == names
    assert "red" in content(ask(names["css/a.css"])) and "mark." in content(ask(names["css/a.css"]))
    assert "svg" in content(ask(names["img/mark.svg"]))
    assert "blue" in content(ask(following.begin().url("css/a.css")))
    with pytest.raises(ValueError, match=r"img/mark\.svg"):
        following.begin().url("img/mark.svg")


def test_what_a_version_calls_its_files_is_the_same_on_every_machine(
    version: Version, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A cluster's processes wait until what stands beside the files is what stands beside their code."""
    other, listed = Version(tmp_path / "built", tmp_path / "elsewhere", settings), FileSystemStorage.listdir
    seen = []

    def otherwise(self: FileSystemStorage, path: str) -> tuple[list[str], list[str]]:
        folders, files = listed(self, path)
        seen.append(folders)
        return sorted(folders, reverse=True), sorted(files, reverse=True)

    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "listdir", otherwise)
        other.collect()
    assert ["css", "img"] in map(sorted, seen)
    told = {(one / MANIFEST).read_bytes() for made in (version, other) for one in (made.folder, made.root)}
    assert len(told) == 1 and list(json.loads(told.pop())["paths"]) == ["css/a.css", "img/mark.svg"]


def test_what_is_served_is_not_written_over(version: Version, subtests: pytest.Subtests) -> None:
    """By another collecting, as at each release: a browser would get half of it. What was broken off is
    mended."""
    for source in (version.css, version.mark):
        name = str(source.relative_to(version.folder / "static"))
        stored = version.stored(name)
        whole = stored.read_bytes()
        packed = [one for one in stored.parent.iterdir() if one.name.startswith(f"{stored.name}.")]
        kept = [one.open("rb") for one in (stored, version.folder / MANIFEST, *packed)]
        version.collect()

        with subtests.test("is left", name=name):
            assert [os.fstat(one.fileno()).st_nlink for one in kept] == [1] * len(kept)
        for one in kept:
            one.close()
        with subtests.test("is mended", name=name):
            for spoiled in (stored, *packed):
                spoiled.write_text("half")
            version.collect()
            assert stored.read_bytes() == whole
            assert all(one.read_bytes() != b"half" for one in packed)
            assert {one.suffix for one in stored.parent.iterdir()} <= {source.suffix, ".gz", ".br"}
    assert list(version.stored("img/mark.svg").parent.glob("*.gz"))


def test_collecting_that_is_broken_off_leaves_what_was_there(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in version.root.rglob("*.*") if path.is_file()}
    before[version.folder / MANIFEST] = (version.folder / MANIFEST).read_bytes()
    version.css.write_text("a{color:green}")

    def full(self: Path, *_given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        with pytest.raises(OSError, match="No space"):
            version.collect()
    hashed = {
        path: data for path, data in before.items() if path.name.count(".") > 1 or path.name == MANIFEST
    }
    assert {path: path.read_bytes() for path in hashed} == hashed


def test_doctor_misses_what_is_not_collected(version: Version, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "staticfiles_storage", version.begin())
    asked = Asked(timezone.now(), 2027)

    assert machine.static(asked) == []
    version.stored("css/a.css").unlink()
    (found,) = machine.static(asked)
    assert found.details == (Detail("css/a.css"),)


def test_script_imports_the_file_that_its_page_names(version: Version) -> None:
    """By the name with its hash: else another version's would run, and a second time."""
    scripts = version.folder / "static" / "js"
    scripts.mkdir()
    (scripts / "a.js").write_text('import "./b.js";')
    (scripts / "b.js").write_text("1;")
    version.collect()
    whole = version.stored("js/b.js").name

    assert content(asking()(version.begin().url("js/a.js"))) == f'import"./{whole}";'
