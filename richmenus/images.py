"""Whether LINE will take a picture for a rich menu; found out here, before anything is sent."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile

MOST_BYTES = 1024 * 1024
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


def size_problem(width: int, height: int) -> str | None:
    """What is wrong with the size of a menu, in LINE's terms."""
    if width not in WIDTH:
        return f"is {width} wide; {WIDTH.start} to {WIDTH.stop - 1} is allowed"
    if height < LEAST_HEIGHT:
        return f"is {height} high; at least {LEAST_HEIGHT} is needed"
    if width / height < LEAST_RATIO:
        return f"is {width}x{height}; its width must be at least {LEAST_RATIO} times its height"
    return None


def problems(content: bytes, width: int, height: int) -> Iterator[str]:
    """What is wrong with an image that should be `width` x `height`."""
    if len(content) > MOST_BYTES:
        yield f"is {len(content):,} bytes; LINE takes at most {MOST_BYTES:,}"
        return
    image = _opened(content)
    if image is None:
        yield "is neither a JPEG nor a PNG image"
        return
    if image.size != (width, height):
        yield f"is {image.width}x{image.height}, and the menu says {width}x{height}"
    elif not _whole(image):  # not asked before its size is known to be small
        yield "is damaged: it cannot be decoded to its end"


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


def _whole(image: ImageFile.ImageFile) -> bool:
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError):
        return False
    return True
