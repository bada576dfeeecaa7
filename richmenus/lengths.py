"""How long a text is as LINE counts labels: in what a person sees as characters."""

import unicodedata

JOINER, VARIATIONS, SKIN = "\u200d", range(0xFE00, 0xFE10), range(0x1F3FB, 0x1F400)


def graphemes(text: str) -> int:
    """A letter with its marks is one, and so is an emoji made of several; close, not exact."""
    count, joined = 0, False
    for character in text:
        extends = (
            unicodedata.category(character) in ("Mn", "Me", "Cf")
            or ord(character) in VARIATIONS
            or ord(character) in SKIN
        )
        if not extends and not joined:
            count += 1
        joined = character == JOINER
    return count
