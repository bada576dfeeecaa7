"""A canvas in the pixels of the finished picture, drawn larger and then made smooth."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont

from richmenus.drawing import writing

FINER = 2
WIDTH, HEIGHT = 2500, 1686

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Fonts:
    regular: Path
    bold: Path
    serif: Path
    """Of a collection, the first face is used: the Japanese one of Noto CJK."""
    more: tuple[Path, ...] = ()
    """For what these do not have, in this order: Thai, emoji."""

    def get(self, style: str, size: float) -> ImageFont.FreeTypeFont:
        return writing.opened(getattr(self, style), round(size * FINER))

    def runs(self, style: str, said: str, size: float) -> list[writing.Run]:
        return writing.runs([getattr(self, style), *self.more], said, size * FINER)

    def width(self, style: str, said: str, size: float) -> float:
        return sum(run.length for run in self.runs(style, said, size)) / FINER

    def unwritable(self, said: str) -> list[str]:
        """The characters that none of them has, each once."""
        return writing.unwritable([self.bold, *self.more], said)


def mix(one: str, other: str, share: float) -> str:
    """A colour between two."""
    a, b = ImageColor.getrgb(one), ImageColor.getrgb(other)
    parts = (round(x + (y - x) * share) for x, y in zip(a[:3], b[:3], strict=True))
    return "#{:02x}{:02x}{:02x}".format(*parts)


@dataclass
class Canvas:
    fonts: Fonts
    background: str = "#ffffff"
    width: int = WIDTH
    height: int = HEIGHT
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        size = (self.width * FINER, self.height * FINER)
        self.image = Image.new("RGB", size, self.background)
        self.draw = ImageDraw.Draw(self.image)

    def finished(self) -> Image.Image:
        return self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)

    def color_in(self, image: Image.Image, at: Point) -> str:
        """The colour of a copy of this canvas at a point."""
        x, y = (min(max(round(each * FINER), 0), limit - 1)
                for each, limit in zip(at, image.size, strict=True))  # fmt: skip
        pixel = image.getpixel((x, y))
        return "#{:02x}{:02x}{:02x}".format(*pixel) if isinstance(pixel, tuple) else "#000000"

    # Surfaces

    def fade(self, box: Box, start: str, end: str) -> None:
        """A gradient from the top left to the bottom right."""
        left, top, right, bottom = (round(each * FINER) for each in box)
        slope = Image.linear_gradient("L")
        size = (right - left, bottom - top)
        across = slope.rotate(90).resize(size)
        down = slope.resize(size)
        mask = Image.blend(across, down, 0.45)
        self.image.paste(Image.new("RGB", size, start), (left, top))
        self.image.paste(Image.new("RGB", size, end), (left, top), mask)

    def box(
        self, box: Box, fill: str, *, radius: float = 0, line: str = "", width: float = 0
    ) -> None:
        self.draw.rounded_rectangle(
            [each * FINER for each in box],
            radius * FINER,
            fill=fill or None,
            outline=line or None,
            width=round(width * FINER),
        )

    def shadow(self, box: Box, radius: float, strength: int = 46, spread: float = 26) -> None:
        """A soft shadow under a raised surface."""
        mask = Image.new("L", self.image.size, 0)
        left, top, right, bottom = box
        moved = [left * FINER, (top + 14) * FINER, right * FINER, (bottom + 14) * FINER]
        ImageDraw.Draw(mask).rounded_rectangle(moved, radius * FINER, fill=strength)
        mask = mask.reduce(8).filter(ImageFilter.GaussianBlur(spread * FINER / 8))
        self.image.paste("#000000", (0, 0), mask.resize(self.image.size))

    def circle(self, center: Point, radius: float, fill: str) -> None:
        x, y = center
        box = (x - radius, y - radius, x + radius, y + radius)
        self.draw.ellipse([each * FINER for each in box], fill=fill)

    # Strokes

    def stroke(self, points: Sequence[Point], color: str, width: float) -> None:
        """A line with round ends and joints, as a round pen draws it."""
        for start, end in pairwise(points):
            steps = max(1, math.ceil(math.dist(start, end) * FINER / 2))
            for n in range(steps + 1):
                share = n / steps
                x = start[0] + (end[0] - start[0]) * share
                y = start[1] + (end[1] - start[1]) * share
                self.circle((x, y), width / 2, color)

    def curve(
        self, at: Callable[[float], Point], color: str, width: float, steps: int = 120
    ) -> None:
        """A line along `at(0) … at(1)`."""
        self.stroke([at(n / steps) for n in range(steps + 1)], color, width)

    def ring(self, center: Point, radius: float, color: str, width: float) -> None:
        self.arc(center, radius, 0, 360, color, width)

    def arc(
        self, center: Point, radius: float, start: float, end: float, color: str, width: float
    ) -> None:
        """Degrees run clockwise from three o'clock."""
        x, y = center

        def at(share: float) -> Point:
            angle = math.radians(start + (end - start) * share)
            return x + radius * math.cos(angle), y + radius * math.sin(angle)

        self.curve(at, color, width)

    def outline(self, box: Box, color: str, width: float, radius: float) -> None:
        half = width / 2
        left, top, right, bottom = box
        grown = (left - half, top - half, right + half, bottom + half)
        self.box(grown, "", radius=radius + half, line=color, width=width)

    def shape(self, points: Sequence[Point], fill: str) -> None:
        self.draw.polygon([(x * FINER, y * FINER) for x, y in points], fill=fill)

    # Words

    def words(
        self,
        at: Point,
        said: str,
        color: str,
        size: float,
        *,
        style: str = "bold",
        anchor: str = "mm",
        spacing: float = 0,
    ) -> None:
        """One line. `spacing` is put between the letters, in pixels."""
        runs = self.fonts.runs(style, said, size)
        if any(run.font != runs[0].font or run.font in self.fonts.more for run in runs):
            self._mixed(at, runs, color, self.fonts.get(style, size), anchor)
            return
        font = self.fonts.get(style, size)
        x, y = at
        widths = [font.getlength(letter) / FINER for letter in said]
        whole = sum(widths) + spacing * (len(said) - 1)
        if not spacing:
            self.draw.text((x * FINER, y * FINER), said, fill=color, font=font, anchor=anchor)
            return
        x -= {"l": 0.0, "m": whole / 2, "r": whole}[anchor[0]]
        for letter, width in zip(said, widths, strict=True):
            place = (x * FINER, y * FINER)
            self.draw.text(place, letter, fill=color, font=font, anchor="l" + anchor[1])
            x += width + spacing

    def _mixed(
        self, at: Point, runs: Sequence[writing.Run], color: str,
        first: ImageFont.FreeTypeFont, anchor: str,
    ) -> None:  # fmt: skip
        """With several fonts; they stand on the line that the first alone would stand on."""
        whole = sum(run.length for run in runs)
        x = at[0] * FINER - {"l": 0.0, "m": whole / 2, "r": whole}[anchor[0]]
        ascent, descent = first.getmetrics()
        foot = at[1] * FINER + (ascent - descent) / 2
        for run in runs:
            run.draw(self.image, x, foot, color)
            x += run.length
