"""A CSV file as brands have them: UTF-8 or Shift_JIS, commas or tabs, read row by row.

The whole file is never in memory, however long it is.
"""

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

from core.errors import Invalid

ENCODINGS = ("utf-8", "cp932")
"""Tried in this order: text in Shift_JIS is hardly ever UTF-8 by chance."""
_BLOCK = 1 << 20
_LONGEST_CELL = 100_000
"""A quotation mark that is never closed would otherwise swallow the file."""


class Line(NamedTuple):
    """A row of the file, with the line of the file it begins on."""

    number: int
    cells: list[str]


def encoding_of(path: Path) -> str:
    """How a file is written. Raises Invalid when it is neither."""
    with path.open("rb") as file:
        beginning = file.read(4)
    if beginning.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if beginning.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ENCODINGS:
        if _decodes(path, encoding):
            return encoding
    raise Invalid("members.import_encoding")


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class Table:
    """The header and, some at a time, the rows; `read` counts the bytes that are through."""

    def __init__(self, file: TextIO, delimiter: str) -> None:
        self._file = file
        self._rows = csv.reader(file, delimiter=delimiter, strict=False)
        first = self.some(1)
        self.header = [cell.strip() for cell in first[0].cells] if first else []

    @property
    def read(self) -> int:
        return self._file.buffer.tell()

    def some(self, most: int, size: int = _BLOCK) -> list[Line]:
        """The next rows that are not empty: so many, or until they have taken so many bytes.
        None when there are no more."""
        rows, tell, found = self._rows, self._file.buffer.tell, []
        begins, until = rows.line_num + 1, tell() + size
        try:
            for cells in rows:
                if any(cells):
                    found.append(Line(begins, cells))
                    if len(found) == most or tell() > until:
                        break
                begins = rows.line_num + 1
        except csv.Error as e:
            raise Invalid("members.import_unreadable", line=rows.line_num, why=e) from e
        return found


@contextmanager
def opened(path: Path) -> Iterator[Table]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding=encoding_of(path), newline="") as file:
        first = file.readline()
        file.seek(0)
        yield Table(file, "\t" if first.count("\t") > first.count(",") else ",")
