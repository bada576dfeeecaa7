"""A brand's colour can be read on every ground, whatever the brand chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.brand import DARK, LIGHT, READABLE, SEEN, contrast, readable_on, style_sheet, text_on

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_every_colour_becomes_readable(colour: str) -> None:
    assert contrast(text_on(colour), colour) >= READABLE
    for ground in (LIGHT, DARK):
        assert contrast(readable_on(colour, ground), ground) >= READABLE


def test_a_readable_colour_is_left_alone() -> None:
    assert readable_on("#0b6e4f", LIGHT) == "#0b6e4f"
    assert text_on("#0b6e4f") == "#ffffff"
    assert text_on("#ffe600") == "#000000"


@pytest.mark.parametrize(
    ("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)]
)
def test_contrast_is_wcags(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_the_style_sheet_names_them() -> None:
    sheet = style_sheet("#ffe600")
    assert "@media (prefers-color-scheme:dark){:root{--brand:#ffe600" in sheet
    assert "--on-brand:#000000" in sheet
    assert "prefers-color-scheme:dark" in sheet


@given(COLOURS)
def test_a_button_is_seen_on_every_ground(colour: str) -> None:
    for ground in (LIGHT, DARK):
        button = readable_on(colour, ground, SEEN)
        assert contrast(button, ground) >= SEEN
        assert contrast(text_on(button), button) >= READABLE


def test_the_brands_own_colour_is_kept_where_it_can_be_seen() -> None:
    sheet = style_sheet("#0b6e4f")
    assert sheet.count("--brand:#0b6e4f;--on-brand:#ffffff") == 2
