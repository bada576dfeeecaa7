"""Members from a CSV file, beside the database's own bulk load of the same file."""

import csv
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg

from bench.figures import Figure, Size, at_most, middle, ratios
from bench.processes import ROOT
from bench.serving import plain_settings
from bench.stores import Postgres
from core.clock import now
from core.database import connect
from members.importing.file import Options, import_file
from models import Base

COLUMNS = ("number", "name", "kana", "phone", "email", "birthday", "gender", "rank", "points",
           "store", "joined_on")  # fmt: skip
ROUNDS = 2


def measure(size: Size) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="musubi-bench-") as folder, Postgres() as postgres:
        file, small = Path(folder) / "members.csv", Path(folder) / "few.csv"
        write(file, size.people)
        write(small, size.people // 10)
        for name in ("SQLite", "PostgreSQL"):
            mine, theirs, peaks = [], [], []
            for round_ in range(ROUNDS):
                url = f"sqlite:///{folder}/{round_}.db"
                if name == "PostgreSQL":
                    url = postgres.database(f"import{round_}")
                tables(url)
                theirs.append(bulk(url, file))
                seconds, most = ours(url, file)
                mine.append(seconds)
                _empty(url)
                peaks.append(most / ours(url, small)[1])
            yield Figure(
                f"importing {size.people:,} members from CSV", name, middle(mine, " s"),
                f"{middle(theirs, ' s')} {'COPY' if name == 'PostgreSQL' else 'INSERTs'}",
                ratios(mine, theirs), goal=at_most(4) if name == "PostgreSQL" else None,
            )  # fmt: skip
            yield Figure(
                "… its memory at its peak", name, f"{most / 1024:.0f} MB",
                f"a tenth of the rows: {most / 1024 / peaks[-1]:.0f} MB", peaks,
                goal=at_most(1.1, "flat (≤ 1.1)"),
            )  # fmt: skip


def write(file: Path, number: int) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        rows = csv.writer(opened)
        rows.writerow(COLUMNS)
        for n in range(number):
            rows.writerow((
                f"M{n:07}", f"山田 花子{n % 1000}", "ヤマダ ハナコ", f"+8190{10_000_000 + n}",
                f"m{n}@example.com", f"19{50 + n % 50}-{1 + n % 12:02}-15", "F",
                ("regular", "silver", "gold")[n % 3], n * 7919 % 10_000, "渋谷店", "2024-04-01",
            ))  # fmt: skip


def tables(url: str) -> None:
    database = connect(url)
    Base.metadata.create_all(database.engine)
    with database.engine.begin() as connection:
        if url.startswith("sqlite"):
            connection.exec_driver_sql(
                "CREATE TABLE bulk (number TEXT UNIQUE, name TEXT, kana TEXT, phone TEXT,"
                " email TEXT, birthday TEXT, gender TEXT, rank TEXT, points INTEGER, store TEXT,"
                " joined_on TEXT, id TEXT PRIMARY KEY)"
            )
            for column in ("phone", "email"):
                connection.exec_driver_sql(f"CREATE INDEX bulk_{column} ON bulk ({column})")
        else:
            connection.exec_driver_sql("CREATE TABLE bulk (LIKE member INCLUDING ALL)")
            defaults = {
                "id": "gen_random_uuid()", "status": "'active'", "language": "''", "extra": "'{}'",
                "created_at": "now()", "updated_at": "now()",
            }  # fmt: skip
            for column, said in defaults.items():
                connection.exec_driver_sql(
                    f"ALTER TABLE bulk ALTER COLUMN {column} SET DEFAULT {said}"
                )
    database.close()


def bulk(url: str, file: Path) -> float:
    """The fastest way that the database offers, into a table with the same indexes."""
    began = time.perf_counter()
    if url.startswith("sqlite"):
        marks = ", ".join("?" * len(COLUMNS))
        with sqlite3.connect(url.removeprefix("sqlite:///")) as db, file.open() as opened:
            rows = csv.reader(opened)
            next(rows)
            db.executemany(
                f"INSERT INTO bulk VALUES ({marks}, lower(hex(randomblob(16))))",  # noqa: S608
                rows,
            )
        db.close()
        return time.perf_counter() - began
    copy = f"COPY bulk ({', '.join(COLUMNS)}) FROM STDIN (FORMAT csv, HEADER)"
    with psycopg.connect(url) as server, server.cursor().copy(copy) as to, file.open("rb") as read:
        while some := read.read(1 << 16):
            to.write(some)
    return time.perf_counter() - began


def ours(url: str, file: Path) -> tuple[float, int]:
    """Seconds and peak memory (KB) of a process of its own that imports the file."""
    command = [sys.executable, "-m", "bench.rows.importing", url, str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    seconds, peak = done.stdout.split()
    return float(seconds), int(peak)


def _empty(url: str) -> None:
    database = connect(url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM member")
    database.close()


def main(url: str, file: str) -> None:
    database, settings = connect(url), plain_settings()
    began = time.perf_counter()
    report = import_file(database, Path(file), Options(), now(), settings)
    took = time.perf_counter() - began
    assert report.new > 0, report
    assert not report.broken, report.problems
    sys.stdout.write(f"{took} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
