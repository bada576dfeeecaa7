"""What docs/operations.md tells an operator to do, done: back up, restore, rotate, upgrade."""

import signal
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
import urllib3
from sqlalchemy import func, select

from bench.chaos_parts.browser import Browser
from bench.deployment import Deployment, until
from bench.stores import Postgres
from core import migrations
from core.database import Database, connect
from members.friendship import friend_for
from models import Friend, Outgoing
from tests.conftest import NOON


@contextmanager
def somebody_writes(database: Database) -> Iterator[Callable[[], int]]:
    """Friends come all the time; how many have come so far."""
    stop, came = threading.Event(), []

    def write() -> None:
        while not stop.is_set():
            with database.begin() as db:
                friend_for(db, f"U{uuid4().hex}", NOON)
            came.append(1)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        until(lambda: len(came) > 20)
        yield lambda: len(came)
    finally:
        stop.set()
        thread.join()


def friends(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count(Friend.id))) or 0


def is_whole(url: str, at_least: int) -> None:
    restored = connect(url)
    assert migrations.problem(restored) == ""
    assert friends(restored) >= at_least
    with restored.begin() as db:
        friend_for(db, "U-after", NOON)
    restored.close()


def test_sqlite_is_backed_up_while_it_is_written_and_restored(tmp_path: Path):
    live, kept = tmp_path / "musubi.db", tmp_path / "backup.db"
    database = connect(f"sqlite:///{live}")
    migrations.upgrade(database)
    with somebody_writes(database) as came, closing(sqlite3.connect(live)) as connection:
        before = came()
        connection.execute("VACUUM INTO ?", [str(kept)])
    database.close()
    for name in (live, Path(f"{live}-wal"), Path(f"{live}-shm")):
        name.unlink(missing_ok=True)
    kept.rename(live)
    is_whole(f"sqlite:///{live}", before)


def test_postgresql_is_dumped_while_it_is_written_and_restored(tmp_path: Path):
    with Postgres() as postgres:
        live, other = postgres.database("live"), postgres.database("other")
        database = connect(live)
        migrations.upgrade(database)
        kept = tmp_path / "musubi.dump"
        with somebody_writes(database) as came:
            before = came()
            _run(postgres, "pg_dump", "--format=custom", f"--file={kept}", live)
        database.close()
        _run(postgres, "pg_restore", "--exit-on-error", "--no-owner", f"--dbname={other}", kept)
        is_whole(other, before)


def _run(postgres: Postgres, command: str, *words: str | Path) -> None:
    subprocess.run([postgres.binaries / command, *words], check=True, timeout=60)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Deployment]:
    with Deployment(tmp_path, workers=1) as deployment:
        deployment.line.control("POST", "/control/delivery", {"redelivery": True})
        yield deployment


def test_reloading_the_web_refuses_and_cuts_nothing(running: Deployment):
    """New processes take over, twice, while people come."""
    assert running.web is not None
    stop, answered, failed = threading.Event(), [], []

    def come() -> None:
        while not stop.is_set():
            try:
                answered.append(running.get("/healthz", Connection="close").status)
            except urllib3.exceptions.HTTPError as e:
                failed.append(e)

    people = [threading.Thread(target=come) for _ in range(4)]
    for each in people:
        each.start()
    try:
        for _ in range(2):
            before, many = set(running.web.children()), len(answered)
            running.web.signal(signal.SIGHUP)
            until(lambda before=before: not before & set(running.web.children()), "old ones stay")
            until(lambda many=many: len(answered) > many + 20, "nobody is answered")
    finally:
        stop.set()
        for each in people:
            each.join()
    assert not failed
    assert set(answered) == {200}


def befriended(running: Deployment) -> str:
    user = running.line.add_person("花子")
    running.line.follow(user)
    until(lambda: running.said_to(user), "nobody greeted")
    return user


def test_a_new_secret_key_signs_everybody_out_and_no_more(running: Deployment):
    user = befriended(running)
    browser = Browser(running.line, running.url, user, "10.0.0.1")
    assert browser.see("/liff/link").path == "/liff/link"
    running.change(SECRET_KEY="another-key-for-this-machine-and-nothing-else")
    assert "data-session=" in browser.open("/liff/link").html, "signs in anew"
    assert "data-session=" not in browser.see("/liff/link").html
    running.line.say(user, "営業時間")
    until(lambda: len(running.said_to(user)) == 2, "no answer")


def test_a_new_channel_secret_loses_no_event_while_line_sends_them_again(running: Deployment):
    """In the time between LINE's console and ours, webhooks are refused, and come again."""
    right = running.settings["LINE_CHANNEL_SECRET"]
    user = befriended(running)
    running.change(LINE_CHANNEL_SECRET="the-secret-of-yesterday", LINE_CHANNEL_ACCESS_TOKEN="old")
    running.line.say(user, "営業時間")
    until(lambda: '"why":"signature"' in running.log("web"), "it was not refused")
    running.change(LINE_CHANNEL_SECRET=right, LINE_CHANNEL_ACCESS_TOKEN="")
    until(lambda: len(running.said_to(user)) == 2, "no answer")


def test_a_token_that_was_taken_back_stops_messages_only_until_another_is_given(
    running: Deployment,
):
    user = befriended(running)
    running.change(LINE_CHANNEL_ACCESS_TOKEN="of-yesterday")
    running.line.say(user, "連携")  # an answer that is worth a push
    database = connect(running.settings["DATABASE_URL"])
    until(lambda: _troubles(database), "LINE was not asked")
    running.change(LINE_CHANNEL_ACCESS_TOKEN="")
    running.line.say(user, "営業時間")
    until(lambda: len(running.said_to(user)) >= 2, "no answer")
    database.close()


def _troubles(database: Database) -> list[str]:
    with database.read() as db:
        return list(db.scalars(select(Outgoing.error).where(Outgoing.error != "")))
