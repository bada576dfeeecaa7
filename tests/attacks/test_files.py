"""Files that are bombs: a brand's staff may be sent one, and open it with our commands."""

import gzip
import io
import struct
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from core.database import Database
from core.errors import Invalid
from core.settings import Settings
from members.importing.file import Options, import_file
from models import Member
from richmenus import images
from tests.attacks.conftest import Town

MEMORY = 120_000_000
SECONDS = 20


def png(width: int, height: int, scanlines: bytes) -> bytes:
    """A PNG that says what it is told to say."""

    def chunk(kind: bytes, said: bytes) -> bytes:
        return (
            struct.pack(">I", len(said)) + kind + said + struct.pack(">I", zlib.crc32(kind + said))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(scanlines, 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def with_text_bomb() -> bytes:
    """A small picture whose compressed text unfolds to 60 MB."""
    held = io.BytesIO()
    Image.new("RGB", (2500, 1686)).save(held, "PNG")
    whole = held.getvalue()
    said = b"bomb\0\0" + zlib.compress(b"a" * 60_000_000, 9)
    chunk = struct.pack(">I", len(said)) + b"zTXt" + said
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + said))
    return whole[:33] + chunk + whole[33:]


PICTURES: dict[str, Callable[[], bytes]] = {  # made when they are wanted: they are large
    "60000x60000": lambda: png(60_000, 60_000, b"\0" * 900_000),
    "2^31-1 wide": lambda: png(2**31 - 1, 1, b""),
    "zero wide": lambda: png(0, 0, b""),
    "right size, no pixels": lambda: png(2500, 1686, b""),
    "right size, too many pixels": lambda: png(2500, 1686, b"\0" * 90_000_000),
    "text that unfolds": with_text_bomb,
    "an SVG": lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
    "a GIF": lambda: b"GIF89a" + b"\xff" * 100,
    "HTML after PNG's first bytes": lambda: b"\x89PNG<html><script>alert(1)</script>",
    "a gzip": lambda: gzip.compress(b"\0" * 50_000_000),
    "2 MB": lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 2_000_000,
    "nothing": lambda: b"",
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_that_is_a_bomb_is_named_as_a_problem(name: str) -> None:
    picture = PICTURES[name]()
    began = time.perf_counter()
    tracemalloc.start()
    found = list(images.problems(picture, 2500, 1686))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found or name == "right size, too many pixels"
    assert most < MEMORY, f"{most:,} bytes"
    assert time.perf_counter() - began < SECONDS


def test_what_says_it_is_huge_is_not_decoded() -> None:
    picture = PICTURES["60000x60000"]()
    tracemalloc.start()
    list(images.problems(picture, 60_000, 60_000))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MEMORY


# Files of members


def brought(
    database: Database, settings: Settings, now: datetime, folder: Path, content: bytes
) -> tuple[int, int]:
    """How many members it made, and how many rows were broken; (-1, -1) for no use at all."""
    path = folder / "members.csv"
    path.write_bytes(content)
    try:
        report = import_file(database, path, Options(), now, settings)
    except Invalid:
        return -1, -1
    return report.new, report.broken


HEAD = b"number,name,email\n"


@pytest.mark.parametrize(
    ("make", "most_new"),
    [
        (lambda: HEAD + b"M1," + b"x" * 30_000_000 + b",\n", 0),
        (lambda: HEAD + b'M1,"' + b"x\n" * 5_000_000, 0),
        (lambda: HEAD + b"M1,a\0b,\nM2,good,\n", 1),
        (lambda: b"number," + b",".join(b"c%d" % n for n in range(20_000)) + b"\nM1\n", 0),
        (lambda: HEAD + b",".join([b"M1"] * 500_000) + b"\n", 0),
        (lambda: HEAD + b"\xff\xfe\x00M\x00" * 50_000, 0),
        (lambda: gzip.compress(b"number,name\n" * 5_000_000), 0),
        (lambda: b"\0" * 5_000_000, 0),
        (lambda: b"", 0),
        (lambda: HEAD + b"M" * 1_000 + b",a,\n", 0),
        (lambda: HEAD + b"M1,a," + b"a" * 5_000 + b"@example.com\n", 0),
    ],
    ids=["huge-field", "open-quote", "nul", "columns", "cells", "utf-16", "gzip", "zeros",
         "empty", "long-number", "long-email"],
)  # fmt: skip
def test_a_file_that_is_a_bomb_is_told_and_harms_nobody(
    town: Town, settings: Settings, tmp_path: Path, make: Callable[[], bytes], most_new: int,
    clock: object,
) -> None:  # fmt: skip
    content = make()
    began = time.perf_counter()
    new, _ = brought(town.database, settings, clock(), tmp_path, content)  # type: ignore[operator]
    assert new <= most_new
    assert time.perf_counter() - began < SECONDS
    with town.database.begin() as db:
        assert db.query(Member).count() <= most_new


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("x")', "\t=1", "|x"])
def test_what_a_spreadsheet_would_run_is_kept_as_it_is(
    town: Town, settings: Settings, tmp_path: Path, cell: str, clock: object
) -> None:
    """Nothing of ours writes a spreadsheet: the export of a member is JSON. The day one is
    written, this test wants company."""
    written = cell.replace('"', '""')
    content = f'number,name\nM1,"{written}"\n'.encode()
    new, broken = brought(town.database, settings, clock(), tmp_path, content)  # type: ignore[operator]
    assert new + broken == 1
    exporters = list((Path(__file__).parents[2] / "members").rglob("*.py"))
    assert not any("csv.writer" in each.read_text("utf-8") for each in exporters)
