"""Links in menus that say where they stand, so that following one can be counted.

A tracked website is written as an address of ours whose token names area and target, signed. The
target stands in the token itself, and not only in our tables: the address grows by a third of it,
so that targets may have some 670 signs and not LINE's 1,000; but a friend gets there while the
database is away, or has been brought back from a copy that does not know the menu. The signature
keeps anybody else from making an address of ours lead where they like.
"""

import base64
import hashlib
import hmac
import re
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from core.keys import derive
from core.settings import Settings
from members.funnel import FROM
from models import Entry

PATH = "/t"
LONGEST = 1_000
"""Of a link, by LINE."""
SIGNED = 16
"""Bytes of the signature."""
WEBSITE = re.compile(
    r"https?://[A-Za-z0-9.-]+(:\d{1,5})?([/?#][^\s\x00-\x1f\x7f-\x9f]*)?", re.IGNORECASE
)
MARK = re.compile(rf"{Entry.MENU}\.([a-z0-9-]+)\.([a-z0-9-]+)\.([0-9]{{1,2}})")


@dataclass(frozen=True)
class Place:
    key: str
    tab: str
    area: int
    """Counted from 0."""


@dataclass(frozen=True)
class Link:
    """What a token says; whether it may be believed is another question."""

    token: str
    place: Place
    target: str


def is_website(uri: str) -> bool:
    """Whether it can be tracked."""
    if not WEBSITE.fullmatch(uri):
        return False
    try:
        return urlsplit(uri).port != 0
    except ValueError:  # no port has such a number
        return False


def encoded(uri: str) -> str:
    """As LINE wants an address: only signs that may stand in one, all others by percent. A host
    of other letters is written as IDNA has it."""
    begin, slashes, rest = uri.partition("//")
    host = re.split("[/?#]", rest, maxsplit=1)[0]
    if slashes and not host.isascii():
        with suppress(UnicodeError):  # no host at all
            rest = host.encode("idna").decode() + rest[len(host) :]
    return quote(f"{begin}{slashes}{rest}", safe="!#$%&'()*+,/:;=?@[]")


def tracked(place: Place, target: str, settings: Settings) -> str:
    """The address that stands in the menu for this target."""
    said = _said(place, target)
    token = base64.urlsafe_b64encode(_signature(said, settings) + said).decode().rstrip("=")
    return f"{settings.public_url}{PATH}/{token}"


def longest(place: Place, settings: Settings) -> int:
    """How many signs (bytes) a target may have there, to be tracked."""
    room = LONGEST - len(f"{settings.public_url}{PATH}/")
    return room * 3 // 4 - SIGNED - len(_said(place, ""))


def read(token: str) -> Link | None:
    """None: it is none of ours, by its shape."""
    try:
        inside = base64.b64decode(token + "=" * (-len(token) % 4), b"-_", validate=True)
        key, tab, area, target = inside[SIGNED:].decode().split("/", 3)
        place = Place(key, tab, int(area))
    except ValueError:
        return None
    return Link(token, place, target) if is_website(target) else None


def is_signed(link: Link, settings: Settings) -> bool:
    """By us, with the key we have now."""
    address = tracked(link.place, link.target, settings)
    return hmac.compare_digest(address.rpartition("/")[2].encode(), link.token.encode())


def marked(page: str, place: Place) -> str:
    """A LIFF page's address, as it stands in the menu. `members.funnel` reads its first word."""
    return f"{page}?{FROM}={Entry.MENU}.{place.key}.{place.tab}.{place.area}"


def mark(said: str) -> Place | None:
    """The place that a link to a LIFF page named; anything may stand in a link."""
    found = MARK.fullmatch(said)
    return Place(found[1], found[2], int(found[3])) if found else None


def of(uri: str) -> Link | None:
    """What stands in a menu for a tracked website."""
    before, path, token = uri.rpartition(f"{PATH}/")
    return read(token) if path and before else None


def place_of(uri: str) -> Place | None:
    """Where a link in a menu says that it stands."""
    link = of(uri)
    return link.place if link else mark_in(uri)


def mark_in(uri: str) -> Place | None:
    return mark(uri.partition(f"?{FROM}=")[2])


def plain(uri: str) -> str:
    """Where a link in a menu leads, for people to read."""
    link = of(uri)
    return link.target if link else uri.partition(f"?{FROM}={Entry.MENU}")[0]


def _said(place: Place, target: str) -> bytes:
    return f"{place.key}/{place.tab}/{place.area}/{target}".encode()


def _signature(said: bytes, settings: Settings) -> bytes:
    return hmac.new(derive(settings, "menu link"), said, hashlib.sha256).digest()[:SIGNED]
