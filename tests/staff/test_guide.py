"""The staff guide speaks of buttons, pages and pictures that there are."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

ROOT = Path(__file__).parent.parent.parent
GUIDE = ROOT / "docs" / "staff"
QUOTED = {"ja": "「([^」]+)」", "en": "“([^”]+)”"}
EXAMPLES = {"お誕生月の会員", "Members in the month of their birthday"}
"""Quoted, and not on any page."""


def words(texts: dict[str, Any]) -> Iterator[str]:
    for each in texts.values():
        if isinstance(each, dict):
            yield from words(each)
        else:
            yield each


@pytest.mark.parametrize("language", QUOTED)
def test_what_is_quoted_stands_on_the_site(language: str) -> None:
    known = {
        each
        for area in ("staff*.toml", "segments.toml")
        for path in (ROOT / "texts" / language).glob(area)
        for each in words(tomllib.loads(path.read_text("utf-8")))
    }
    quoted = set(re.findall(QUOTED[language], (GUIDE / f"{language}.md").read_text("utf-8")))
    assert len(quoted) > 5
    assert quoted - known - EXAMPLES == set()


@pytest.mark.parametrize("language", QUOTED)
def test_its_pictures_are_there_and_small(language: str) -> None:
    shown = re.findall(r'src="([^"]+)"', (GUIDE / f"{language}.md").read_text("utf-8"))
    assert len(shown) >= 3
    widths = set()
    for each in shown:
        with Image.open(GUIDE / each) as picture:
            widths.add(picture.width)
    assert widths == {1280, 390}
    assert all((GUIDE / each).stat().st_size < 150_000 for each in shown)
