"""Bends every field of a good answer in every way that an answer has been known to go wrong.

    for how, content in bent_json(GOOD):    # a value
    for how, content in bent_xml(GOOD):     # text

`how` names the field and the bend. Pure: what is done with the bytes is the test's business.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

MISSING = object()
RAW = "\x01raw\x01"  # stands for JSON that no Python value is written as
LONG, NUL, BIDI, SURROGATE = "Ә" * 1000, "Айгүл\0", "Айгүл\u202eлүгйА", "\ud800"
BRACKETS = 60_000

JSON_BENDS: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "number": 12345,
    "negative": -1,
    "fraction": 0.5,
    "true": True,
    "list": [1],
    "object": {"a": 1},
    "empty": "",
    "blank": "  ",
    "long": LONG,
    "NUL": NUL,
    "bidi": BIDI,
    "surrogate": SURROGATE,
    "signs": "<b>1</b>\r\n",
    "impossible": "000000000000",
    "1e400": RAW + "1e400",
    "NaN": RAW + "NaN",
    "digits": RAW + "9" * 5000,
    "brackets": RAW + "[" * BRACKETS,
    "deep": RAW + "[" * BRACKETS + "]" * BRACKETS,
    "not UTF-8": RAW + '"\udcff"',
}
XML_BENDS: dict[str, str] = {
    "empty": "",
    "number": "-1",
    "float": "1e400",
    "digits": "9" * 5000,
    "long": LONG,
    "bidi": BIDI,
    "zero": "000000000000",
    "impossible": "2020-02-30",
    "signs": "<b>1</b>",
    "tag characters": "\U000e0041",
}
BODIES: dict[str, bytes] = {
    "nothing": b"",
    "not JSON": b"<html>",
    "null": b"null",
    "a list": b"[]",
    "a string": b'"x"',
    "a number": b"1e999",
    "brackets": b"[" * BRACKETS,
    "deep": b"[" * BRACKETS + b"]" * BRACKETS,
    "deep objects": b'{"a":' * BRACKETS + b"1" + b"}" * BRACKETS,
    "not UTF-8": b'{"a":"\xff"}',
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a key twice": b'{"a":1,"a":2}',
}


def bent_json(good: Any) -> Iterator[tuple[str, bytes]]:
    """Each field of the value in each of the ways, then whole bodies that are no such value."""
    for path in _paths(good):
        for how, bend in JSON_BENDS.items():
            yield f"{'.'.join(map(str, path))} {how}", _written(_with(good, path, bend))
    yield from BODIES.items()


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from _paths(one, (*path, key))


def _with(good: Any, path: tuple[Any, ...], bend: Any) -> Any:
    bent = copy.deepcopy(good)
    parent = bent
    for key in path[:-1]:
        parent = parent[key]
    if bend is MISSING:
        del parent[path[-1]]
    else:
        parent[path[-1]] = bend
    return bent


def _written(value: Any) -> bytes:
    text = json.dumps(value)
    mark = json.dumps(RAW)[1:-1]
    if mark not in text:
        return text.encode()
    before, _, rest = text.partition(f'"{mark}')
    raw = next(bend.removeprefix(RAW) for bend in _raws() if rest.startswith(_inside(bend)))
    return (
        before.encode() + raw.encode(errors="surrogateescape") + rest[len(_inside(RAW + raw)) + 1 :].encode()
    )


def _raws() -> list[str]:
    """The longest first: one begins like another."""
    raws = [bend for bend in JSON_BENDS.values() if isinstance(bend, str) and bend.startswith(RAW)]
    return sorted(raws, key=len, reverse=True)


def _inside(raw: str) -> str:
    return json.dumps(raw.removeprefix(RAW))[1:-1]


def bent_bytes(good: bytes, *, places: int = 60) -> Iterator[tuple[str, bytes]]:
    """Cut, doubled, shifted, a bit turned at many places; then whole bodies of something else."""
    for place in range(0, len(good), max(1, len(good) // places)):
        for bit in (0x01, 0x80):
            yield f"bit {place} {bit}", good[:place] + bytes([good[place] ^ bit]) + good[place + 1 :]
        yield f"cut {place}", good[:place]
        yield f"without {place}", good[:place] + good[place + 1 :]
    yield "twice", good + good
    yield "more", good + b"\0"
    yield "reversed", good[::-1]
    yield "zeros", bytes(len(good))
    yield from BODIES.items()


def bent_xml(good: str) -> Iterator[tuple[str, bytes]]:
    """Each element of the text emptied, filled, removed and doubled, then texts that are no XML of ours."""
    count = sum(1 for _ in etree.fromstring(good).iter())
    for place in range(1, count):
        for how in (*XML_BENDS, "missing", "twice", "nested", "alone"):
            root = etree.fromstring(good)
            element = list(root.iter())[place]
            yield f"{etree.QName(element).localname}#{place} {how}", _bend_element(root, element, how)
    for how, bytes_ in {"NUL": b"\0", "&#0;": b"&#0;", "not UTF-8": b"\xff"}.items():
        yield how, good.encode().replace(b"<data>", b"<data>" + bytes_, 1)
    yield "deep", good.encode().replace(b"<data>", b"<data>" + b"<a>" * BRACKETS + b"</a>" * BRACKETS, 1)
    yield from BODIES.items()


def _bend_element(root: Any, element: Any, how: str) -> bytes:
    parent = element.getparent()
    if how == "missing":
        parent.remove(element)
    elif how == "twice":
        parent.append(copy.deepcopy(element))
    elif how == "nested":
        element.append(copy.deepcopy(element))
    elif how == "alone":
        for other in [one for one in parent if one is not element]:
            parent.remove(other)
    else:
        for below in list(element):
            element.remove(below)
        element.text = XML_BENDS[how]
    return etree.tostring(root, encoding="utf-8")
