"""From the cells of a row to what they say of a member."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from core.errors import Invalid
from members import fields
from members.importing.columns import EXTRA

NEVER_CLEARED = ("number", "joined_on", "status")
"""An empty cell keeps these even when empty cells clear: nobody turns active by a gap."""
_FEW_VALUES = ("rank", "store", "gender", "status", "language", "points", "tags")
"""Read once for each different cell."""


@dataclass(slots=True)
class Row:
    """What one row says. A field that is not in `values` stays as it is."""

    line: int
    number: str
    values: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None


class BadRow(Exception):
    """A row that is not written: the column at fault, and why."""

    def __init__(self, column: str, why: Invalid) -> None:
        super().__init__(column)
        self.column = column
        self.why = why


class Reader:
    """Reads the rows of one file, whose columns hold these fields (importing.columns)."""

    def __init__(
        self, header: Sequence[str], fields_of: Sequence[str], region: str, today: date,
        *, empty_clears: bool = False,
    ) -> None:  # fmt: skip
        self._width = len(header)
        self._clears = empty_clears
        readers: dict[str, Callable[[str], Any]] = dict(fields.readers(region, today))
        readers["tags"] = fields.tags
        for name in _FEW_VALUES:
            readers[name] = lru_cache(maxsize=8_192)(readers[name])
        self._number = fields_of.index("number")
        self._number_column = header[self._number]
        self._plan = [
            (place, header[place], name, readers[name])
            for place, name in enumerate(fields_of)
            if name in readers and name != "number"
        ]
        self._extras = [
            (place, name.removeprefix(EXTRA))
            for place, name in enumerate(fields_of)
            if name.startswith(EXTRA)
        ]

    def row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != self._width:
            cells = self._trimmed(cells)
        try:
            row = Row(line, fields.number(cells[self._number]))
        except Invalid as e:
            raise BadRow(self._number_column, e) from e
        for place, column, name, read in self._plan:
            cell = cells[place]
            empty = not cell or cell.isspace()
            if empty and (not self._clears or name in NEVER_CLEARED):
                continue
            try:
                row.values[name] = read("" if empty else cell)
            except Invalid as e:
                raise BadRow(column, e) from e
        row.tags = row.values.pop("tags", None)
        for place, name in self._extras:
            cell = cells[place].strip()
            if cell or self._clears:
                row.extra[name] = cell
        return row

    def _trimmed(self, cells: list[str]) -> list[str]:
        """Spreadsheets leave empty cells at the end; anything else is a broken row."""
        if len(cells) < self._width or any(cells[self._width :]):
            raise BadRow("", Invalid("members.import_cells", have=len(cells), want=self._width))
        return cells[: self._width]
