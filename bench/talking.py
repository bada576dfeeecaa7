"""What the rows about the chat share: people known to product and LINE, and when LINE was asked."""

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import urllib3
from linebot.v3.messaging import (
    ApiClient,
    Configuration,
    MessagingApi,
    PushMessageRequest,
    ReplyMessageRequest,
    TextMessage,
)
from sqlalchemy import func, insert, select, update

from bench.deployment import Deployment
from bench.stores import Postgres, Redis
from core.database import Database
from core.owed import State
from models import Friend, InboxEvent
from simulator.waiting import until

WORDS = "ポイント"
AT_ONCE = 8


def on_both(name: str) -> Iterator[tuple[str, Path, dict[str, str]]]:
    """Each way to run it: what it is called, a folder of its own, and its settings."""
    with tempfile.TemporaryDirectory(prefix="musubi-bench-") as folder:
        yield "SQLite", Path(folder), {}
    with (
        tempfile.TemporaryDirectory(prefix="musubi-bench-") as folder,
        Postgres() as postgres,
        Redis() as redis,
    ):
        more = {"DATABASE_URL": postgres.database(name), "REDIS_URL": redis.url}
        yield "PostgreSQL, Redis", Path(folder), more


def friends(running: Deployment, database: Database, number: int) -> list[str]:
    """People who are friends already, in LINE and in our database."""
    asked = {"name": "Friend", "count": number, "friend": True}
    users: list[str] = running.line.control("POST", "/control/people", asked)["userIds"]
    at = datetime.now(UTC)
    rows = [
        {"id": uuid4(), "line_user_id": user, "following": True, "friendship_at": at,
         "followed_at": at, "language": "ja", "created_at": at}
        for user in users
    ]  # fmt: skip
    with database.begin() as db:
        db.execute(insert(Friend), rows)
    return users


def say(running: Deployment, users: Sequence[str], rate: float = 0.0) -> None:
    """Each says something; at a rate, or as fast as it goes."""
    began = time.perf_counter()

    def one(numbered: tuple[int, str]) -> None:
        place, user = numbered
        if rate and (early := began + place / rate - time.perf_counter()) > 0:
            time.sleep(early)
        running.line.say(user, WORDS)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, enumerate(users)))


@dataclass(frozen=True)
class Event:
    user: str
    at: int
    """LINE's time in milliseconds."""
    token: str


def events(database: Database, among: Sequence[str] = ()) -> list[Event]:
    """The messages that the product has stored."""
    with database.read() as db:
        raws = db.scalars(select(InboxEvent.raw).where(InboxEvent.kind == "message")).all()
    found = [orjson.loads(raw) for raw in raws]
    users = set(among)
    return [
        Event(each["source"]["userId"], each["timestamp"], each["replyToken"])
        for each in found
        if not users or each["source"]["userId"] in users
    ]


def stored(database: Database) -> int:
    with database.read() as db:
        return db.scalar(select(func.count()).select_from(InboxEvent)) or 0


def put_aside(database: Database, users: Sequence[str]) -> None:
    """Nobody needs to deal with what these have said."""
    with database.begin() as db:
        theirs = InboxEvent.line_user_id.in_(users)
        db.execute(update(InboxEvent).where(theirs).values(state=State.DONE))


def replies(running: Deployment, since: int) -> Mapping[str, int]:
    """When each reply arrived at LINE, by its token."""
    return {
        each["json"]["replyToken"]: each["at"]
        for each in running.line.requests(since)
        if each["path"] == "/v2/bot/message/reply" and each["status"] == 200
    }


def last_request(running: Deployment) -> int:
    found = running.line.control("GET", "/control/requests?since=0")["requests"]
    return int(found[-1]["n"]) if found else 0


def all_replied(running: Deployment, since: int, number: int) -> Mapping[str, int]:
    """Asked so that it costs LINE next to nothing while the replies are coming: the yardstick is
    not disturbed either."""

    def look() -> Mapping[str, int]:
        if not running.line.requests(since + number - 1):
            return {}
        return found if len(found := replies(running, since)) >= number else {}

    return until(look, f"{number} replies did not come", 120)


class Bare:
    """The SDK as its documentation uses it: one client, connections kept warm."""

    def __init__(self, running: Deployment) -> None:
        settings = running.line.settings
        fields = {"grant_type": "client_credentials", "client_id": settings.channel_id,
                  "client_secret": settings.channel_secret}  # fmt: skip
        given = urllib3.request(
            "POST",
            f"{running.line.url}/oauth2/v3/token",
            body=urlencode(fields),
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        configuration = Configuration(
            host=running.line.url, access_token=given.json()["access_token"]
        )
        configuration.connection_pool_maxsize = AT_ONCE
        self._client = ApiClient(configuration)
        self._api = MessagingApi(self._client)

    def reply(self, token: str) -> float:
        """Seconds that it took."""
        began = time.perf_counter()
        self._api.reply_message(
            ReplyMessageRequest(replyToken=token, messages=[_text()], notificationDisabled=False)
        )
        return time.perf_counter() - began

    def push(self, user: str) -> float:
        """Seconds that it took."""
        began = time.perf_counter()
        self._api.push_message(
            PushMessageRequest(to=user, messages=[_text()]), x_line_retry_key=str(uuid4())
        )
        return time.perf_counter() - began

    def all(self, tokens: Sequence[str], at_once: int) -> float:
        """Calls in a second."""
        began = time.perf_counter()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self.reply, tokens))
        return len(tokens) / (time.perf_counter() - began)

    def close(self) -> None:
        self._client.rest_client.pool_manager.clear()
        self._client.close()


def _text() -> Any:
    return TextMessage(
        text="ポイントは会員の方にご案内しています。", quickReply=None, quoteToken=None
    )
