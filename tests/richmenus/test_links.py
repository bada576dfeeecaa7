"""Links in menus: what their tokens say, what is believed, and which websites can be tracked."""

import base64
from collections.abc import Iterator

import pytest

from core.settings import Settings
from members import funnel
from models import Entry
from richmenus import links
from richmenus.links import Place
from tests.richmenus.situations import Folder, plain_settings, tab

PLACE = Place("guest", "main", 3)
TARGETS = (
    "https://brand.example", "https://brand.example/", "http://brand.example:8080/a?b=c&d=%2F#e",
    "HTTPS://Brand.example/店/?q=珈琲", "https://brand.example/a//b/../c;d=1,2'(3)!*~",
    "https://brand.example?x", "https://brand.example#top", "https://xn--r8jz45g.example/%E3%81%82",
)  # fmt: skip
NONE = (
    "", "x", "liff:link", "tel:0312345678", "line://nv/chat", "javascript:alert(1)//https://a",
    "//brand.example", "https://", "https:///a", "https://a b.example/", "https://brand.example/a b",
    "https://brand.example@evil.example/", "https://brand.example\\@evil.example/", "ftp://a.example",
    "https://brand.example/\r\nSet-Cookie:x=1", "https://brand.example/\n", "https://a/\x00",
    "https://a/\x7f", "https://a/\x85", "https://a/\u2028", "https://[::1]/", "https://a:99999/",
    "https://a:x/", "https://a:0/", "data:text/html,x", " https://brand.example/",
)  # fmt: skip


@pytest.fixture
def settings() -> Settings:
    return plain_settings()


def token(settings: Settings, place: Place = PLACE, target: str = TARGETS[1]) -> str:
    return links.tracked(place, target, settings).rpartition("/")[2]


@pytest.mark.parametrize("target", TARGETS)
def test_what_a_tracked_link_says(settings: Settings, target: str) -> None:
    address = links.tracked(PLACE, target, settings)
    assert address.startswith("http://localhost/t/")
    link = links.of(address)
    assert link
    assert (link.place, link.target) == (PLACE, target)
    assert links.is_signed(link, settings)
    assert links.place_of(address) == PLACE
    assert links.plain(address) == target
    assert address == links.tracked(PLACE, target, settings), "the same, whoever makes it"


@pytest.mark.parametrize("target", NONE)
def test_what_is_no_website_is_not_read_even_when_signed(settings: Settings, target: str) -> None:
    assert not links.is_website(target)
    assert links.read(token(settings, target=target)) is None


def tampered(whole: str) -> Iterator[str]:
    """Each bit turned, what is cut off, and what is hung on."""
    inside = base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4))
    for n in range(len(inside) * 8):
        other = bytearray(inside)
        other[n // 8] ^= 1 << n % 8
        yield base64.urlsafe_b64encode(other).decode().rstrip("=")
    yield from (whole[:n] for n in range(len(whole)))
    yield from (whole + more for more in ("A", "AAAA", "=", "==", "%", "/", "é", "\n"))


def test_a_token_that_was_changed_is_not_believed(settings: Settings) -> None:
    for each in tampered(token(settings)):
        link = links.read(each)
        assert link is None or not links.is_signed(link, settings), each


def test_a_key_of_another_purpose_or_installation_signs_nothing(settings: Settings) -> None:
    other = Settings.load(
        None, **settings.model_dump() | {"secret_key": "another-key-for-tests-and-nothing-else"}
    )
    link = links.read(token(other))
    assert link
    assert not links.is_signed(link, settings)


def test_places_and_targets_cannot_be_shifted_into_one_another(settings: Settings) -> None:
    one = token(settings, Place("a", "b", 1), "https://brand.example/2/https://x.example")
    link = links.read(one)
    assert link
    assert link.place == Place("a", "b", 1)
    assert link.target == "https://brand.example/2/https://x.example"


def test_the_longest_target_makes_the_longest_link(settings: Settings) -> None:
    most = links.longest(PLACE, settings)
    assert most > 650
    fits = TARGETS[1].ljust(most, "x")
    assert len(links.tracked(PLACE, fits, settings)) <= links.LONGEST
    assert len(links.tracked(PLACE, fits + "xx", settings)) > links.LONGEST


def test_a_link_to_a_liff_page_says_where_it_stands() -> None:
    uri = links.marked("https://liff.line.me/1-a/link", PLACE)
    assert uri == "https://liff.line.me/1-a/link?from=menu.guest.main.3"
    assert links.place_of(uri) == PLACE
    assert links.plain(uri) == "https://liff.line.me/1-a/link"
    assert funnel.come_from("menu.guest.main.3") == Entry.MENU


@pytest.mark.parametrize(
    "said",
    ["", "menu", "menu.", "menu.guest", "menu.guest.main", "menu.guest.main.x", "reply.a.b.1",
     "menu.guest.main.1.2", "menu.guest.main.100", "menu.GUEST.main.1", "menu.g/t.main.1",
     "menu.guest.main.1\n", "menu.guest.main.１"],
)  # fmt: skip
def test_what_names_no_place(said: str) -> None:
    assert links.mark(said) is None


@pytest.mark.parametrize(
    "uri", ["", "https://brand.example/t/", "https://brand.example/t/abc", "/t/abc", "tel:03"]
)
def test_other_links_say_nothing(uri: str) -> None:
    assert links.of(uri) is None
    assert links.place_of(uri) is None
    assert links.plain(uri) == uri


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://brand.example/a?b=c&d=%2F#e", "https://brand.example/a?b=c&d=%2F#e"),
        ("https://brand.example/店?q=珈琲", "https://brand.example/%E5%BA%97?q=%E7%8F%88%E7%90%B2"),
        ("https://例え.example:8080/店", "https://xn--r8jz45g.example:8080/%E5%BA%97"),
        ("https://例え.example", "https://xn--r8jz45g.example"),
        ('https://brand.example/{a}|"b"', "https://brand.example/%7Ba%7D%7C%22b%22"),
        ("tel:+81-3-1234-5678", "tel:+81-3-1234-5678"),
        ("line://ti/p/@brand", "line://ti/p/@brand"),
        ("https://" + "あ" * 80 + "/", "https://" + "%E3%81%82" * 80 + "/"),
    ],
)
def test_addresses_are_sent_as_line_wants_them(written: str, sent: str) -> None:
    assert links.encoded(written) == sent
    assert links.encoded(sent) == sent


def test_a_menu_sends_them_so(folder: Folder) -> None:
    bounds = {"x": 0, "y": 0, "width": 800, "height": 540}
    action = {"type": "uri", "uri": "https://brand.example/店"}
    folder.write("gold", {"name": "x", **tab(areas=[{"bounds": bounds, "action": action}])})
    edition = folder.read()
    (area,) = edition.first("gold").body["areas"]
    assert area["action"]["uri"] == "https://brand.example/%E5%BA%97"
    (source,) = (each for each in edition.sources if each.key == "gold")
    assert source.definition["areas"][0]["action"] == action, "staff see what they wrote"
