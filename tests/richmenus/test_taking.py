"""Pictures that people send: what they come to, and what is refused before it is decoded."""

import random
import struct
import subprocess
import sys
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageCms

from core.errors import Invalid
from richmenus import images, taking
from richmenus.taking import take

SIZE = (1200, 810)


def sent(size: tuple[int, int] = SIZE, kind: str = "PNG", mode: str = "RGB", **how: Any) -> bytes:
    kept = BytesIO()
    Image.new(mode, size, how.pop("color", None) or 0).save(kept, kind, **how)
    return kept.getvalue()


def noise(size: tuple[int, int], kind: str, **how: Any) -> bytes:
    kept = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(kept, kind, **how)
    return kept.getvalue()


def opened(offer: taking.Offer) -> Image.Image:
    return Image.open(BytesIO(offer.picture.content))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_what_fits_is_taken_as_it_is(kind: str) -> None:
    found = take(sent(kind=kind), SIZE)
    assert found.at_once
    (offer,) = found.offers
    assert not list(images.problems(offer.picture.content, *SIZE))
    assert take(offer.picture.content, SIZE).at_once, "and again"


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("L", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("RGBA", "PNG"), ("I;16", "PNG"),
     ("CMYK", "JPEG"), ("L", "JPEG"), ("RGBA", "WEBP"), ("P", "GIF")],
)  # fmt: skip
def test_every_way_to_write_colours(mode: str, kind: str) -> None:
    (offer,) = take(sent(kind=kind, mode=mode), SIZE).offers
    assert opened(offer).mode == "RGB"
    assert opened(offer).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_what_is_see_through_is_seen_on_white() -> None:
    (offer,) = take(sent(mode="RGBA", color=(0, 0, 0, 0)), SIZE).offers
    assert opened(offer).getpixel((5, 5)) == (255, 255, 255)


def test_of_moving_pictures_the_first_is_taken() -> None:
    kept = BytesIO()
    frames = [Image.new("RGB", SIZE, color) for color in ("red", "blue", "green")]
    frames[0].save(kept, "GIF", save_all=True, append_images=frames[1:])
    (offer,) = take(kept.getvalue(), SIZE).offers
    assert opened(offer).getpixel((5, 5))[0] > 200  # type: ignore[index]
    assert getattr(opened(offer), "n_frames", 1) == 1


def test_a_photograph_taken_sideways_stands_upright() -> None:
    found = take(_sideways(), SIZE)
    assert found.offers[0].width == SIZE[0]


def _sideways() -> bytes:
    """1200x810 when it is turned as its metadata says."""
    exif = Image.Exif()
    exif[0x0112] = 6
    kept = BytesIO()
    Image.new("RGB", (810, 1200), "red").save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def test_metadata_and_what_stands_behind_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    given = sent(kind="JPEG", exif=exif, icc_profile=profile, comment=b"secret words")
    (offer,) = take(given + b"<script>secret</script>", SIZE).offers
    assert b"secret" not in offer.picture.content
    assert "icc_profile" not in opened(offer).info


def test_another_shape_is_offered_in_three_ways() -> None:
    found = take(sent((1000, 600)), SIZE)
    assert [(offer.how, offer.width, offer.height) for offer in found.offers] == [
        ("own", 1000, 600), ("crop", *SIZE), ("pad", *SIZE),
    ]  # fmt: skip
    assert not found.at_once


def test_the_same_shape_is_only_brought_to_size() -> None:
    found = take(sent((3600, 2430)), SIZE)
    assert [offer.how for offer in found.offers] == ["shrink"]
    assert not found.at_once, "it is shown before it is taken"


def test_what_is_too_tall_for_line_is_not_offered_as_it_is() -> None:
    found = take(sent((1200, 1200)), SIZE)
    assert [offer.how for offer in found.offers] == ["crop", "pad"]


def test_what_is_heavy_is_compressed_and_shown() -> None:
    given = noise((2500, 1686), "JPEG", quality=75)
    assert images.MOST_BYTES < len(given) < taking.MOST_SENT
    found = take(given, (2500, 1686))
    (offer,) = found.offers
    assert len(offer.picture.content) <= images.MOST_BYTES
    assert offer.quality < taking.GOOD
    assert not found.at_once


def test_a_plain_png_stays_a_png() -> None:
    (offer,) = take(sent(), SIZE).offers
    assert offer.picture.content_type == "image/png"
    (offer,) = take(noise(SIZE, "PNG"), SIZE).offers
    assert offer.picture.content_type == "image/jpeg"


# Refused


def refusal(content: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        take(content, SIZE)
    return caught.value.key.removeprefix("staff_menus.sent.")


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def bomb(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(b"\0" * 4_000_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "unknown"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' width='1200' height='810'/>", "unknown"),
        (b"<!doctype html><title>x</title>", "unknown"),
        (b"%PDF-1.4", "unknown"),
        (b"BM" + b"\0" * 100, "unknown"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 100, "unknown"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1200 810\n", "unknown"),
        (sent((799, 500)), "small"),
        (sent((1200, 249)), "small"),
        (bomb(60_000, 60_000), "enormous"),
        (bomb(7_000, 7_000), "enormous"),
        (b"x" * (taking.MOST_SENT + 1), "heavy"),
        (sent()[:200], "damaged"),
        (noise(SIZE, "JPEG")[:20_000], "damaged"),
        (sent(kind="WEBP")[:60], "unknown"),
    ],
)  # fmt: skip
def test_what_is_refused(content: bytes, why: str) -> None:
    assert refusal(content) == why


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_whatever_is_broken_is_said_kindly(kind: str) -> None:
    """Bytes changed at random come to a picture or to a reason, never to something else."""
    whole = sent((800, 540), kind)
    chance = random.Random(kind)
    for _ in range(60):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            found = take(bytes(broken), (800, 540))
        except Invalid:
            continue
        assert found.offers


AT_ONCE = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
from richmenus.taking import take
content = sys.stdin.buffer.read()
with ThreadPoolExecutor(int(sys.argv[1])) as pool:
    list(pool.map(lambda _: take(content, (800, 540)), range(int(sys.argv[1]))))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_many_large_pictures_at_once_take_the_memory_of_one() -> None:
    """Or whoever may send one could have the process ended by sending sixteen."""
    content = sent((4000, 2700), "PNG", "RGBA")

    def most(number: int) -> int:
        program = [sys.executable, "-c", AT_ONCE, str(number)]
        return int(subprocess.run(program, input=content, stdout=-1, check=True).stdout)

    assert most(5) < 1.4 * most(1)
