"""The same story on several processes of everything, and with each of them taken away."""

import signal
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from bench.chaos_parts import time_passing
from bench.chaos_parts.browser import Browser
from bench.chaos_parts.people import PASSWORD
from bench.deployment import COUPON, Deployment
from bench.stores import Postgres, Redis
from core.database import Database
from core.owed import State
from models import InboxEvent, Outgoing
from simulator.waiting import until
from tests.scaled.conftest import GOLD, PLAIN


def somebody(running: Deployment, phone: str = "") -> str:
    user = running.line.add_person("花子", phone=phone)
    running.line.follow(user)
    until(lambda: running.said_to(user), "nobody greeted")
    return user


def browser(running: Deployment, user: str) -> Browser:
    return Browser(running.line, running.url, user, "10.0.0.1")


def answered(running: Deployment, user: str, words: str = "営業時間") -> None:
    before = len(running.said_to(user))
    running.line.say(user, words)
    until(lambda: len(running.said_to(user)) > before, "no answer")


def test_there_are_as_many_as_there_should_be(scaled: Deployment) -> None:
    assert scaled.web is not None
    assert len(scaled.web.children()) == 2
    assert len(scaled.workers) == 3


def test_linked_by_phone_the_menu_of_the_rank_appears(scaled: Deployment) -> None:
    phone = "+819010000001"
    user = somebody(scaled, phone)
    assert scaled.menu_of(user) == "guest"
    at_home = browser(scaled, user)
    at_home.link_by_phone(phone)
    assert at_home.is_linked()
    until(lambda: scaled.menu_of(user) == "gold", "no gold menu")
    until(lambda: COUPON in scaled.said_to(user), "no coupon")
    scaled.do("members", "set", GOLD, "rank=regular")
    until(lambda: scaled.menu_of(user) == "member", "the menu did not follow")


def test_linked_by_log_in_and_unlinked(scaled: Deployment) -> None:
    user = somebody(scaled)
    at_home = browser(scaled, user)
    at_home.link_by_log_in(PLAIN, PASSWORD)
    until(lambda: scaled.menu_of(user) == "member", "no member menu")
    at_home.unlink()
    until(lambda: scaled.menu_of(user) == "guest", "the menu did not follow")


def test_all_workers_together_keep_to_lines_rates(scaled: Deployment) -> None:
    """A storm of events: each new friend is asked about at LINE, answered, and given a menu."""
    users = [scaled.line.add_person(f"嵐 {n}") for n in range(60)]
    for user in users:
        scaled.line.follow(user)
        scaled.line.say(user, "営業時間")
    for user in users:
        until(lambda user=user: len(scaled.said_to(user)) == 2, "somebody was not answered", 60)
    for endpoint, seen in scaled.line.state()["limits"].items():
        assert seen["peak"] <= seen["limit"], endpoint
        assert seen["refused"] == 0, endpoint


def test_redis_is_not_needed_to_go_on(scaled: Deployment, redis: Redis) -> None:
    user = somebody(scaled)
    redis.stop()
    try:
        answered(scaled, user)
        assert browser(scaled, user).see("/liff/link").status == 200
    finally:
        redis.start()
    until(scaled.is_ready, "it was not ready again")
    answered(scaled, user)


def test_postgresql_may_be_restarted(scaled: Deployment, postgres: Postgres) -> None:
    user = somebody(scaled)
    for crash in (False, True):
        postgres.restart(crash=crash)
        until(scaled.is_ready, "it was not ready again")
        answered(scaled, user)


def test_while_postgresql_is_away_line_is_told_to_come_again(
    scaled: Deployment, postgres: Postgres
) -> None:
    scaled.line.control("POST", "/control/delivery", {"redelivery": True})
    user = somebody(scaled)
    postgres.stop()
    try:
        scaled.line.say(user, "営業時間")
        until(lambda: "503" in scaled.log("web"), "the webhook was not refused")
        assert scaled.get("/liff/link").status == 503
        assert scaled.get("/healthz").status == 200, "alive, though not ready"
        assert not scaled.is_ready()
    finally:
        postgres.start()
    until(lambda: len(scaled.said_to(user)) == 2, "what LINE sent again was not answered")


def test_a_worker_may_freeze_and_wake_when_others_have_done_its_work(
    scaled: Deployment, its_database: Database
) -> None:
    """Frozen in the middle of a call to LINE: its lease ends, another does it, and what the
    late one has to say about it changes nothing."""
    user = somebody(scaled)
    frozen = scaled.workers[0]
    for other in scaled.workers[1:]:
        other.stop()
    del scaled.workers[1:]
    scaled.line.fail("POST /v2/bot/message/reply", "slow", seconds=4)
    message = scaled.line.say(user, "営業時間")
    until(lambda: _being_answered(scaled), "LINE was not asked")
    frozen.signal(signal.SIGSTOP)
    taken = _row(its_database, message)
    assert (taken.state, taken.leased) == (State.DUE, True)
    time_passing.end_leases(its_database, timedelta(0))
    scaled.start_worker()
    settled = until(lambda: _settled(its_database, message), "nobody took it over", 60)
    assert settled.attempts == taken.attempts + 1
    frozen.signal(signal.SIGCONT)
    until(lambda: "message_lost_to_another_worker" in scaled.log("worker"), "it did not wake")
    now = _row(its_database, message)
    assert (now.attempts, now.error, now.done_at) == (
        settled.attempts, settled.error, settled.done_at,
    )  # fmt: skip
    assert len(scaled.said_to(user)) == 2, "the greeting and one answer"
    answered(scaled, user)
    scaled.start_worker()


def _being_answered(running: Deployment) -> bool:
    return any(
        asked["path"] == "/v2/bot/message/reply" and asked["status"] is None
        for asked in running.line.requests()
    )


def _row(database: Database, message: str) -> Outgoing:
    with database.read() as db:
        event = db.scalars(select(InboxEvent).where(InboxEvent.message_id == message)).one()
        key = f"reply:{event.webhook_event_id}"
        return db.scalars(select(Outgoing).where(Outgoing.key == key)).one()


def _settled(database: Database, message: str) -> Outgoing | None:
    row = _row(database, message)
    return None if row.state is State.DUE else row


def test_a_beat_of_any_worker_is_a_sign_of_life(scaled: Deployment) -> None:
    for worker in scaled.workers:
        worker.stop()
    scaled.workers.clear()
    began = datetime.now(UTC)
    assert scaled.is_ready(), "a pause is no end"
    scaled.start_worker()
    assert scaled.is_ready()
    assert datetime.now(UTC) - began < timedelta(seconds=60)
