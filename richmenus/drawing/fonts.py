"""What fonts there are to write with: those that the settings name, and the machine's own."""

from functools import lru_cache
from pathlib import Path

import structlog

from core.settings import Settings
from richmenus.drawing import writing
from richmenus.drawing.canvas import Fonts

log = structlog.get_logger()

NOTO = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc")
JAPANESE = (
    # Folder, regular, bold: Debian and Ubuntu (fonts-noto-cjk), Fedora, Alpine, …
    ("/usr/share/fonts/opentype/noto", *NOTO),
    ("/usr/share/fonts/google-noto-cjk", *NOTO),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts", *NOTO),
    ("/usr/share/fonts/noto", *NOTO),
    ("/usr/share/fonts/noto-cjk", *NOTO),
    ("/usr/share/fonts/opentype/ipaexfont-gothic", "ipaexg.ttf", "ipaexg.ttf"),
    ("/usr/share/fonts/opentype/ipafont-gothic", "ipagp.ttf", "ipagp.ttf"),
    ("/System/Library/Fonts", "ヒラギノ角ゴシック W3.ttc", "ヒラギノ角ゴシック W6.ttc"),
)
THAI = (
    # Of Debian and Ubuntu by fonts-noto-core or fonts-thai-tlwg; of Fedora; of Alpine
    "/usr/share/fonts/truetype/noto/NotoSansThai-Bold.ttf",
    "/usr/share/fonts/truetype/tlwg/Loma-Bold.ttf",
    "/usr/share/fonts/google-noto/NotoSansThai-Bold.ttf",
    "/usr/share/fonts/noto/NotoSansThai-Bold.ttf",
)
EMOJI = (
    # Of Debian and Ubuntu by fonts-noto-color-emoji; of Alpine; of Fedora
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/noto/NotoColorEmoji.ttf",
    "/usr/share/fonts/google-noto-emoji/NotoColorEmoji.ttf",
)


def found(settings: Settings) -> Fonts | None:
    """None: there are none, and pictures cannot be composed here."""
    return _found(settings.font_files)


@lru_cache(maxsize=8)
def _found(named: tuple[Path, ...]) -> Fonts | None:
    given = list(named)
    for bad in [each for each in given if not writing.is_font(each)]:
        log.warning("font_unreadable", font=str(bad))
        given.remove(bad)
    pictures = [each for each in given if writing.is_of_one_size(each)]
    letters = [each for each in given if each not in pictures]
    ours = _japanese()
    more = [*pictures, *_first(THAI), *_first(EMOJI)]
    if letters:
        others = [*letters[1:], *([ours.bold] if ours else []), *more]
        return Fonts(letters[0], letters[0], letters[0], more=tuple(others))
    return Fonts(ours.regular, ours.bold, ours.serif, more=tuple(more)) if ours else None


def _japanese() -> Fonts | None:
    for folder, regular, bold in JAPANESE:
        light, heavy = Path(folder, regular), Path(folder, bold)
        if light.is_file() and heavy.is_file():
            return Fonts(light, heavy, heavy)
    return None


def _first(known: tuple[str, ...]) -> list[Path]:
    return [Path(each) for each in known if Path(each).is_file()][:1]
