"""Lengths as LINE counts them: UTF-16 code units for most texts, grapheme clusters for labels."""

import unicodedata
from collections.abc import Iterator

from simulator.errors import Fault

_JOINER = "\u200d"
_SPACING = "\u0e33\u0eb3"  # Thai and Lao AM, which are letters that extend what is before them


def units(text: str) -> int:
    """UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """What a reader would call characters: near enough to Unicode's TR29 for labels and names."""
    count, flags, joined = 0, 0, False
    for character in text:
        flag = "\U0001f1e6" <= character <= "\U0001f1ff"
        flags = flags + 1 if flag else 0
        begins = not (_extends(character) or joined or (flag and flags % 2 == 0))
        count += begins
        joined = character == _JOINER
    return count


def _extends(character: str) -> bool:
    skin = "\U0001f3fb" <= character <= "\U0001f3ff"
    marks = unicodedata.category(character) in ("Mn", "Me", "Mc")
    return marks or skin or character == _JOINER or character in _SPACING


def length(
    text: str, at: str, most: int, *, least: int = 1, visible: bool = False
) -> Iterator[Fault]:
    """A fault unless the text's length fits; `visible` counts graphemes."""
    if not least <= (graphemes(text) if visible else units(text)) <= most:
        yield Fault(f"Length must be between {least} and {most}", at)
