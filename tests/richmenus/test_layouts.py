"""Layouts cover their picture exactly, and what areas leave open or cover twice is found."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot import replies
from core.settings import Settings
from richmenus import composing, layouts, offering
from richmenus.drawing import icons
from texts import LANGUAGES

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("name", layouts.LAYOUTS)
@pytest.mark.parametrize("size", [(2500, 1686), (2500, 843), (1200, 810), (801, 541)])
def test_cells_cover_the_picture_and_nothing_twice(name: str, size: tuple[int, int]) -> None:
    covered = layouts.coverage(*size, layouts.boxes(name, *size))
    assert covered == layouts.Coverage((), 0)


@pytest.mark.parametrize("name", layouts.LAYOUTS)
def test_a_layout_is_known_again_by_its_areas(name: str) -> None:
    size = layouts.size_of(name)
    assert layouts.nearest(*size, layouts.boxes(name, *size)) == name


BOX = st.tuples(st.integers(0, 30), st.integers(0, 20), st.integers(1, 30), st.integers(1, 20))


@given(st.lists(BOX, max_size=6))
def test_coverage_is_what_counting_pixels_says(boxes: list[layouts.Box]) -> None:
    pixels = {
        (x, y)
        for left, top, width, height in boxes
        for x in range(left, min(left + width, 30))
        for y in range(top, min(top + height, 20))
    }
    free = 100 * (600 - len(pixels)) / 600
    assert layouts.coverage(30, 20, boxes).uncovered == (round(free) if free >= 0.5 else 0)


def test_overlaps() -> None:
    boxes = [(0, 0, 10, 10), (9, 9, 5, 5), (14, 0, 3, 3)]
    assert layouts.coverage(20, 20, boxes).overlaps == ((1, 2),)


def test_the_bot_has_the_replies_that_are_offered() -> None:
    assert set(offering.ANSWERS) == replies.all_replies().keys()


def test_nothing_of_the_bot_takes_a_date_as_the_editor_says() -> None:
    """Whoever adds what does mends `picker_what` of the editor's texts, too."""
    takes = [path for path in (ROOT / "bot").rglob("*.py") if ".chosen" in path.read_text("utf-8")]
    assert not takes


@pytest.mark.parametrize(
    ("area", "names"),
    [("kind", offering.KINDS), ("reply", offering.REPLIES), ("page", offering.LIFF_PAGES),
     ("layout", layouts.LAYOUTS), ("icon", icons.BY_NAME)],
)  # fmt: skip
def test_whatever_is_offered_has_words(area: str, names: list[str]) -> None:
    for language in ("ja", "en"):
        missing = [n for n in names if f"staff_menus.{area}.{n}" not in LANGUAGES[language]]
        assert not missing


@pytest.mark.parametrize("style", ["plain", "cards"])
@pytest.mark.parametrize("layout", ["large-8", "compact-1"])
def test_a_composed_picture_is_one_that_line_takes(
    settings: Settings, style: str, layout: str
) -> None:
    cells = [composing.Cell(words="とても長い文字が入っています\n二行目", icon="gift")] * 8
    recipe = composing.Recipe(layout=layout, style=style, width=800, cells=cells)  # type: ignore[arg-type]
    recipe = composing.read(recipe.model_dump())
    made = composing.draw(recipe, settings)
    assert (made.width, made.height) == recipe.size
    assert len(made.picture.content) <= 1024 * 1024
    assert composing.draw(recipe, settings).picture == made.picture, "the same each time"


@pytest.mark.parametrize("layout", layouts.LAYOUTS)
@pytest.mark.parametrize("icon", ["gift", ""])
@pytest.mark.parametrize("words", ["春の\nキャンペーン", "New\narrivals", "お店"])
def test_words_and_icons_keep_away_from_the_edges_of_their_cell(
    settings: Settings, layout: str, icon: str, words: str
) -> None:
    cells = [composing.Cell(words=words, icon=icon, color="#0b6e4f", ink="#ffffff")] * 8
    recipe = composing.read(
        composing.Recipe(layout=layout, style="plain", cells=cells).model_dump()
    )
    drawn = Image.open(BytesIO(composing.draw(recipe, settings, width=800).picture.content))
    scale = drawn.width / recipe.size[0]
    for x, y, width, height in recipe.boxes:
        cell = drawn.crop(tuple(round(n * scale) for n in (x, y, x + width, y + height)))
        ink = cell.convert("L").point(lambda value: 255 * (value > 150)).getbbox()  # type: ignore[operator]
        assert ink
        left, top, right, bottom = ink
        assert min(left, cell.width - right) >= cell.width * 0.04
        assert min(top, cell.height - bottom) >= cell.height * 0.04
