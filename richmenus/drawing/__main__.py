"""Draws every picture anew with Noto Sans and Serif CJK: `python -m richmenus.drawing`."""

import argparse
from pathlib import Path

from richmenus.drawing import menus
from richmenus.drawing.canvas import Fonts

MENUS = Path(__file__).parent.parent / "menus"
PICTURES = {
    "guest/guest.jpg": menus.guest,
    "member/home.jpg": menus.member_home,
    "member/shop.jpg": menus.member_shop,
    "gold/gold.jpg": menus.gold,
    "birthday/birthday.jpg": menus.birthday,
}
NOTO = Path("/usr/share/fonts/opentype/noto")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, default=NOTO, help="where the .ttc files are")
    folder = parser.parse_args().fonts
    fonts = Fonts(
        regular=folder / "NotoSansCJK-Regular.ttc",
        bold=folder / "NotoSansCJK-Bold.ttc",
        serif=folder / "NotoSerifCJK-Bold.ttc",
    )
    for name, draw in PICTURES.items():
        path = MENUS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = draw(fonts).finished()
        picture.save(path, "JPEG", quality=84, optimize=True, progressive=True, subsampling=0)


if __name__ == "__main__":
    main()
