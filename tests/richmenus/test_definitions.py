"""What a folder of menus may hold: everything wrong is named at once, with file, line, reason."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.settings import Settings
from richmenus import definitions, images
from richmenus.lengths import graphemes
from richmenus.problems import BadMenus
from tests.richmenus.situations import MENUS, Folder, picture, switch, tab

GOOD = """\
name: One
image: menu.png
size: {width: 800, height: 540}
chatBarText: メニュー
areas:
  - bounds: {x: 0, y: 0, width: 400, height: 540}
    action: {type: uri, uri: "https://brand.example/"}
  - bounds:
      x: 400
      y: 0
      width: 400
      height: 540
    action:
      type: message
      text: こんにちは
"""


@pytest.fixture
def problems(folder: Folder) -> Callable[[str], list[str]]:
    """What is said of a `menu.yaml`, without the folder's name."""

    def read(menu: str | bytes) -> list[str]:
        given = menu.encode() if isinstance(menu, str) else menu
        (folder.root / "gold" / "menu.yaml").write_bytes(given)
        try:
            folder.read()
        except BadMenus as e:
            return [str(each).rpartition("gold/")[2] for each in e.problems]
        return []

    return read


def test_good_ones_are_read(folder: Folder, problems: Callable[[str], list[str]]) -> None:
    assert problems(GOOD) == []
    edition = folder.read()
    assert [(page.key, page.tab) for page in edition.pages] == [
        ("gold", "main"),
        ("guest", "main"),
        ("member", "home"),
        ("member", "shop"),
    ]
    assert edition.default.key == "guest"
    assert edition.aliases.keys() == {"member_home", "member_shop"}


def test_reading_twice_is_the_same(folder: Folder) -> None:
    assert folder.read().fingerprint == folder.read().fingerprint
    first = folder.read()
    folder.paint("gold", "red")
    second = folder.read()
    assert first.fingerprint != second.fingerprint
    changed = set(second.pages) - set(first.pages)
    assert [page.place for page in changed] == ["gold/main"]


def test_another_liff_app_is_another_menu(folder: Folder) -> None:
    first = folder.read()
    folder.settings = folder.settings.model_copy(update={"liff_id": "2000000002-other"})
    changed = set(folder.read().pages) - set(first.pages)
    assert {page.place for page in changed} == {"gold/main", "guest/main"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("name: One\n", "", "menu.yaml:1: name: Input should be a valid string"),
        ("image: menu.png", "image: ../menu.png", "menu.yaml:2: image: must be the name of a"),
        ("image: menu.png", "image: other.png", "menu.yaml:2: there is no file other.png"),
        ("width: 800, height: 540}", "width: 700, height: 400}", "menu.yaml:3: size: is 700 wide"),
        (
            "width: 800, height: 540}",
            "width: 800, height: 600}",
            "menu.yaml:3: size: is 800x600; its",
        ),
        ("width: 800, height: 540}", "width: 800, height: 200}", "menu.yaml:3: size: is 200 high"),
        (
            "width: 800, height: 540}",
            "width: 900, height: 540}",
            "menu.yaml:2: menu.png is 800x540",
        ),
        (
            "メニュー",
            "長すぎるメニューバーの文字です。",
            "menu.yaml:4: chatBarText: must be 1 to 14",
        ),
        ("chatBarText", "chatbartext", "menu.yaml:4: chatbartext is not known here"),
        ("chatBarText: メニュー\n", "", "menu.yaml:1: chatBarText is missing"),
        ("x: 400", "x: 401", "menu.yaml:8: reaches to 801x540, outside of 800x540"),
        ("x: 400", "x: -1", "menu.yaml:9: x: Input should be greater than or equal to 0"),
        ("x: 400", "x: '400'", "menu.yaml:9: x: Input should be a valid integer"),
        ("text: こんにちは", "text: ''", "menu.yaml:15: text: must be 1 to 300"),
        ("text: こんにちは", "words: x", "menu.yaml:15: words is not known here"),
        ("type: message", "type: camera", "menu.yaml:13: action: Input tag 'camera'"),
        ("      type: message\n", "", "menu.yaml:13: action: Unable to extract tag"),
        ("https://brand.example/", "ftp://brand.example/", "menu.yaml:7: uri: must begin with"),
        ("https://brand.example/", "https://a b/", "menu.yaml:7: uri: must begin with"),
        ("https://brand.example/", "javascript:alert(1)", "menu.yaml:7: uri: must begin with"),
        ("name: One", "name: One\nname: Two", "menu.yaml:2: says 'name' twice"),
        ("name: One", "name: [One", "menu.yaml:2: expected"),
        ("name: One", "name: *other", "menu.yaml:1: found undefined alias"),
        ("name: One", "name: !!python/object:os.system x", "menu.yaml:1: could not determine"),
        ("name: One", "name: 2026-02-31", "menu.yaml:1: day is out of range"),
        ("name: One", "? [a]\n: b", "menu.yaml:1: has a key that is not plain text"),
    ],
)
def test_what_is_wrong_is_said(
    problems: Callable[[str], list[str]], old: str, new: str, said: str
) -> None:
    assert old in GOOD
    found = problems(GOOD.replace(old, new, 1))
    assert any(each.startswith(said) for each in found), found


ACTIONS: list[tuple[dict[str, Any], str]] = [
    ({"type": "uri", "uri": "liff:me"}, ""),
    ({"type": "uri", "uri": "tel:0312345678"}, ""),
    ({"type": "uri", "uri": "line://nv/profile"}, ""),
    ({"type": "uri", "uri": "liff:"}, "uri: must begin with"),
    ({"type": "uri", "uri": "https://a/" + "x" * 1000}, "uri: must be 1 to 1000"),
    ({"type": "postback", "data": "1:reply:hours", "displayText": "x"}, ""),
    ({"type": "postback", "data": "1:a", "inputOption": "openKeyboard", "fillInText": "x"}, ""),
    ({"type": "postback", "data": "1:a", "fillInText": "x"}, "postback: fillInText needs"),
    ({"type": "postback", "data": "1:a", "inputOption": "open"}, "inputOption: Input should be"),
    ({"type": "postback", "data": "hours"}, "data: must be like 1:reply:hours"),
    ({"type": "postback", "data": "2:reply:hours"}, "data: must be like 1:reply:hours"),
    ({"type": "postback", "data": "1:a:" + "x" * 300}, "data: must be 1 to 300"),
    ({"type": "message", "text": "x", "label": "あ" * 21}, "label: must be 1 to 20"),
    ({"type": "clipboard", "clipboardText": "CODE"}, ""),
    ({"type": "clipboard", "clipboardText": "x" * 1001}, "clipboardText: must be 1 to 1000"),
    # LINE counts what is seen in the chat by what is seen, and all else in UTF-16.
    ({"type": "message", "text": "🍎" * 300}, ""),
    ({"type": "postback", "data": "1:a", "displayText": "🍎" * 300}, ""),
    ({"type": "clipboard", "clipboardText": "🍎" * 501}, "clipboardText: must be 1 to 1000"),
    ({"type": "postback", "data": "1:tag:" + "🍎" * 148}, "data: must be 1 to 300"),
    (
        {"type": "uri", "uri": "https://a.example/" + "あ" * 200},
        "must be 1 to 1000 characters as LINE",
    ),
    ({"type": "datetimepicker", "data": "1:day", "mode": "date", "initial": "2026-04-01"}, ""),
    ({"type": "datetimepicker", "data": "1:d", "mode": "time", "min": "09:00", "max": "18:00"}, ""),
    (
        {"type": "datetimepicker", "data": "1:d", "mode": "time", "min": "9:00"},
        "datetimepicker: min is not a",
    ),
    (
        {"type": "datetimepicker", "data": "1:d", "mode": "time", "min": "18:00", "max": "09:00"},
        "datetimepicker: min must be before max",
    ),
    ({"type": "datetimepicker", "data": "1:d", "mode": "week"}, "mode: Input should be"),
    (
        {"type": "datetimepicker", "data": "1:d", "mode": "date", "min": "2026-02-30"},
        "datetimepicker: min is not a",
    ),
    (
        {"type": "datetimepicker", "data": "1:d", "mode": "date", "max": "2101-01-01"},
        "datetimepicker: max is not a",
    ),
    (
        {"type": "datetimepicker", "data": "1:d", "mode": "time", "max": "24:00"},
        "datetimepicker: max is not a",
    ),
    (
        {
            "type": "datetimepicker",
            "data": "1:d",
            "mode": "datetime",
            "min": "2026-04-01t09:00",
            "max": "2026-04-01T09:00",
        },
        "datetimepicker: min must be before max",
    ),
    ({"type": "richmenuswitch", "tab": "main"}, ""),
    ({"type": "richmenuswitch", "tab": "other"}, "there is no tab 'other'; there are main"),
    ({"type": "richmenuswitch"}, "tab is missing"),
]


@pytest.mark.parametrize(("action", "said"), ACTIONS)
def test_actions(folder: Folder, action: dict[str, Any], said: str) -> None:
    bounds = {"x": 0, "y": 0, "width": 800, "height": 540}
    folder.write("gold", {"name": "x", **tab(areas=[{"bounds": bounds, "action": action}])})
    if not said:
        edition = folder.read()
        assert edition.first("gold").body["areas"][0]["action"]["type"] == action["type"]
        return
    with pytest.raises(BadMenus) as caught:
        folder.read()
    (problem,) = caught.value.problems
    assert problem.reason.startswith(said)
    assert problem.line > 1


def test_dates_are_written_as_line_wants_them(folder: Folder) -> None:
    picker = {"type": "datetimepicker", "data": "1:d", "mode": "datetime",
              "initial": "2026-04-01T09:00"}  # fmt: skip
    bounds = {"x": 0, "y": 0, "width": 800, "height": 540}
    folder.write("gold", {"name": "x", **tab(areas=[{"bounds": bounds, "action": picker}])})
    action = folder.read().first("gold").body["areas"][0]["action"]
    assert action["initial"] == "2026-04-01t09:00"
    assert (action["data"], action["mode"]) == ("1:d", "datetime")


def test_all_files_are_looked_at(folder: Folder) -> None:
    folder.write("gold", {"name": "x", **tab(chatBarText="")})
    folder.write("guest", {"name": "x", **tab(areas=[])})
    folder.rules([{"menu": "nope", "because": "x"}])
    with pytest.raises(BadMenus) as caught:
        folder.read()
    files = [Path(problem.file).relative_to(folder.root) for problem in caught.value.problems]
    assert [str(file) for file in files] == ["gold/menu.yaml", "guest/menu.yaml", "rules.yaml"]


def test_tabs(folder: Folder) -> None:
    folder.write("gold", {"name": "x", "tabs": [tab(tab="a", areas=switch("b")), tab(tab="a")]})
    folder.write("guest", {"name": "x", "tabs": [tab(tab="A b")]})
    with pytest.raises(BadMenus) as caught:
        folder.read()
    said = [problem.reason for problem in caught.value.problems]
    assert "tab 'a' is there twice" in said
    assert "there is no tab 'b'; there are a, a" in said
    assert "tab: must be 1 to 20 of a-z, 0-9 and -" in said


def test_a_long_folder_and_a_long_tab(folder: Folder) -> None:
    folder.write("a" * 20, {"name": "x", "tabs": [tab(tab="b" * 20)]})
    with pytest.raises(BadMenus, match="folder and tab together are longer than 31"):
        folder.read()


def test_a_folder_with_a_strange_name(folder: Folder) -> None:
    folder.write("My_Menu", MENUS["guest"])
    with pytest.raises(BadMenus, match="its name must be"):
        folder.read()


def test_no_folder(settings: Settings, tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BadMenus):
            definitions.read(settings.model_copy(update={"menus_dir": path}))


def test_more_areas_than_line_takes(folder: Folder) -> None:
    folder.write("gold", {"name": "x", **tab(areas=tab()["areas"] * 21)})
    with pytest.raises(BadMenus, match="areas: List should have at most 20"):
        folder.read()


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a: \x00", b"- x\n- y\n", b"", b"3"])
def test_files_that_are_no_menu(problems: Callable[[bytes], list[str]], content: bytes) -> None:
    assert problems(content)


def test_yaml_that_grows_without_end(problems: Callable[[str], list[str]]) -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for n in range(1, 9):
        bomb += f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n"
    assert any("holds too much" in each for each in problems(bomb))
    assert any("nested too deeply" in each for each in problems("[" * 20_000))
    assert any("larger than" in each for each in problems("#" * 300_000))


# Rules


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([], "must be a list of rules"),
        ({"menu": "guest"}, "must be a list of rules"),
        ([{"menu": "guest"}], "rules.yaml:1: because is missing"),
        ([{"menu": "x", "because": "y"}], "there is no menu 'x'; there are gold, guest, member"),
        ([{"menu": "guest", "because": "y", "wen": 1}], "wen is not known here"),
        ([{"menu": "guest", "because": "y", "when": {"linked": True}}], "the last rule must fit"),
        ([{"menu": "guest", "because": "y", "from": "2026-01-01"}], "the last rule must always"),
        (
            [{"menu": "gold", "because": "y", "when": {"member.rnk": 1}},
             {"menu": "guest", "because": "y"}],
            "rules.yaml:4: member.rnk: Members have no field called 'rnk'",
        ),
        (
            [{"menu": "gold", "because": "y", "from": "tomorrow"}, {"menu": "guest", "because": "y"}],
            "rules.yaml:3: 'tomorrow' is not like 2026-12-24",
        ),
        (
            [{"menu": "gold", "because": "y", "until": "9999-12-31"},
             {"menu": "guest", "because": "y"}],
            "rules.yaml:3: '9999-12-31' is not like 2026-12-24",
        ),
        (
            [{"menu": "gold", "because": "y", "from": "2026-12-24", "until": "2026-12-23"},
             {"menu": "guest", "because": "y"}],
            "rules.yaml:4: ends before it begins",
        ),
        ([{"menu": "guest", "because": "y"}] * 101, "at most 100"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_rules(folder: Folder, rules: Any, said: str) -> None:
    folder.rules(rules)
    with pytest.raises(BadMenus) as caught:
        folder.read()
    assert said in str(caught.value)


def test_dates_of_yaml_are_kept_as_text(folder: Folder) -> None:
    (folder.root / "rules.yaml").write_text(
        "- {menu: gold, because: x, from: 2026-12-24, until: 2026-12-25 18:00:00,\n"
        "   when: {member.joined_on: {gte: 2020-01-01}}}\n"
        "- {menu: guest, because: x}\n"
    )
    first = folder.read().rules[0]
    assert first["from"] == "2026-12-24"
    assert first["until"] == "2026-12-25 18:00:00"
    assert first["when"] == {"member.joined_on": {"gte": "2020-01-01"}}


# Pictures


def said_of(content: bytes, size: tuple[int, int] = (800, 540)) -> str:
    return " ".join(map(str, images.problems(content, *size)))


def test_good_pictures() -> None:
    assert said_of(picture()) == ""
    assert said_of(picture(kind="JPEG")) == ""
    assert images.picture(picture()).content_type == "image/png"
    assert images.picture(picture(kind="JPEG")).content_type == "image/jpeg"


def test_pictures_that_line_would_refuse() -> None:
    assert "neither a JPEG nor a PNG" in said_of(b"")
    assert "neither a JPEG nor a PNG" in said_of(b"GIF89a" + b"\0" * 100)
    assert "neither a JPEG nor a PNG" in said_of(picture(kind="WEBP"))
    assert "neither a JPEG nor a PNG" in said_of(b"\x89PNG\r\n\x1a\n")
    assert "neither a JPEG nor a PNG" in said_of(b"\xff\xd8\xff\xe0")
    assert "1,000,001 bytes" in said_of(picture() + b"\0" * (1_000_001 - len(picture())))
    assert "is 800x540, and the menu says 800x500" in said_of(picture(), (800, 500))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_cut_short(kind: str) -> None:
    noise = BytesIO()
    Image.effect_noise((800, 540), 90).convert("RGB").save(noise, kind)
    whole = noise.getvalue()[:1_000_000]
    for share in (0.3, 0.6, 0.95):
        cut = whole[: int(len(whole) * share)]
        assert said_of(cut)
        assert said_of(cut) == said_of(cut), "and so when it is remembered"


def test_a_picture_that_claims_to_be_enormous_is_not_decoded() -> None:
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, content: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + sum_

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    bomb += chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000)) + chunk(b"IEND", b"")
    assert said_of(bomb) == "is 60000x60000, and the menu says 800x540"


@pytest.mark.parametrize(
    ("text", "length"),
    [("", 0), ("メニュー", 4), ("か\u3099", 1), ("👨‍👩‍👧‍👦", 1), ("👍🏽", 1), ("ที่", 1), ("❤️", 1), ("ab", 2)],
)  # fmt: skip
def test_lengths_are_what_people_see(text: str, length: int) -> None:
    assert graphemes(text) == length
