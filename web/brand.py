"""The brand's colour, made readable on every ground it is used on.

A brand gives one colour. Text on it, and it as text, must have a contrast of 4.5 to 1 (WCAG AA) on
light and on dark; where the colour itself has not, its nearest lighter or darker shade has.
"""

from flask import Flask

from core.settings import Settings
from web import assets

READABLE = 4.5
SEEN = 1.8
"""What a button needs to be seen as one, whose words are readable anyway."""
LIGHT, DARK = "#ffffff", "#15171a"
"""The grounds of page.css, by day and by night."""
STEP = 0.04
SHORT = 18
"""Letters of a name that fits a line of a phone, in a heading."""

Rgb = tuple[float, float, float]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours such as #0b6e4f: 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def text_on(colour: str) -> str:
    """White where it can be read on the colour, else nearly black."""
    return LIGHT if contrast(colour, LIGHT) >= READABLE else "#000000"


def readable_on(colour: str, ground: str, at_least: float = READABLE) -> str:
    """The colour, moved towards white or black until it can be read on the ground."""
    towards = (1.0, 1.0, 1.0) if _luminance(ground) < 0.2 else (0.0, 0.0, 0.0)
    shade, moved = colour, 0.0
    while contrast(shade, ground) < at_least and moved < 1:
        moved += STEP
        shade = _hex(_mix(_rgb(colour), towards, min(moved, 1.0)))
    return shade


def style_sheet(colour: str) -> str:
    """Custom properties that page.css paints with."""
    return (
        f":root{{{_painted_on(LIGHT, colour)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_painted_on(DARK, colour)}}}}}\n"
    )


def _painted_on(ground: str, colour: str) -> str:
    button = readable_on(colour, ground, SEEN)
    ink = readable_on(colour, ground)
    return f"--brand:{button};--on-brand:{text_on(button)};--brand-ink:{ink}"


def paint(app: Flask, name: str, colour: str) -> None:
    """Put the colour at the head of a style sheet: one file, for a phone far from us."""
    kept = assets.of(app)
    kept.put(name, style_sheet(colour).encode() + kept.by_name[name].body)


def install(app: Flask, settings: Settings) -> None:
    paint(app, "web/page.css", settings.brand_color)
    app.jinja_env.globals["brand"] = {
        "name": settings.brand_name,
        "whole": _whole(settings.brand_name),
        "color": settings.brand_color,
        "logo": settings.brand_logo_url,
    }


def _whole(name: str) -> str:
    """For headings: a short name is not torn apart at the end of a line."""
    return name.replace(" ", "\u00a0") if len(name) <= SHORT else name


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(rgb: Rgb) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in rgb)


def _mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: str) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    red, green, blue = (linear(part) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
