"""Taking a picture that somebody sends: looked at before it is decoded, and drawn anew.

What is kept are pixels that we encoded ourselves: no metadata, nothing hidden behind the picture.
"""

import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from core.errors import Invalid
from richmenus import images
from richmenus.images import MOST_BYTES, Picture

MOST_SENT = 8 * 1024 * 1024
"""Bytes of a file that is looked at."""
MOST_PIXELS = 40_000_000
"""What a telephone's camera makes; decoding takes three or four bytes for each."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITIES = (92, 86, 80, 72, 64, 54, 44, 34, 24, 14)
GOOD = 80
"""A JPEG of less is shown before it is taken."""
BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, struct.error,
    zlib.error, MemoryError, Image.DecompressionBombError,
)  # fmt: skip
"""What Pillow raises at a file that is not what it says."""
PAPER = (255, 255, 255)
ONE_AT_A_TIME = ThreadPoolExecutor(1, "drawing anew")
"""The largest takes half a gigabyte: each process has room for one. A thread of their own, because
what a thread has once used, stays with it."""


@dataclass(frozen=True)
class Offer:
    """A picture that LINE would take, made from what was sent."""

    how: str
    """`own`: as large as it is; `crop`: its edges cut off; `pad`: with white edges. `shrink`: in
    the shape it has, as large as is wanted."""
    picture: Picture
    width: int
    height: int
    quality: int
    """Of the JPEG; 100: a PNG, which loses nothing."""


@dataclass(frozen=True)
class Sent:
    """What was sent, and what can be made of it; the first is what it comes to by itself."""

    width: int
    height: int
    offers: tuple[Offer, ...]

    @property
    def at_once(self) -> bool:
        """It fits as it is: nothing to decide."""
        first = self.offers[0]
        return first.how == "own" and first.quality >= GOOD and len(self.offers) == 1


def take(content: bytes, wanted: tuple[int, int]) -> Sent:
    """`wanted`: the size that the menu has now. Raises Invalid, with the reason."""
    image = _opened(content)
    if image.width < images.WIDTH.start or image.height < images.LEAST_HEIGHT:
        raise Invalid(
            "staff_menus.sent.small", width=image.width, height=image.height,
            least=images.WIDTH.start, least_height=images.LEAST_HEIGHT,
        )  # fmt: skip
    made = ONE_AT_A_TIME.submit(lambda: list(_offers(image, wanted))).result()
    offers = [offer for offer in made if len(offer.picture.content) <= MOST_BYTES]
    if not offers:
        raise Invalid("staff_menus.sent.incompressible")
    return Sent(image.width, image.height, tuple(offers))


def small(content: bytes, width: int = 640) -> bytes:
    """A kept picture for lists: a small JPEG."""
    opened = Image.open(BytesIO(content), formats=("JPEG", "PNG"))
    opened.draft("RGB", (width, width))
    image = opened.convert("RGB")
    image.thumbnail((width, width))
    kept = BytesIO()
    image.save(kept, "JPEG", quality=80, optimize=True)
    return kept.getvalue()


def encoded(image: Image.Image, how: str, *, lossless: bool = False) -> Offer:
    """As a PNG where that is small enough, else as the best JPEG that is."""
    kept = BytesIO()
    if lossless:
        image.save(kept, "PNG", optimize=True)
        if kept.tell() <= MOST_BYTES:
            return Offer(how, Picture(kept.getvalue(), "image/png"), *image.size, 100)
    for quality in QUALITIES:
        kept = BytesIO()
        subsampling = 0 if quality >= GOOD else 2
        image.save(kept, "JPEG", quality=quality, optimize=True, subsampling=subsampling)
        if kept.tell() <= MOST_BYTES:
            break
    return Offer(how, Picture(kept.getvalue(), "image/jpeg"), *image.size, quality)


def _offers(image: Image.Image, wanted: tuple[int, int]) -> Iterator[Offer]:
    lossless = image.format == "PNG"
    plain = _plain(image)
    allowed = images.size_fault(*plain.size) is None
    if allowed:
        yield encoded(plain, "own", lossless=lossless)
    if plain.size == wanted:
        return
    if _same_shape(plain.size, wanted):
        yield encoded(plain.resize(wanted, Image.Resampling.LANCZOS), "shrink", lossless=lossless)
        return
    filled = ImageOps.fit(plain, wanted, Image.Resampling.LANCZOS)
    yield encoded(filled, "crop", lossless=lossless)
    padded = ImageOps.pad(plain, wanted, Image.Resampling.LANCZOS, color=PAPER)
    yield encoded(padded, "pad", lossless=lossless)


def _same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return abs(one[0] * other[1] - other[0] * one[1]) <= 0.004 * one[0] * other[1]


def _opened(content: bytes) -> ImageFile.ImageFile:
    """Its header is believed only as far as to refuse it."""
    if len(content) > MOST_SENT:
        limit = MOST_SENT // 1024 // 1024
        raise Invalid("staff_menus.sent.heavy", limit=limit)
    try:
        image = Image.open(BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as e:
        raise Invalid("staff_menus.sent.enormous", limit=MOST_PIXELS // 1_000_000) from e
    except (UnidentifiedImageError, *BROKEN) as e:
        raise Invalid("staff_menus.sent.unknown") from e
    if image.width * image.height > MOST_PIXELS:
        raise Invalid("staff_menus.sent.enormous", limit=MOST_PIXELS // 1_000_000)
    return image


def _plain(image: Image.Image) -> Image.Image:
    """The first frame, upright, in sRGB, on white paper."""
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            upright = upright.convert("RGBA")
            paper = Image.new("RGBA", upright.size, (*PAPER, 255))
            upright = Image.alpha_composite(paper, upright)
        elif upright.mode in ("I", "I;16", "F"):
            upright = upright.point(lambda value: value / 256).convert("L")
        return _in_srgb(upright, image.info.get("icc_profile")).convert("RGB")
    except BROKEN as e:
        raise Invalid("staff_menus.sent.damaged") from e


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Cameras and Photoshop mean other colours by the same numbers, and say so in a profile."""
    if not profile or image.mode not in ("RGB", "CMYK", "L"):
        return image
    try:
        given = ImageCms.ImageCmsProfile(BytesIO(profile))
        srgb = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, given, srgb, outputMode="RGB") or image
    except (ImageCms.PyCMSError, *BROKEN):
        return image
