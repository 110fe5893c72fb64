"""Several shots of one document become one PDF, a page each (D71). In the cell, of pictures that it has
written itself: none is decoded."""

import io

import pikepdf

from applications.documents.cell import jpeg_walk, parcel

A4 = (595, 842)  # points


def join(content: bytes) -> tuple[bytes, int, int, int]:
    """The shots in their order, with how many there are. Raises Rejected."""
    with pikepdf.new() as target:
        for shot in parcel.unpack(content):
            _add(target, shot)
        out = io.BytesIO()
        target.save(out, deterministic_id=True)
        return out.getvalue(), 0, 0, len(target.pages)


def _add(target: pikepdf.Pdf, shot: bytes) -> None:
    """On a sheet of A4, upright or lying as the picture is, as large as it fits."""
    walked = jpeg_walk.walk(shot)
    sheet = A4 if walked.height >= walked.width else (A4[1], A4[0])
    scale = min(sheet[0] / walked.width, sheet[1] / walked.height)
    wide, high = walked.width * scale, walked.height * scale
    picture = pikepdf.Stream(
        target,
        walked.picture,
        Type=pikepdf.Name.XObject,
        Subtype=pikepdf.Name.Image,
        Width=walked.width,
        Height=walked.height,
        ColorSpace=pikepdf.Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )
    page = target.add_blank_page(page_size=sheet)
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=target.make_indirect(picture)))
    left, low = (sheet[0] - wide) / 2, (sheet[1] - high) / 2
    drawn = f"q {wide:.2f} 0 0 {high:.2f} {left:.2f} {low:.2f} cm /P Do Q"
    page.Contents = target.make_stream(drawn.encode())
