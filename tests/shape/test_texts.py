"""Every language says the same things, and nothing asks for words that are not there."""

import re
from string import Formatter

import pytest

from accounts import team
from core.settings import LANGUAGES as SETTINGS_LANGUAGES
from tests.shape.test_layers import FILES, ROOT
from texts import LANGUAGES, speak, text


def blanks(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_the_languages_are_those_of_the_settings():
    assert set(LANGUAGES) == set(SETTINGS_LANGUAGES)


def of_the_staff_site(key: str) -> bool:
    return key.partition(".")[0].startswith("staff")


def wanted(language: str) -> dict[str, str]:
    """The Japanese words whose like a language must have: the staff site speaks two."""
    japanese = LANGUAGES["ja"]
    if language in team.LANGUAGES:
        return japanese
    return {key: words for key, words in japanese.items() if not of_the_staff_site(key)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_every_key_with_the_same_blanks(language):
    ours, japanese = LANGUAGES[language], wanted(language)
    assert ours.keys() == japanese.keys()
    odd = {key for key, words in ours.items() if blanks(words) != blanks(japanese[key])}
    assert not odd


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_unsaid(language):
    assert not [key for key, words in LANGUAGES[language].items() if not words.strip()]


AREAS = "|".join(sorted({key.partition(".")[0] for key in LANGUAGES["ja"]}))
ASKED = re.compile(rf"""(?<!url_for\()["']((?:{AREAS})\.[a-z0-9_.]+[a-z0-9_])["']""")


NO_WORDS = {"liff.state", "menus.language"}
"""LINE's parameter, and a key of click's."""


def has_words(key: str) -> bool:
    """A key, or the beginning of several (`…_seconds`, `…_minutes`)."""
    return key in NO_WORDS or any(known.startswith(key) for known in LANGUAGES["ja"])


def test_every_key_the_code_names_has_words():
    sources = [*FILES, *ROOT.glob("*/templates/**/*.html")]
    missing = {
        f"{path.relative_to(ROOT)}: {key}"
        for path in sources
        if "simulator" not in path.parts
        for key in ASKED.findall(path.read_text("utf-8"))
        if not has_words(key) and not key.endswith((".py", ".toml", ".yaml", ".db"))
    }
    assert not missing


@pytest.mark.parametrize(
    ("wished", "spoken"),
    [("ja", "ja"), ("en-US", "en"), ("zh-TW", "zh-Hant"), ("zh_HK", "zh-Hant"), ("th", "th"),
     ("fr", "ja"), ("", "ja")],
)  # fmt: skip
def test_speaks_the_nearest_language(wished, spoken):
    assert speak(wished) == spoken


def test_a_language_we_do_not_speak_is_answered_all_the_same():
    assert text("web.404.title", "tlh") == text("web.404.title")
