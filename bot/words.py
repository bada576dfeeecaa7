"""Makes what people type comparable: width, case, kana, punctuation and spaces do not matter."""

import unicodedata
from collections.abc import Callable

LONGEST = 100
"""A keyword is short; nothing beyond this is looked at."""

MARKS = ("Mn", "Mc")


def plain(said: str) -> str:
    """NFKC, case folded, hiragana as katakana, without punctuation, spaces and emoji."""
    folded = unicodedata.normalize("NFKC", said[:LONGEST]).casefold()
    return "".join(_katakana(c) for c in folded if c.isalnum() or _is_mark(c))


def _is_mark(c: str) -> bool:
    """Thai vowels and tones are marks on a letter, and belong to the word."""
    return unicodedata.category(c) in MARKS and "\u0e00" <= c <= "\u0e7f"


def _katakana(c: str) -> str:
    return chr(ord(c) + 0x60) if "\u3041" <= c <= "\u3096" else c


def says(*words: str) -> Callable[[str], bool]:
    """Whether somebody said just one of these words."""
    known = frozenset(plain(word) for word in words)
    return lambda said: said in known
