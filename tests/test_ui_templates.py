"""Promises about all templates and static files, kept by reading them."""

import gzip
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
STYLESHEET = ROOT / "static" / "css" / "portal.css"
PRINTED = TEMPLATES / "papers" / "pdf"  # printed to PDF, never sent to a browser
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if PRINTED not in path.parents)
COMPONENTS = sorted(path.name for path in (TEMPLATES / "_components").glob("*.html"))
PRIVATE_PARTS = {"field_label.html", "field_notes.html", "form.html", "nav.html", "nav_public.html"}
SCRIPT = re.compile(r"""\{% static ['"](js/[^'"]+)""")
SHELL_PARTS = {"header.html", "footer.html", "demo_banner.html", "copy_banner.html", "messages.html"}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(TEMPLATES)) for path in paths]


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_template_has_nothing_inline(path: Path) -> None:
    """The Content-Security-Policy would drop it without a word."""
    text = path.read_text()

    assert not re.search(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:", text)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)", text)


OUT_OF_SIGHT = re.compile(
    r"<(?:template|dialog(?![^>]*\sopen\b))[^>]*>|<(?!button)[a-z]+\b[^>]*[\s}]hidden\b(?!=)[^>]*>"
)
PACKED = re.compile(r"\{% scripted\b(?:(?!\{% scripted\b).)*?\{% endscripted %\}", re.DOTALL)


def unpacked(template: str) -> str:
    """Without what is packed for scripts, the innermost first."""
    while (rest := PACKED.sub("", template)) != template:
        template = rest
    return template


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_template_packs_what_only_scripts_can_show(path: Path) -> None:
    """A browser that reads without styles knows no `hidden`, and shows what nobody can use. A button may be
    out of sight, for Enter to press: it has words, which stand there then."""
    text = path.read_text()

    assert OUT_OF_SIGHT.findall(unpacked(text)) == []
    assert re.findall(r"<button[^>]*\shidden></button>", text) == []


HOOK = re.compile(r"data-oqu-[a-z-]+")


def test_script_that_looks_for_a_packed_part_brings_what_unpacks_it() -> None:
    """It would break half-way where the other file is lost, with what works without scripts out of sight."""
    texts = [path.read_text() for path in PAGES]
    hooks = {hook for text in texts for hook in set(HOOK.findall(text)) - set(HOOK.findall(unpacked(text)))}
    scripts = {path.name: path.read_text() for path in (ROOT / "static" / "js").glob("*.js")}
    looking = {name for name, text in scripts.items() if hooks & set(HOOK.findall(text))}

    assert {"ncalayer.js", "portal.js", "session.js", "signing.js", "ticks.js"} <= looking
    assert [name for name in sorted(looking) if 'import "./packed.js";' not in scripts[name]] == []


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_template_leaves_checking_to_the_server(path: Path) -> None:
    assert not re.search(r"<(input|select|textarea)[^>]*\srequired\b", path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_template_asks_no_third_party(path: Path) -> None:
    assert not re.search(r"(src|srcset|<link[^>]*href)=[\"']?(https?:)?//", path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=names(PAGES))
def test_template_tells_machines_a_day_or_a_moment_to_the_second(path: Path) -> None:
    """A millionth of a second, which Django's `c` prints, is no moment of HTML."""
    told = re.findall(r"""\bdatetime="\{\{[^}|]*\|([^}]*)\}\}\"""", path.read_text())

    assert {one.strip() for one in told} <= {"to_the_second", "date:'Y-m-d'"}
    assert not re.search(r"""\|date:["']c["']""", path.read_text())


def test_stylesheet_and_scripts_stay_light() -> None:
    scripts = sum(packed(path) for path in (ROOT / "static" / "js").glob("*.js"))

    assert packed(STYLESHEET) <= 14 * 1024
    assert (
        scripts <= 13 * 1024 + 6 * 1024
    )  # the school's queue adds 6 KB; what one page may bring: tests/screens


def test_no_page_loads_more_than_12_kb_of_scripts() -> None:
    everywhere = SCRIPT.findall((TEMPLATES / "base.html").read_text())
    loaded = {path.name: {*everywhere, *SCRIPT.findall(path.read_text())} for path in PAGES}
    weights = {name: sum(packed(ROOT / "static" / one) for one in found) for name, found in loaded.items()}

    assert {name: weight for name, weight in weights.items() if weight > 12 * 1024} == {}


AT_ONCE = {"base.html", "signing/eds.html"}  # of all pages; without the other a press signs nothing


def test_scripts_of_a_page_leave_the_line_to_its_stylesheet() -> None:
    """`portal.js` brings them."""
    pages = {path.relative_to(TEMPLATES).as_posix(): path.read_text() for path in PAGES}

    assert {name for name, page in pages.items() if re.search(r"<script\b[^>]*\ssrc=", page)} == AT_ONCE


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_stylesheet_takes_colours_from_tokens() -> None:
    rules = STYLESHEET.read_text().split("/* Ground */")[1]
    bare = re.sub(r"url\([^)]*\)", "", rules)

    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", bare) == []
    assert "@import" not in rules
    assert "@font-face" not in rules


def test_stylesheet_respects_people_settings() -> None:
    rules = STYLESHEET.read_text()

    for query in (
        "prefers-reduced-motion",
        "prefers-color-scheme: dark",
        "forced-colors: active",
        "@media print",
    ):
        assert query in rules


LIGHT, DARK = STYLESHEET.read_text().split("/* Ground */")[0].split("/* In the dark")


def token(name: str, scheme: str) -> str:
    """A colour of the light or of the dark scheme, which names those alone that change."""
    pattern = rf"--{name}: #([0-9a-f]{{3,6}});"
    found = re.search(pattern, scheme) or re.search(pattern, LIGHT)
    assert found, name
    digits = found[1]
    return "".join(2 * digit for digit in digits) if len(digits) == 3 else digits


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, scheme: str) -> float:
    both = luminance(token(one, scheme)), luminance(token(other, scheme))
    return (max(both) + 0.05) / (min(both) + 0.05)


TEXT_ON_GROUND = [
    ("ink", "paper"), ("ink", "surface"), ("ink", "gold-100"), ("ink", "green-100"), ("ink", "red-100"),
    ("ink", "sky-50"), ("ink-soft", "paper"), ("ink-soft", "surface"), ("ink-soft", "sky-50"),
    ("link", "paper"), ("link", "surface"), ("link", "sky-50"), ("link", "sky-100"), ("link", "gold-100"),
    ("on-button", "sky-700"), ("on-button", "button-hover"), ("on-button", "red-700"),
    ("on-button", "red-900"), ("on-button", "ink-soft"), ("on-gold", "gold"), ("on-gold", "gold-300"),
    ("on-sky", "sky-800"), ("on-sky", "sky-900"), ("foam", "sky-800"), ("foam", "sky-900"),
    ("sky-700", "surface"), ("sky-700", "sky-50"), ("button-hover", "sky-100"), ("grey-700", "grey-100"),
    ("green-700", "green-100"), ("red-700", "red-100"), ("red-700", "paper"), ("red-700", "surface"),
    ("gold-700", "gold-100"),
]  # fmt: skip
EDGE_ON_GROUND = [
    ("line-strong", "surface"), ("line-strong", "paper"), ("focus-edge", "focus"), ("sky-700", "paper"),
    ("red-700", "surface"), ("ink", "paper"), ("gold-edge", "gold"),
]  # fmt: skip


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_colours_can_be_told_apart(scheme: str) -> None:
    """WCAG AA: text, and the edges of controls and of what has the focus."""
    faint = [pair for pair in TEXT_ON_GROUND if contrast(*pair, scheme) < 4.5]

    assert faint + [pair for pair in EDGE_ON_GROUND if contrast(*pair, scheme) < 3] == []


def test_every_component_is_documented() -> None:
    guide = (ROOT / "docs" / "ui.md").read_text()
    written = set(re.findall(r"_components/([a-z_]+\.html)", guide))

    assert set(COMPONENTS) - PRIVATE_PARTS - SHELL_PARTS - written == set()
    assert written - set(COMPONENTS) == set()


def test_every_template_is_found_by_its_name() -> None:
    """Whoever looks for the use of a template searches for its name: it stands whole where it is used."""
    texts = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    apps = ("accounts", "applications", "notifications", "schools", "oqu")
    sources = [path for app in apps for path in (ROOT / app).rglob("*.py") if "tests" not in path.parts]
    texts += [path.read_text() for path in sources]
    everything = "\n".join(texts)
    by_status = re.compile(r"\d{3}(_csrf)?\.html")  # Django and the error handlers ask for these by number

    unnamed = [
        name
        for name in names(sorted(TEMPLATES.rglob("*.html")))
        if f'"{name}"' not in everything and f"'{name}'" not in everything and not by_status.fullmatch(name)
    ]

    assert unnamed == []
