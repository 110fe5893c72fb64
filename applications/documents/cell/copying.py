"""A stranger's objects, copied one by one as far as the grammar knows them (D9)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pikepdf

from applications.documents.cell import images, streams
from applications.documents.cell.grammar import ALIASES, KINDS, SCALARS, Body, Kind, Map, OneOf
from applications.documents.cell.purse import Purse
from applications.documents.faults import Fault, Rejected

MAX_OBJECTS = 400_000  # each number of an array is one
MAX_NESTING = 60
SMALLEST_TILE = 0.25  # points from one to the next
CLOSEST = 20  # times the step that a tile may be large
LARGEST = 2**31  # a number beyond it places or sizes nothing
ABSENT: Any = object()


class Copier:
    """Copies into `target` what fits the grammar; what an object is used as twice is copied once."""

    def __init__(self, target: pikepdf.Pdf, unpacking: Purse) -> None:
        self.target, self.unpacking, self.objects = target, unpacking, Purse(MAX_OBJECTS)
        self._copied: dict[tuple[tuple[int, int], str], Any] = {}
        self._kinds: set[str] = set()

    def copy(self, value: Any, shape: Any, depth: int = 0) -> Any:
        """The value's copy, or ABSENT when it does not fit. Raises Rejected (D9): HEAVY for too many objects
        or too deep a nest, and what a stream is refused for."""
        self.objects.spend(1)
        if depth > MAX_NESTING:
            raise Rejected(Fault.HEAVY)
        if isinstance(shape, str):
            if shape in KINDS:
                return self._kind(value, shape, depth)
            return self.copy(value, ALIASES[shape], depth) if shape in ALIASES else _scalar(value, shape)
        if isinstance(shape, OneOf):
            copies = (self.copy(value, each, depth) for each in shape.shapes)
            return next((copied for copied in copies if copied is not ABSENT), ABSENT)
        if isinstance(shape, Map):
            return self._map(value, shape.shape, depth)
        return self._array(value, shape, depth)

    def has(self, kind_name: str) -> bool:
        """Whether anything of that kind has been copied."""
        return kind_name in self._kinds

    def _array(self, value: Any, shape: list[Any] | tuple[Any, ...], depth: int) -> Any:
        if not isinstance(value, pikepdf.Array):
            return ABSENT
        if isinstance(shape, tuple):
            if len(value) < len(shape):
                return ABSENT
            pairs = list(zip(list(value), shape, strict=False))
            items = [self.copy(item, each, depth + 1) for item, each in pairs]
            return ABSENT if any(item is ABSENT for item in items) else pikepdf.Array(items)
        items = self._items(value, shape[0], depth)
        if items and all(item is ABSENT for item in items):
            return ABSENT
        if isinstance(shape[0], str) and shape[0] in KINDS:
            return pikepdf.Array([item for item in items if item is not ABSENT])
        # A number that is none leaves a gap: the others keep their place.
        return pikepdf.Array([None if item is ABSENT else item for item in items])

    def _items(self, array: Any, shape: Any, depth: int) -> list[Any]:
        if isinstance(shape, str) and shape in SCALARS:  # most that there is in a file
            self.objects.spend(len(array))
            return [_scalar(item, shape) for item in array]
        return [self.copy(item, shape, depth + 1) for item in array]

    def _map(self, value: Any, shape: Any, depth: int) -> Any:
        if not isinstance(value, pikepdf.Dictionary):
            return ABSENT
        copy = pikepdf.Dictionary()
        for text in sorted(value.keys()):
            key = key_of(text)
            if (item := self.copy(value.get(key), shape, depth + 1)) is not ABSENT:
                copy[key] = item
        return copy

    def _kind(self, value: Any, kind_name: str, depth: int) -> Any:
        kind = KINDS[kind_name]
        if not _fits(value, kind):
            return ABSENT
        key = (value.objgen, kind_name)
        if value.is_indirect and key in self._copied:
            return self._copied[key]
        self._kinds.add(kind_name)
        copy = self._new(value, kind)
        if value.is_indirect or kind_name == "Type3":  # such fonts are told apart when they are weighed
            copy = self.target.make_indirect(copy)
        if value.is_indirect:
            self._copied[key] = copy  # before it is filled: resources go round in circles
        self.fill(copy, value, kind.keys, depth)
        for each, text in kind.adds.items():
            copy[each] = pikepdf.Name(text)
        if kind_name == "Tiling":
            _demand_visible_tiles(copy)
        if kind_name == "Image":
            is_photo = copy.get("/Filter") == pikepdf.Name.DCTDecode
            most = images.MAX_PHOTO_PIXELS if is_photo else images.MAX_PIXELS
            images.limit(*(int(copy.get(each, 0)) for each in ("/Width", "/Height")), most=most)
        return copy

    def fill(self, copy: pikepdf.Object, value: pikepdf.Object, keys: Mapping[str, Any], depth: int) -> None:
        for key, shape in keys.items():
            found = value.get(key)
            if found is not None and (item := self.copy(found, shape, depth + 1)) is not ABSENT:
                copy[key] = item

    def _new(self, value: pikepdf.Object, kind: Kind) -> Any:
        if not isinstance(value, pikepdf.Stream):
            return pikepdf.Dictionary()
        packed = streams.read(value, codecs=kind.codecs, purse=self.unpacking)
        copy = pikepdf.Stream(self.target, b"")
        streams.write(copy, packed, self.target)
        return copy


def _demand_visible_tiles(tiling: Any) -> None:
    """Tiles far smaller than a printer's dot, or far closer than they are large, are drawn without end.
    Raises Rejected(HEAVY)."""
    box = [float(side) for side in tiling.get("/BBox", [])]
    matrix = [float(part) for part in tiling.get("/Matrix", [1, 0, 0, 1, 0, 0])]
    if len(box) != 4 or len(matrix) != 6:
        raise Rejected(Fault.UNREADABLE)
    scale = abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]) ** 0.5
    for key, side in (("/XStep", box[2] - box[0]), ("/YStep", box[3] - box[1])):
        step = abs(float(tiling.get(key, 0)))
        if step * scale < SMALLEST_TILE or step * CLOSEST < abs(side):
            raise Rejected(Fault.HEAVY)


def key_of(text: str) -> Any:
    """A key as the library lists it, made one that it also takes: old files have names in other encodings."""
    try:
        text.encode()
    except UnicodeEncodeError:
        octets = text[1:].encode("utf-8", "surrogateescape")
        return pikepdf.Object.parse(b"/" + b"".join(b"#%02x" % octet for octet in octets))
    return text


def _fits(value: Any, kind: Kind) -> bool:
    is_stream = isinstance(value, pikepdf.Stream)
    if not is_stream and not isinstance(value, pikepdf.Dictionary):
        return False
    if kind.body is not Body.EITHER and is_stream != (kind.body is Body.STREAM):
        return False
    return all(any(_is(value.get(key), text) for text in texts) for key, texts in kind.needs.items())


def _is(value: Any, text: str) -> bool:
    return isinstance(value, pikepdf.Name) and value.unparse(resolved=True) == text.encode()


def _scalar(value: Any, shape: str) -> Any:
    if isinstance(value, bool):
        return value if shape == "bool" else ABSENT
    if isinstance(value, int | Decimal):
        return _number(value, shape)
    if isinstance(value, pikepdf.Name):
        fits = shape == "name" or (shape not in SCALARS and _is(value, shape))
        return pikepdf.Object.parse(value.unparse(resolved=True)) if fits else ABSENT
    if isinstance(value, pikepdf.String):
        return pikepdf.String(bytes(value)) if shape == "str" else ABSENT
    return ABSENT


def _number(value: int | Decimal, shape: str) -> Any:
    if not -LARGEST < value < LARGEST:
        return ABSENT
    if shape == "num":
        return value
    return int(value) if shape == "int" and value == int(value) else ABSENT
