"""Bootstrap's icons, drawn into the page: no font and no sprite to load."""

import re
from functools import cache
from pathlib import Path

import flask_bootstrap
from markupsafe import Markup

SPRITE = (
    Path(flask_bootstrap.__file__).parent
    / "static"
    / "bootstrap5"
    / "icons"
    / "bootstrap-icons.svg"
)
_SYMBOL = re.compile(r'<symbol[^>]*viewBox="([^"]+)"[^>]*id="([^"]+)">(.*?)</symbol>', re.DOTALL)


@cache
def _drawn() -> dict[str, tuple[str, str]]:
    found = _SYMBOL.findall(SPRITE.read_text("utf-8"))
    return {name: (box, " ".join(inside.split())) for box, name, inside in found}


def icon(name: str, words: str = "") -> Markup:
    """`words` for whoever cannot see it; none when the words stand next to it."""
    box, inside = _drawn()[name]
    about = Markup('role="img" aria-label="{}"').format(words) if words else 'aria-hidden="true"'
    return Markup(
        '<svg class="icon" viewBox="{}" fill="currentColor" focusable="false" {}>{}</svg>'
    ).format(box, Markup(about), Markup(inside))  # noqa: S704 - a file of the library's
