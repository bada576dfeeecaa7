"""Where this machine keeps fonts that have Japanese letters, and what they cannot write."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from richmenus.drawing.canvas import Fonts

NOTO = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
KNOWN = (
    # Folder, regular, bold: Debian and Ubuntu (fonts-noto-cjk), Fedora, Alpine, …
    ("/usr/share/fonts/opentype/noto", *NOTO),
    ("/usr/share/fonts/google-noto-cjk", *NOTO),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts", *NOTO),
    ("/usr/share/fonts/noto", *NOTO),
    ("/usr/share/fonts/noto-cjk", *NOTO),
    ("/usr/share/fonts/opentype/ipaexfont-gothic", "ipaexg.ttf", "ipaexg.ttf"),
    ("/usr/share/fonts/opentype/ipafont-gothic", "ipagp.ttf", "ipagp.ttf"),
    ("/System/Library/Fonts", "ヒラギノ角ゴシック W3.ttc", "ヒラギノ角ゴシック W6.ttc"),
)


@lru_cache(maxsize=1)
def japanese() -> Fonts | None:
    """None: there are none, and pictures cannot be composed here."""
    for folder, regular, bold in KNOWN:
        light, heavy = Path(folder, regular), Path(folder, bold)
        if light.is_file() and heavy.is_file():
            return Fonts(light, heavy, heavy)
    return None


def unwritable(fonts: Fonts, said: str) -> str:
    """The letters that the font lacks, such as emoji."""
    return "".join(dict.fromkeys(_missing(fonts, said)))


def _missing(fonts: Fonts, said: str) -> Iterator[str]:
    font = fonts.get("bold", 20)
    nothing = _drawn(font, "\U000f0000")
    for letter in said:
        if not letter.isspace() and _drawn(font, letter) == nothing:
            yield letter


def _drawn(font: ImageFont.FreeTypeFont, letter: str) -> bytes:
    return bytes(font.getmask(letter))
