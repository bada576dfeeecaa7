"""Every word a person reads, by key: in the chat, on the pages, in the terminal.

`texts/<language>/<area>.toml` holds the keys that begin with `<area>.`; an area is one room's own.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path

DEFAULT = "ja"


def _flat(prefix: str, table: dict[str, object]) -> Iterable[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}"
        if isinstance(value, dict):
            yield from _flat(key, value)
        else:
            yield key, str(value)


def _read(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob("*.toml")):
        found.update(_flat(path.stem, tomllib.loads(path.read_text("utf-8"))))
    return found


LANGUAGES: dict[str, dict[str, str]] = {
    folder.name: _read(folder)
    for folder in sorted(Path(__file__).parent.iterdir())
    if folder.is_dir() and not folder.name.startswith("_")
}


def text(key: str, language: str = DEFAULT, /, **values: object) -> str:
    """The words for a key; a language we do not speak is answered in the default one."""
    return LANGUAGES[language if language in LANGUAGES else DEFAULT][key].format(**values)


def speak(wished: str, otherwise: str = DEFAULT) -> str:
    """The language of ours nearest to a tag such as `zh-TW`, `en-US` or LINE's `ja`."""
    tag = wished.replace("_", "-").casefold()
    if tag.startswith("zh"):
        return "zh-Hant"
    base = tag.partition("-")[0]
    return base if base in LANGUAGES else otherwise
