"""Whether LINE will take a picture for a rich menu; found out here, before anything is sent."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, LiteralString

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

MOST_BYTES = 1_000_000
"""LINE says 1 MB, and not of which kind: the smaller."""
KNOWN = 1_000
"""Pictures of which a process remembers whether they are whole: decoding one takes some 50 ms."""
WIDTH, LEAST_HEIGHT, LEAST_RATIO = range(800, 2501), 250, 1.45


@dataclass(frozen=True)
class Picture:
    content: bytes
    content_type: str
    """`image/jpeg` or `image/png`, by what is inside."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def picture(content: bytes) -> Picture:
    kind = "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
    return Picture(content, kind)


@dataclass(frozen=True)
class Fault:
    """What is wrong with a size or an image; `str` says it in English, for a terminal."""

    key: LiteralString
    """Names words for other people: `staff_menus.problem.<key>`."""
    said: LiteralString
    values: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.said.format(**self.values)


def size_fault(width: int, height: int) -> Fault | None:
    """What is wrong with the size of a menu, in LINE's terms."""
    found = {"width": width, "height": height}
    if width not in WIDTH:
        limits = {"least": WIDTH.start, "most": WIDTH.stop - 1}
        said: LiteralString = "is {width} wide; {least} to {most} is allowed"
        return Fault("too_wide", said, found | limits)
    if height < LEAST_HEIGHT:
        said = "is {height} high; at least {least} is needed"
        return Fault("too_low", said, found | {"least": LEAST_HEIGHT})
    if width / height < LEAST_RATIO:
        said = "is {width}x{height}; its width must be at least {least} times its height"
        return Fault("too_tall", said, found | {"least": LEAST_RATIO})
    return None


def problems(content: bytes, width: int, height: int) -> Iterator[Fault]:
    """What is wrong with an image that should be `width` x `height`."""
    if len(content) > MOST_BYTES:
        found = {"found": f"{len(content):,}", "limit": f"{MOST_BYTES:,}"}
        yield Fault("too_heavy", "is {found} bytes; LINE takes at most {limit}", found)
        return
    image = _opened(content)
    if image is None:
        yield Fault("no_image", "is neither a JPEG nor a PNG image")
    elif image.size != (width, height):
        yield other_size(image.size, (width, height))
    elif not _is_whole(content, image):  # not asked before its size is known to be small
        yield Fault("damaged", "is damaged: it cannot be decoded to its end")


def other_size(found: tuple[int, int], wanted: tuple[int, int]) -> Fault:
    sizes = {"found": "{}x{}".format(*found), "wanted": "{}x{}".format(*wanted)}
    return Fault("other_size", "is {found}, and the menu says {wanted}", sizes)


def size_of(content: bytes) -> tuple[int, int] | None:
    """What its header says; None: no image that LINE takes."""
    image = _opened(content)
    return image.size if image else None


def _opened(content: bytes) -> ImageFile.ImageFile | None:
    """Its header only: nothing is decoded yet, however large it claims to be."""
    kind = {b"\x89PNG": PngImageFile, b"\xff\xd8\xff": JpegImageFile}
    make = kind.get(content[:4]) or kind.get(content[:3])
    if make is None:
        return None
    try:
        return make(BytesIO(content))
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        return None


_known: dict[str, bool] = {}


def _is_whole(content: bytes, image: ImageFile.ImageFile) -> bool:
    key = hashlib.sha256(content).hexdigest()
    whole = _known.get(key)
    if whole is None:
        whole = _decodes(image)
        if len(_known) >= KNOWN:
            _known.clear()
        _known[key] = whole
    return whole


def _decodes(image: ImageFile.ImageFile) -> bool:
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        return False
    return True
