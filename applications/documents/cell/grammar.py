"""What a page may be made of (D9): the kinds of dictionaries and streams that are needed to show it, their
keys, and what may stand under each. What is not said here is not copied.

A shape is a name of a scalar ("int", "num", "bool", "str", "name"), a name that must stand there ("/Form"),
a kind or an alias of below, [shape] for an array of it, a tuple for an array of just these, a Map for a
dictionary with free keys, or OneOf, whose first shape that fits is taken.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Body(Enum):
    DICTIONARY = 1
    STREAM = 2
    EITHER = 3


@dataclass(frozen=True)
class OneOf:
    shapes: tuple[Any, ...]


@dataclass(frozen=True)
class Map:
    shape: Any


@dataclass(frozen=True)
class Kind:
    """A dictionary or a stream: `needs` tells it from others, `adds` is written whatever stood there."""

    keys: Mapping[str, Any]
    body: Body = Body.DICTIONARY
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    adds: Mapping[str, str] = field(default_factory=dict)
    codecs: bool = False  # whether a picture's own packing may stand in it


def one_of(*shapes: Any) -> OneOf:
    return OneOf(shapes)


SCALARS = {"int", "num", "bool", "str", "name"}
NUMBERS = ["num"]

ALIASES: dict[str, Any] = {
    "Color": one_of(
        ("/ICCBased", "Profile"),
        ("/Indexed", "Color", "int", one_of("str", "Bytes")),
        ("/Separation", "name", "Color", "Function"),
        ("/DeviceN", ["name"], "Color", "Function"),
        ("/CalRGB", "Calibrated"),
        ("/CalGray", "Calibrated"),
        ("/Lab", "Calibrated"),
        ("/Pattern", "Color"),
        ("name",),
        "name",
    ),
    "Functions": one_of("Function", ["Function"]),
    "XObject": one_of("Form", "Image"),
    "Pattern": one_of("Tiling", "Shaded"),
    "Font": one_of("Type3", "Type0", "Simple"),
    "Layer": one_of("Group", "Membership"),
    "Widths": [one_of("num", NUMBERS)],
    "Condition": one_of(["Condition"], "Group", "name"),
}

_FORM = {"/FormType": "int", "/BBox": NUMBERS, "/Matrix": NUMBERS, "/Resources": "Resources"}
_DESCRIPTOR = {
    **dict.fromkeys(("/FontName", "/FontStretch"), "name"),
    **dict.fromkeys(
        (
            "/FontWeight", "/ItalicAngle", "/Ascent", "/Descent", "/Leading", "/CapHeight", "/XHeight",
            "/StemV", "/StemH", "/AvgWidth", "/MaxWidth", "/MissingWidth",
        ),
        "num",
    ),
    "/FontFamily": "str", "/Flags": "int", "/FontBBox": NUMBERS,
    "/FontFile": "FontFile", "/FontFile2": "FontFile", "/FontFile3": "FontFile3",
}  # fmt: skip

KINDS: dict[str, Kind] = {
    # --- the file and its pages (the tree itself is made anew) -----------------------------------
    "Page": Kind(
        {"/Resources": "Resources", "/Contents": one_of("Content", ["Content"]), "/Group": "Transparency"},
        adds={"/Type": "/Page"},
    ),
    "Content": Kind({}, Body.STREAM),
    "Resources": Kind(
        {
            "/ExtGState": Map("State"), "/ColorSpace": Map("Color"), "/Pattern": Map("Pattern"),
            "/Shading": Map("Shading"), "/XObject": Map("XObject"), "/Font": Map("Font"),
            "/Properties": Map("Layer"), "/ProcSet": ["name"],
        }
    ),
    # --- what is drawn ---------------------------------------------------------------------------
    "Form": Kind(
        {**_FORM, "/Group": "Transparency", "/OC": "Layer"},
        Body.STREAM,
        needs={"/Subtype": ("/Form",)},
        adds={"/Type": "/XObject", "/Subtype": "/Form"},
    ),
    "Image": Kind(
        {
            "/Width": "int", "/Height": "int", "/BitsPerComponent": "int", "/ColorSpace": "Color",
            "/Intent": "name", "/ImageMask": "bool", "/Mask": one_of("Image", NUMBERS), "/Decode": NUMBERS,
            "/Interpolate": "bool", "/SMask": "Image", "/SMaskInData": "int", "/Matte": NUMBERS,
            "/OC": "Layer",
        },
        Body.STREAM,
        needs={"/Subtype": ("/Image",)},
        adds={"/Type": "/XObject", "/Subtype": "/Image"},
        codecs=True,
    ),
    "Transparency": Kind(
        {"/CS": "Color", "/I": "bool", "/K": "bool"},
        needs={"/S": ("/Transparency",)},
        adds={"/Type": "/Group", "/S": "/Transparency"},
    ),
    "State": Kind(
        {
            **dict.fromkeys(("/LW", "/ML", "/FL", "/SM", "/CA", "/ca"), "num"),
            **dict.fromkeys(("/LC", "/LJ", "/OPM"), "int"),
            **dict.fromkeys(("/OP", "/op", "/SA", "/AIS", "/TK"), "bool"),
            "/D": (NUMBERS, "num"), "/RI": "name", "/Font": ("Font", "num"), "/BM": one_of("name", ["name"]),
            "/SMask": one_of("/None", "SoftMask"),
            **dict.fromkeys(("/TR", "/TR2"), one_of("name", "Function", ["Function"])),
        },
        adds={"/Type": "/ExtGState"},
    ),
    "SoftMask": Kind(
        {"/S": "name", "/G": "Form", "/BC": NUMBERS, "/TR": one_of("/Identity", "Function")},
        needs={"/S": ("/Alpha", "/Luminosity")},
        adds={"/Type": "/Mask"},
    ),
    "Tiling": Kind(
        {
            **dict.fromkeys(("/PatternType", "/PaintType", "/TilingType"), "int"), "/BBox": NUMBERS,
            "/XStep": "num", "/YStep": "num", "/Resources": "Resources", "/Matrix": NUMBERS,
        },
        Body.STREAM,
        adds={"/Type": "/Pattern"},
    ),
    "Shaded": Kind(
        {"/PatternType": "int", "/Shading": "Shading", "/Matrix": NUMBERS, "/ExtGState": "State"},
        adds={"/Type": "/Pattern"},
    ),
    "Shading": Kind(
        {
            **dict.fromkeys(
                (
                    "/ShadingType", "/BitsPerCoordinate", "/BitsPerComponent", "/BitsPerFlag",
                    "/VerticesPerRow",
                ),
                "int",
            ),
            **dict.fromkeys(
                ("/Background", "/BBox", "/Domain", "/Matrix", "/Coords", "/Decode"), NUMBERS
            ),
            "/ColorSpace": "Color", "/AntiAlias": "bool", "/Function": "Functions", "/Extend": ["bool"],
        },
        Body.EITHER,
    ),
    "Function": Kind(
        {
            **dict.fromkeys(("/FunctionType", "/BitsPerSample", "/Order"), "int"), "/N": "num",
            **dict.fromkeys(
                ("/Domain", "/Range", "/Size", "/Encode", "/Decode", "/C0", "/C1", "/Bounds"), NUMBERS
            ),
            "/Functions": ["Function"],
        },
        Body.EITHER,
    ),
    "Profile": Kind({"/N": "int", "/Alternate": "Color", "/Range": NUMBERS}, Body.STREAM),
    "Calibrated": Kind(
        dict.fromkeys(("/WhitePoint", "/BlackPoint", "/Matrix", "/Range"), NUMBERS)
        | {"/Gamma": one_of("num", NUMBERS)}
    ),
    "Bytes": Kind({}, Body.STREAM),
    # --- fonts -----------------------------------------------------------------------------------
    "Simple": Kind(
        {
            "/Subtype": "name", "/BaseFont": "name", "/FirstChar": "int", "/LastChar": "int",
            "/Widths": NUMBERS, "/FontDescriptor": "Descriptor", "/Encoding": one_of("name", "Encoding"),
            "/ToUnicode": one_of("name", "CMap"),
        },
        needs={"/Subtype": ("/Type1", "/MMType1", "/TrueType")},
        adds={"/Type": "/Font"},
    ),
    "Type0": Kind(
        {
            "/BaseFont": "name", "/Encoding": one_of("name", "CMap"), "/DescendantFonts": ["CIDFont"],
            "/ToUnicode": one_of("name", "CMap"),
        },
        needs={"/Subtype": ("/Type0",)},
        adds={"/Type": "/Font", "/Subtype": "/Type0"},
    ),
    "Type3": Kind(
        {
            "/FontBBox": NUMBERS, "/FontMatrix": NUMBERS, "/CharProcs": Map("Content"),
            "/Encoding": one_of("name", "Encoding"), "/FirstChar": "int", "/LastChar": "int",
            "/Widths": NUMBERS, "/FontDescriptor": "Descriptor", "/Resources": "Resources",
            "/ToUnicode": one_of("name", "CMap"),
        },
        needs={"/Subtype": ("/Type3",)},
        adds={"/Type": "/Font", "/Subtype": "/Type3"},
    ),
    "CIDFont": Kind(
        {
            "/Subtype": "name", "/BaseFont": "name", "/CIDSystemInfo": "Collection",
            "/FontDescriptor": "Descriptor", "/DW": "num", "/W": "Widths", "/DW2": NUMBERS, "/W2": "Widths",
            "/CIDToGIDMap": one_of("name", "Bytes"),
        },
        needs={"/Subtype": ("/CIDFontType0", "/CIDFontType2")},
        adds={"/Type": "/Font"},
    ),
    "Collection": Kind({"/Registry": "str", "/Ordering": "str", "/Supplement": "int"}),
    "Descriptor": Kind(_DESCRIPTOR, adds={"/Type": "/FontDescriptor"}),
    "FontFile": Kind(dict.fromkeys(("/Length1", "/Length2", "/Length3"), "int"), Body.STREAM),
    "FontFile3": Kind(
        {"/Subtype": "name"}, Body.STREAM, needs={"/Subtype": ("/Type1C", "/CIDFontType0C", "/OpenType")}
    ),
    "Encoding": Kind(
        {"/BaseEncoding": "name", "/Differences": [one_of("int", "name")]}, adds={"/Type": "/Encoding"}
    ),
    "CMap": Kind(
        {
            "/CMapName": "name", "/CIDSystemInfo": one_of("Collection", ["Collection"]), "/WMode": "int",
            "/UseCMap": one_of("name", "CMap"),
        },
        Body.STREAM,
        adds={"/Type": "/CMap"},
    ),
    # --- layers: whether they are shown ----------------------------------------------------------
    "Group": Kind(
        {"/Name": "str", "/Intent": one_of("name", ["name"]), "/Usage": "Usage"},
        needs={"/Type": ("/OCG",)},
        adds={"/Type": "/OCG"},
    ),
    "Membership": Kind(
        {"/OCGs": one_of(["Group"], "Group"), "/P": "name", "/VE": ["Condition"]},
        needs={"/Type": ("/OCMD",)},
        adds={"/Type": "/OCMD"},
    ),
    "Usage": Kind({"/View": "Viewed", "/Print": "Printed", "/Export": "Exported"}),
    "Viewed": Kind({"/ViewState": "name"}),
    "Printed": Kind({"/Subtype": "name", "/PrintState": "name"}),
    "Exported": Kind({"/ExportState": "name"}),
    "Layers": Kind({"/OCGs": ["Group"], "/D": "Shown"}),
    "Shown": Kind({"/BaseState": "name", "/ON": ["Group"], "/OFF": ["Group"], "/AS": ["Automatic"]}),
    "Automatic": Kind({"/Event": "name", "/OCGs": ["Group"], "/Category": ["name"]}),
}  # fmt: skip
