"""Writing one line with several fonts: each character by the first font that has it.

Emoji keep their colours. Fonts of emoji hold pictures of one size, which are brought to the size
of the letters beside them.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from richmenus.lengths import VARIATIONS, clusters

STRIKE = 109
"""The one size, in pixels, in which Noto Color Emoji has its pictures."""
EMOJI_WIDE, MIDDLE = 1.1, 0.38
"""Of the size of letters: how wide an emoji is, and how far above their foot its middle is."""
AS_PICTURE = "\ufe0f"
"""After a character that letters' fonts have as well: the emoji is meant."""
NOTHING = "\U000f0000"
"""A character that no font has."""


@dataclass(frozen=True)
class Run:
    """Characters that one font has."""

    said: str
    font: Path
    size: float
    """Of the letters, in pixels."""

    @property
    def length(self) -> float:
        if is_of_one_size(self.font):
            return self._picture_scale * opened(self.font, STRIKE).getlength(self.said)
        return opened(self.font, round(self.size)).getlength(self.said)

    def draw(self, image: Image.Image, x: float, foot: float, color: str) -> None:
        """`foot`: the line that letters stand on."""
        if is_of_one_size(self.font):
            self._paste(image, x, foot)
            return
        font = opened(self.font, round(self.size))
        pen = ImageDraw.Draw(image)
        pen.text((x, foot), self.said, fill=color, font=font, anchor="ls", embedded_color=True)

    def _paste(self, image: Image.Image, x: float, foot: float) -> None:
        font, scale = opened(self.font, STRIKE), self._picture_scale
        own = (math.ceil(font.getlength(self.said)), sum(font.getmetrics()))
        drawn = Image.new("RGBA", own)
        ImageDraw.Draw(drawn).text((0, 0), self.said, font=font, embedded_color=True)
        wide, high = (max(1, round(side * scale)) for side in own)
        sized = drawn.resize((wide, high), Image.Resampling.LANCZOS)
        top = foot - MIDDLE * self.size - high / 2
        image.paste(sized, (round(x), round(top)), sized)

    @property
    def _picture_scale(self) -> float:
        return EMOJI_WIDE * self.size / opened(self.font, STRIKE).getlength("\U0001f600")


def runs(fonts: Sequence[Path], said: str, size: float) -> list[Run]:
    """The line in parts; what no font has is left to the first."""
    chosen = [(font_of(fonts, each) or fonts[0], each) for each in clusters(said)]
    return [
        Run("".join(each for _, each in part), font, size)
        for font, part in groupby(chosen, key=lambda pair: pair[0])
    ]


def unwritable(fonts: Sequence[Path], said: str) -> list[str]:
    """The characters that no font has, each once."""
    known = dict.fromkeys(clusters(said))
    return [each for each in known if not each.isspace() and font_of(fonts, each) is None]


def font_of(fonts: Sequence[Path], character: str) -> Path | None:
    composed = unicodedata.normalize("NFC", character)
    needed = [letter for letter in composed if _is_drawn(letter)]
    order = sorted(fonts, key=is_of_one_size, reverse=True) if AS_PICTURE in character else fonts
    return next((font for font in order if all(_has(font, each) for each in needed)), None)


def _is_drawn(letter: str) -> bool:
    hidden = ord(letter) in VARIATIONS or unicodedata.category(letter) in ("Cf", "Cc")
    return not hidden and not letter.isspace()


@lru_cache(maxsize=4_096)
def _has(font: Path, letter: str) -> bool:
    """By its own glyph alone: shaping would take some letters apart, such as Thai am."""
    size = STRIKE if is_of_one_size(font) else 24
    plain = ImageFont.truetype(str(font), size, layout_engine=ImageFont.Layout.BASIC)
    mask, nothing = (plain.getmask(each, mode="L") for each in (letter, NOTHING))
    return mask.getbbox() is not None and bytes(mask) != bytes(nothing)


@lru_cache(maxsize=64)
def is_of_one_size(font: Path) -> bool:
    """Whether it holds pictures, as fonts of emoji do."""
    return not _opens(font, 24)


def is_font(file: Path) -> bool:
    return _opens(file, 24) or _opens(file, STRIKE)


def _opens(file: Path, size: int) -> bool:
    try:
        ImageFont.truetype(str(file), size)
    except OSError:
        return False
    return True


@lru_cache(maxsize=256)
def opened(font: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font), size)
