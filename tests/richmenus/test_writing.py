"""Words in pictures: each character by the first font that has it, and those that none has."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, features

from core.settings import BadSettings, Settings
from richmenus import composing
from richmenus.drawing import fonts, writing
from richmenus.drawing.canvas import Canvas, Fonts
from richmenus.lengths import clusters, graphemes
from staff.areas.menus.composing import label

CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc")
EMOJI, THAI = Path(fonts.EMOJI[0]), Path(fonts.THAI[1])
ALL = [CJK, THAI, EMOJI]
pytestmark = pytest.mark.skipif(
    not all(each.is_file() for each in ALL),
    reason="needs fonts-noto-cjk, fonts-thai-tlwg and fonts-noto-color-emoji",
)
COOK = "👩‍🍳"


@pytest.mark.parametrize(
    ("said", "font"),
    [
        ("春", CJK), ("é", CJK), ("e\u0301", CJK), ("㈱", CJK), ("한", CJK),
        ("ก", THAI), ("ที่", THAI), ("ำ", THAI),
        ("😀", EMOJI), (COOK, EMOJI), ("🇯", EMOJI), ("1️⃣", EMOJI), ("❤️", EMOJI), ("☕", EMOJI),
        ("☎", CJK), ("☎️", EMOJI), ("1", CJK), ("\U00010380", None), ("😀\U00010380", None),
    ],
)  # fmt: skip
def test_each_character_is_written_by_the_first_font_that_has_it(
    said: str, font: Path | None
) -> None:
    assert writing.font_of(ALL, said) == font


def test_a_line_is_taken_apart_by_fonts_and_nothing_of_it_is_lost() -> None:
    said = f"お得な😀情報 {COOK}ที่นี่"
    found = writing.runs(ALL, said, 40)
    assert "".join(run.said for run in found) == said
    assert [run.font for run in found] == [CJK, EMOJI, CJK, EMOJI, THAI]
    assert all(run.length > 0 for run in found)


def test_what_no_font_has_is_named_once() -> None:
    assert writing.unwritable(ALL, "春 \n\U00010380😀\U00010380") == ["\U00010380"]
    assert writing.unwritable([CJK], f"春{COOK}ก️ก") == [COOK, "ก️", "ก"]


@pytest.mark.skipif(not features.check("raqm"), reason="needs libfribidi")
def test_emoji_of_several_parts_are_one() -> None:
    alone, several = (writing.runs(ALL, said, 40)[0].length for said in ("😀", COOK))
    assert several == pytest.approx(alone, abs=1)


def pixels(said: str, ink: str = "#ffffff") -> Image.Image:
    canvas = Canvas(Fonts(CJK, CJK, CJK, more=(THAI, EMOJI)), "#000000", 300, 100)
    canvas.words((150, 50), said, ink, 60)
    return canvas.finished()


def test_emoji_keep_their_colours_and_letters_take_the_ink() -> None:
    yellow = pixels("😀").getpixel((150, 42))
    assert isinstance(yellow, tuple)
    assert yellow[0] > yellow[2] + 80, "a yellow face, whatever the ink"
    red = pixels("ก", "#ff0000").getextrema()
    assert [each[1] for each in red] == [255, 0, 0]  # type: ignore[index]


@pytest.mark.parametrize("said", ["春😀秋", "😀😀", "ก😀春"])
def test_a_mixed_line_stands_in_the_middle(said: str) -> None:
    left, top, right, bottom = pixels(said).getbbox() or (0, 0, 0, 0)
    assert (left + right) / 2 == pytest.approx(150, abs=4)
    assert (top + bottom) / 2 == pytest.approx(50, abs=8)
    assert right - left < 300


def test_fonts_of_the_settings_come_first(make_settings: Callable[..., Settings]) -> None:
    found = fonts.found(make_settings(menu_fonts=f" {THAI},{EMOJI} "))
    assert found
    assert found.bold == THAI
    assert found.more[:2] == (found.more[0], EMOJI)
    assert "CJK" in found.more[0].name
    emoji = fonts.found(make_settings(menu_fonts=str(EMOJI)))
    assert emoji
    assert "CJK" in emoji.bold.name, "letters are not written with pictures"


def test_fonts_that_are_not_there_are_told_at_the_start(
    make_settings: Callable[..., Settings],
) -> None:
    with pytest.raises((BadSettings, ValueError), match=r"MENU_FONTS names /nowhere/x\.ttf"):
        make_settings(menu_fonts=f"{THAI}, /nowhere/x.ttf")


def test_a_file_that_is_no_font_is_passed_over(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    (tmp_path / "x.ttf").write_bytes(b"not a font")
    settings = make_settings(menu_fonts=str(tmp_path / "x.ttf"))
    assert composing.ready(settings)
    recipe = composing.begun("compact-1", "#000000", "#ffffff", ["春😀"])
    assert composing.draw(recipe, settings, width=200).width == 200


@pytest.mark.parametrize("said", ["", "春😀", COOK, "ที่นี่", "👍🏽a", "1️⃣", "éx"])
def test_characters_are_those_that_are_counted(said: str) -> None:
    assert "".join(clusters(said)) == said
    assert len(clusters(said)) == graphemes(said)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("マイ\nページ", "マイページ"),
        ("Gift\ncard", "Gift card"),
        ("Gift  card", "Gift card"),
        (" \n春", "春"),
        ("あ" * 30, "あ" * 20),
        ("あ" * 19 + COOK * 2, "あ" * 19 + COOK),
    ],
)
def test_a_cell_is_read_aloud_as_people_would(words: str, read: str) -> None:
    assert label(words) == read


def test_the_image_has_letters_for_all_of_them() -> None:
    image = (Path(__file__).parents[2] / "deploy" / "Dockerfile").read_text("utf-8")
    last = image.rpartition("\nFROM ")[2]
    for package in ("fonts-noto-cjk", "fonts-thai-tlwg", "fonts-noto-color-emoji", "libfribidi0"):
        assert package in last, "what is built beside it does not come along"
