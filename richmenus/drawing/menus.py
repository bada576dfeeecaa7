"""The sample menus' pictures. The areas in their `menu.yaml` follow these proportions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from richmenus.drawing import icons
from richmenus.drawing.canvas import FINER, HEIGHT, WIDTH, Box, Canvas, Fonts, Point, mix
from richmenus.drawing.icons import Icon

GREEN, DEEP, CREAM, INK, GOLD = "#0b6e4f", "#064a36", "#f8f4ec", "#2c2a26", "#c8a25a"
HERO = 1000
"""Height of the upper part; the row of three below takes the rest."""
TABS = 240
"""Height of the strip of tabs."""
CAKE = (1960.0, 500.0)


@dataclass(frozen=True)
class Look:
    """The colours of a row of tiles."""

    ground: str
    tile: str
    disc: str
    icon: str
    words: str
    line: str = ""


LIGHT = Look(CREAM, "#ffffff", "#e5f0ea", GREEN, INK)
NIGHT = Look("#10241d", "#17332a", "#1f4437", "#e3c27a", "#f4e8cd", "#3b5a4c")
SWEET = Look("#fdf1ec", "#ffffff", "#fbe0d8", "#d2574f", "#4a2f2a")


def guest(fonts: Fonts) -> Canvas:
    canvas = Canvas(fonts, CREAM)
    canvas.fade((0, 0, WIDTH, HERO), "#128a63", DEEP)
    _knot(canvas, (1985, 470), 330, GREEN)
    _pill(canvas, (160, 150, 700, 246), "はじめての方へ", "#ffffff", DEEP, 50)
    canvas.words((160, 378), "会員証を連携", "#ffffff", 190, anchor="lm", spacing=4)
    canvas.words(
        (164, 556), "電話番号とコードで、1分で完了", "#d5ebe1", 68, style="regular", anchor="lm"
    )
    canvas.shadow((160, 690, 1080, 870), 90)
    canvas.box((160, 690, 1080, 870), "#ffffff", radius=90)
    canvas.words((590, 778), "連携をはじめる", GREEN, 84)
    _chevron(canvas, (985, 780), GREEN)
    _row(canvas, LIGHT, [("クーポン", icons.ticket), ("店舗情報", icons.pin),
                         ("お問い合わせ", icons.talk)])  # fmt: skip
    return canvas


def member_home(fonts: Fonts) -> Canvas:
    canvas = Canvas(fonts, CREAM)
    _tabs(canvas, ("会員メニュー", "お店・サポート"), 0)
    box = (50, TABS + 50, 1225, HEIGHT - 50)
    canvas.shadow(box, 48)
    canvas.box(box, GREEN, radius=48)
    _sheen(canvas, box)
    canvas.words((637, 1150), "マイページ", "#ffffff", 136)
    canvas.words((637, 1290), "会員証・ランク・連携の設定", "#d5ebe1", 62, style="regular")
    canvas.circle((637, 790), 220, "#ffffff")
    _scaled(canvas, icons.card, (637, 790), GREEN, "#ffffff")
    _tile(canvas, (1275, TABS + 50, 2450, 938), "ポイント", icons.coin, LIGHT, beside=True)
    _tile(canvas, (1275, 988, 2450, HEIGHT - 50), "クーポン", icons.ticket, LIGHT, beside=True)
    return canvas


def member_shop(fonts: Fonts) -> Canvas:
    canvas = Canvas(fonts, CREAM)
    _tabs(canvas, ("会員メニュー", "お店・サポート"), 1)
    _tile(canvas, (50, TABS + 50, 1225, HEIGHT - 50), "店舗情報", icons.pin, LIGHT)
    _tile(canvas, (1275, TABS + 50, 2450, 938), "お問い合わせ", icons.talk, LIGHT, beside=True)
    _tile(canvas, (1275, 988, 2450, HEIGHT - 50), "Language", icons.globe, LIGHT, beside=True)
    return canvas


def gold(fonts: Fonts) -> Canvas:
    canvas = Canvas(fonts, NIGHT.ground)
    canvas.fade((0, 0, WIDTH, HERO), "#1c4034", "#0a1814")
    cords = ("#f0dcae", "#dcbb78", "#b98f47")
    icons.knot(canvas, (1985, 470), 330, cords, 11)
    canvas.words((160, 232), "GOLD MEMBER", "#e3c27a", 76, style="serif", anchor="lm", spacing=18)
    canvas.stroke([(164, 330), (420, 330)], "#b98f47", 5)
    canvas.words((160, 490), "マイページ", "#fbf3df", 190, style="serif", anchor="lm", spacing=4)
    canvas.words(
        (164, 680), "いつもありがとうございます", "#cfc4a6", 68, style="regular", anchor="lm"
    )
    canvas.box((160, 780, 740, 900), "", radius=60, line="#dcbb78", width=5)
    canvas.words((420, 838), "会員証をひらく", "#f0dcae", 58)
    _chevron(canvas, (672, 840), "#f0dcae", 0.7)
    _row(canvas, NIGHT, [("ゴールド特典", icons.crown), ("ポイント", icons.coin),
                         ("店舗情報", icons.pin)])  # fmt: skip
    return canvas


def birthday(fonts: Fonts) -> Canvas:
    canvas = Canvas(fonts, SWEET.ground)
    canvas.fade((0, 0, WIDTH, HERO), "#e27d6a", "#b93f42")
    _confetti(canvas)
    _cake(canvas, CAKE)
    canvas.words(
        (160, 228), "HAPPY BIRTHDAY", "#fff3ea", 70, style="serif", anchor="lm", spacing=16
    )
    canvas.words((160, 388), "お誕生月特典", "#ffffff", 180, anchor="lm", spacing=4)
    canvas.words(
        (164, 562),
        "今月は、あなたへの贈りものがあります",
        "#fff0e8",
        64,
        style="regular",
        anchor="lm",
    )
    canvas.shadow((160, 690, 880, 870), 90)
    canvas.box((160, 690, 880, 870), "#ffffff", radius=90)
    canvas.words((490, 778), "特典を見る", "#c84b44", 84)
    _chevron(canvas, (785, 780), "#c84b44")
    _row(canvas, SWEET, [("マイページ", icons.card), ("ポイント", icons.coin),
                         ("店舗情報", icons.pin)])  # fmt: skip
    return canvas


# Parts


def _row(canvas: Canvas, look: Look, tiles: Sequence[tuple[str, Icon]]) -> None:
    canvas.box((0, HERO, WIDTH, HEIGHT), look.ground)
    width = (WIDTH - 2 * 50 - 2 * 34) / 3
    for n, (said, icon) in enumerate(tiles):
        left = 50 + n * (width + 34)
        right = left + width
        _tile(canvas, (left, HERO + 50, right, HEIGHT - 50), said, icon, look)


def _tile(
    canvas: Canvas, box: Box, said: str, icon: Icon, look: Look, *, beside: bool = False
) -> None:
    """A raised card with an icon above its words, or beside them."""
    left, top, right, bottom = box
    if look.line:
        canvas.box(box, look.tile, radius=44, line=look.line, width=4)
    else:
        canvas.shadow(box, 44, strength=30)
        canvas.box(box, look.tile, radius=44)
    middle = (left + right) / 2
    if beside:
        place, words = (left + 285, (top + bottom) / 2), (left + 500, (top + bottom) / 2)
        canvas.circle(place, 165, look.disc)
        icon(canvas, place, look.icon, look.disc)
        canvas.words(words, said, look.words, 88, anchor="lm")
        return
    tall = bottom - top > 800
    place = (middle, top + (bottom - top) * (0.40 if tall else 0.39))
    canvas.circle(place, 220 if tall else 150, look.disc)
    if tall:
        _scaled(canvas, icon, place, look.icon, look.disc)
    else:
        icon(canvas, place, look.icon, look.disc)
    size = 136 if tall else (78 if len(said) < 6 else 72)
    canvas.words((middle, top + (bottom - top) * (0.68 if tall else 0.81)), said, look.words, size)


def _scaled(canvas: Canvas, icon: Icon, center: Point, ink: str, ground: str) -> None:
    """The icon half as large again."""
    part = Canvas(canvas.fonts, ground, 216, 216)
    icon(part, (108, 108), ink, ground)
    size = round(part.image.width * 1.35)
    x, y = (round(each * FINER - size / 2) for each in center)
    canvas.image.paste(part.image.resize((size, size)), (x, y))


def _tabs(canvas: Canvas, names: tuple[str, str], chosen: int) -> None:
    canvas.box((0, 0, WIDTH, TABS), mix(GREEN, "#000000", 0.25))
    for n, name in enumerate(names):
        left = n * WIDTH / 2
        if n == chosen:
            edges = (50, 1225) if n == 0 else (1275, 2450)
            canvas.box((edges[0], 34, edges[1], TABS + 60), CREAM, radius=44)
        color = GREEN if n == chosen else "#cfe5db"
        canvas.words((left + WIDTH / 4, 34 + (TABS - 34) / 2), name, color, 84)
    canvas.box((0, TABS, WIDTH, TABS + 62), CREAM)


def _pill(canvas: Canvas, box: Box, said: str, fill: str, ink: str, size: float) -> None:
    left, top, right, bottom = box
    canvas.box(box, fill, radius=(bottom - top) / 2)
    canvas.words(((left + right) / 2, (top + bottom) / 2 - 2), said, ink, size)


def _chevron(canvas: Canvas, center: Point, color: str, size: float = 1.0) -> None:
    x, y = center
    far = 26 * size
    canvas.stroke(
        [(x - far / 2, y - far), (x + far / 2, y), (x - far / 2, y + far)], color, 12 * size
    )


def _knot(canvas: Canvas, center: Point, size: float, ground: str) -> None:
    shades = ("#ffffff", "#e9d9b2", "#cfa95f")
    icons.knot(canvas, center, size, tuple(mix(ground, shade, 0.86) for shade in shades), 12)


def _sheen(canvas: Canvas, box: Box) -> None:
    """The knot, hardly seen, in the corner of a card."""
    left, top, right, bottom = box
    part = Canvas(canvas.fonts, GREEN, round(right - left), round(bottom - top))
    shade = mix(GREEN, "#ffffff", 0.09)
    icons.knot(part, (right - left - 90, 110), 330, (shade, shade, shade), 12)
    mask = Canvas(canvas.fonts, "#000000", part.width, part.height)
    mask.box((0, 0, part.width, part.height), "#ffffff", radius=48)
    scale = part.image.width / part.width
    canvas.image.paste(
        part.image, (round(left * scale), round(top * scale)), mask.image.convert("L")
    )


def _confetti(canvas: Canvas) -> None:
    colors = ("#ffe3a3", "#ffffff", "#ffd0bf", "#b8d8c6")
    for n in range(70):
        x = (n * 617 + 97) % WIDTH
        y = (n * 373 + 41) % (HERO - 30)
        if (130 < x < 1560 and 150 < y < 900) or math.dist((x, y), CAKE) < 380:
            continue  # where the words stand, and the cake
        angle, half = math.radians(n * 47), 15 + n % 3 * 5
        across, down = half * math.cos(angle), half * math.sin(angle)
        color = colors[n % len(colors)]
        if n % 3 == 0:
            canvas.circle((x, y), 9, color)
        else:
            canvas.stroke([(x - across, y - down), (x + across, y + down)], color, 11)


def _cake(canvas: Canvas, center: Point) -> None:
    x, y = center
    canvas.circle((x, y), 330, "#ffe9df")
    canvas.box((x - 250, y + 196, x + 250, y + 222), "#c84b44", radius=13)
    canvas.box((x - 205, y + 20, x + 205, y + 196), "#fff9f4", radius=26)
    canvas.box((x - 205, y + 108, x + 205, y + 136), "#f4a98f")
    canvas.box((x - 205, y + 20, x + 205, y + 74), "#e98373", radius=26)
    canvas.box((x - 205, y + 48, x + 205, y + 76), "#e98373")
    for n in range(5):
        canvas.circle((x - 164 + n * 82, y + 74), 41, "#e98373")
    for n in (-1, 0, 1):
        middle = x + n * 110
        canvas.box((middle - 13, y - 92, middle + 13, y + 24), "#0b6e4f", radius=8)
        canvas.circle((middle, y - 128), 24, "#ffc857")
        canvas.shape([(middle - 22, y - 138), (middle, y - 188), (middle + 22, y - 138)], "#ffc857")
        canvas.circle((middle, y - 122), 11, "#fff3d0")
