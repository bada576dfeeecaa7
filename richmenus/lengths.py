"""What a person sees as one character: how LINE counts labels, and what is drawn as one."""

import unicodedata

JOINER, VARIATIONS, SKIN = "\u200d", range(0xFE00, 0xFE10), range(0x1F3FB, 0x1F400)


def graphemes(text: str) -> int:
    """A letter with its marks is one, and so is an emoji made of several; close, not exact.
    Marks that stand on nothing are none."""
    found = clusters(text)
    return len(found) - (bool(found) and extends(found[0][0]))


def clusters(text: str) -> list[str]:
    """The same characters, one by one; together they are the text."""
    found: list[str] = []
    for letter in text:
        joined = bool(found) and found[-1].endswith(JOINER)
        if found and (joined or extends(letter)):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def extends(letter: str) -> bool:
    """Whether it belongs to what stands before it."""
    return (
        unicodedata.category(letter) in ("Mn", "Me", "Cf")
        or ord(letter) in VARIATIONS
        or ord(letter) in SKIN
    )
