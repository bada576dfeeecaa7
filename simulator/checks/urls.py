"""URLs as LINE takes them: over TLS; loopback may go without, since offline nothing else exists."""

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from simulator.errors import Fault

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def secure(url: str) -> bool:
    parts = split(url)
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None


def content(url: str, at: str) -> Iterator[Fault]:
    """A picture, video or audio file: HTTPS, at most 2,000 characters, percent-encoded."""
    if not secure(url) or not url.isascii() or " " in url:
        yield Fault("invalid uri", at)
    elif len(url) > 2000:
        yield Fault("Length must be between 1 and 2000", at)
