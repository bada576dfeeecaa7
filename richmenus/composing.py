"""Composing a picture from cells of colour, words and icons, and the areas along with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from core.errors import Invalid
from core.settings import Settings
from models import MenuPicture
from richmenus import icon_words, layouts, rulebook, taking
from richmenus.drawing import fonts, icons
from richmenus.drawing.canvas import Box, Canvas, Fonts, Point
from richmenus.images import Picture
from richmenus.problems import BadMenus, on_the_desk

Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
LONGEST = 30
LINES = 2
PALETTES = {
    # Cells, what stands in them, and what shows between them.
    "white": ("#ffffff", "#2c2a26", "#e9ecee"),
    "ink": ("#2c2a26", "#ffffff", "#f8f4ec"),
    "coffee": ("#4b3427", "#f8ecd9", "#efe3d3"),
    "leaf": ("#e3efe5", "#1b4d33", "#f7faf6"),
    "sea": ("#1f4e9c", "#ffffff", "#e8eef8"),
    "cherry": ("#fbe0d8", "#8f2f2a", "#fff8f5"),
    "sun": ("#ffd766", "#3d2c00", "#fff6db"),
}
SHOWN = 640
"""How wide a picture is while it is being made."""


def _known(icon: str) -> str:
    if icon and icon not in icons.BY_NAME:
        raise PydanticCustomError("not_offered", "is none of our icons")
    return icon


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Cell(_Part):
    color: Colour = "#0b6e4f"
    ink: Colour = "#ffffff"
    words: Annotated[str, Field(max_length=LONGEST * LINES)] = ""
    icon: Annotated[str, AfterValidator(_known)] = ""


class Recipe(_Part):
    """Kept with the picture, so that it can be edited again."""

    layout: str
    width: Literal[2500, 1200, 800] = 2500
    style: Literal["plain", "cards"] = "plain"
    ground: Colour = "#f8f4ec"
    cells: list[Cell]

    @property
    def size(self) -> tuple[int, int]:
        width, height = layouts.size_of(self.layout)
        return self.width, round(height * self.width / width)

    @property
    def boxes(self) -> list[layouts.Box]:
        return layouts.boxes(self.layout, *self.size)


@dataclass(frozen=True)
class Composed:
    picture: Picture
    width: int
    height: int


def read(given: Any) -> Recipe:
    """Raises BadMenus, which names each field that is wrong."""
    try:
        recipe = Recipe.model_validate(given)
    except ValidationError as e:
        wrong = [rulebook.wrong(problem) for problem in e.errors()]
        raise BadMenus(on_the_desk("recipe", each) for each in wrong) from e
    if recipe.layout not in layouts.LAYOUTS:
        raise Invalid("staff_menus.no_such_layout")
    number = len(layouts.LAYOUTS[recipe.layout])
    cells = (recipe.cells + [Cell()] * number)[:number]
    return recipe.model_copy(update={"cells": cells})


def painted(recipe: Recipe, color: str, ink: str, ground: str) -> Recipe:
    """In other colours, all of its cells alike."""
    cells = [cell.model_copy(update={"color": color, "ink": ink}) for cell in recipe.cells]
    return recipe.model_copy(update={"cells": cells, "ground": ground})


def of(db: Session, sha256: str) -> Recipe | None:
    """What a kept picture was composed from."""
    row = db.get(MenuPicture, sha256)
    return read(row.recipe) if row and row.recipe else None


def ready(settings: Settings) -> bool:
    """Whether there are letters to write with."""
    return fonts.found(settings) is not None


def unwritable(words: str, settings: Settings) -> list[str]:
    """The characters that cannot be drawn."""
    found = fonts.found(settings)
    return found.unwritable(words) if found else []


def draw(recipe: Recipe, settings: Settings, *, width: int | None = None) -> Composed:
    """Raises Invalid when there are no fonts. `width`: a smaller one, to look at."""
    found = fonts.found(settings)
    if found is None:
        raise Invalid("staff_menus.no_fonts")
    wide, high = recipe.size
    shown = width or wide
    canvas = Canvas(found, recipe.ground, shown, round(high * shown / wide))
    scale = shown / 2500
    boxes = [_placed(box, shown / wide) for box in recipe.boxes]
    if recipe.style == "cards":
        boxes = [_inner(box, 22 * scale) for box in boxes]
        for box in boxes:  # before the cards: none throws its shadow on another
            canvas.shadow(box, 40 * scale, strength=30, spread=26 * scale)
    for box, cell in zip(boxes, recipe.cells, strict=True):
        radius = 40 * scale if recipe.style == "cards" else 0
        canvas.box(box, cell.color, radius=radius)
        _cell(canvas, box, cell, scale)
    made = taking.encoded(canvas.finished(), "composed", lossless=width is None)
    return Composed(made.picture, canvas.width, canvas.height)


def _placed(box: layouts.Box, scale: float) -> Box:
    x, y, width, height = box
    return x * scale, y * scale, (x + width) * scale, (y + height) * scale


def _inner(box: Box, gap: float) -> Box:
    left, top, right, bottom = box
    return left + gap, top + gap, right - gap, bottom - gap


def _cell(canvas: Canvas, box: Box, cell: Cell, scale: float) -> None:
    """`scale`: of this canvas beside one 2500 wide."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    lines = [each.strip() for each in cell.words.split("\n") if each.strip()][:LINES]
    share = 0.46 if len(lines) < LINES else 0.4
    icon = min(width * 0.5, height * share, 420 * scale) if cell.icon else 0.0
    spare = height * 0.05 if icon and lines else 0.0
    size = min(width / 3.2, height / 3.4) if cell.icon else min(width, height) / 4
    room = (height * 0.86 - icon - spare) / (1.25 * max(1, len(lines)))
    letters = _fitting(canvas.fonts, lines, width * 0.86, min(size, room, 150 * scale))
    tall = icon + spare + letters * 1.25 * len(lines)
    y = (top + bottom - tall) / 2
    middle = (left + right) / 2
    if cell.icon:
        _icon(canvas, cell, (middle, y + icon / 2), icon)
        y += icon + spare
    for n, line in enumerate(lines):
        canvas.words((middle, y + letters * (0.6 + 1.25 * n)), line, cell.ink, letters)


def _fitting(found: Fonts, lines: list[str], width: float, most: float) -> float:
    """The largest size at which the longest line is no wider than that."""
    widest = max((found.width("bold", line, 100) for line in lines), default=0.0)
    return min(most, width * 100 / widest) if widest else most


def _icon(canvas: Canvas, cell: Cell, center: Point, size: float) -> None:
    """Icons are drawn in a box of their own, 200 wide, and brought to size."""
    part = Canvas(canvas.fonts, cell.color, 216, 216)
    icons.BY_NAME[cell.icon](part, (108, 108), cell.ink, cell.color)
    side = max(1, round(size * 2))
    x, y = (round(each * 2 - side / 2) for each in center)
    canvas.image.paste(part.image.resize((side, side)), (x, y))


def begun(layout: str, color: str, ink: str, said: Sequence[str] = ()) -> Recipe:
    """What a new picture begins as; `said`: the words of its first cells. The others are
    numbered."""
    cells = []
    for n in range(len(layouts.LAYOUTS[layout])):
        words = (said[n] if n < len(said) else "") or numbered(n)
        cells.append(Cell(color=color, ink=ink, icon=suggested(n, words), words=words))
    return Recipe(layout=layout, style="cards", cells=cells)


def numbered(n: int) -> str:
    """The words of the n-th cell, counted from 0, before it has any."""
    return str(n + 1)


def suggested(n: int, words: str) -> str:
    """The icon that the n-th cell's words suggest; any while it is only numbered. Empty: none."""
    names = list(icons.BY_NAME)
    return names[n % len(names)] if words == numbered(n) else icon_words.guess(words)
