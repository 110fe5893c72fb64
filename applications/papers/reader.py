"""A reader of papers, which are some three hundred small objects in one packed stream. Imported late, as
pyHanko itself is: half a second."""

import io
from typing import Any

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader


class PaperReader(PdfFileReader):
    """Opens a packed stream once; pyHanko does so anew, and reads through its index, for each object in it,
    which was most of the time of a check. Whatever is not as it should be is left to pyHanko to judge."""

    def __init__(self, pdf: bytes) -> None:
        self._opened: dict[int, tuple[io.BytesIO, dict[int, tuple[int, int]]]] = {}
        super().__init__(io.BytesIO(pdf))

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> Any:
        try:
            if stmnum not in self._opened:
                self._opened[stmnum] = self._open(stmnum)
            content, places = self._opened[stmnum]
            index, place = places[idnum]
            content.seek(place)
            found = generic.read_object(content, generic.Reference(idnum, 0, self))
            if index != idx or isinstance(found, (generic.StreamObject, generic.IndirectObject)):
                raise ValueError
        except (ValueError, KeyError, AssertionError, misc.PdfReadError):
            library: Any = super()
            found = library._get_object_from_stream(idnum, stmnum, idx)
        return found

    def _open(self, stmnum: int) -> tuple[io.BytesIO, dict[int, tuple[int, int]]]:
        """What it holds, and for each object its index and place."""
        stream: Any = generic.Reference(stmnum, 0, self).get_object()
        data = stream.read_data(DecodePurpose.OBJECT_STREAM)
        first = int(stream["/First"])
        head = [int(number) for number in data[:first].split()]
        pairs = zip(head[::2], head[1::2], strict=True)
        places = {number: (index, first + offset) for index, (number, offset) in enumerate(pairs)}
        if len(places) != stream["/N"]:
            raise ValueError
        return io.BytesIO(data), places


def writer_of(pdf: bytes) -> IncrementalPdfFileWriter:
    """For what is added behind the paper's last byte."""
    return IncrementalPdfFileWriter.from_reader(PaperReader(pdf))
