"""Promise 6: a link that begins on the brand's site is signed, good once, and confirmed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.errors import Conflict, Invalid
from members import linking, tickets
from models import How, Link, UsedToken
from tests.members.situations import a_friend, a_member, a_pair

MINUTE = timedelta(minutes=1)


def links(db):
    return db.scalar(select(func.count()).select_from(Link))


def test_opening_somebodys_ticket_links_nobody(database, settings, now):
    _, member_id = a_pair(database, now)
    ticket = tickets.issue(member_id, now, settings)
    with database.begin() as db:
        for _ in range(3):
            assert tickets.opened(db, ticket, now, settings).id == member_id
        assert links(db) == 0
        assert db.scalar(select(func.count()).select_from(UsedToken)) == 0


def test_confirming_links_once(database, settings, now):
    friend_id, member_id = a_pair(database, now)
    ticket = tickets.issue(member_id, now, settings)
    with database.begin() as db:
        stranger = a_friend(db, now)
        made = tickets.redeem(db, friend_id, ticket, now, settings)
        assert (made.member_id, made.how) == (member_id, How.TICKET)
        for again in (friend_id, stranger.id):
            with pytest.raises(Invalid, match="ticket_used"):
                tickets.redeem(db, again, ticket, now + MINUTE, settings)
        with pytest.raises(Invalid, match="ticket_used"):
            tickets.opened(db, ticket, now + MINUTE, settings)
        assert linking.active(db, friend_id).member.id == member_id


@pytest.mark.parametrize(("age", "good"), [(10, True), (11, False)])
def test_it_lives_ten_minutes(database, settings, now, age, good):
    friend_id, member_id = a_pair(database, now)
    ticket = tickets.issue(member_id, now, settings)
    with database.begin() as db:
        if good:
            tickets.redeem(db, friend_id, ticket, now + age * MINUTE, settings)
        else:
            with pytest.raises(Invalid, match="ticket_dead"):
                tickets.redeem(db, friend_id, ticket, now + age * MINUTE, settings)


def test_what_we_did_not_sign_is_no_ticket(database, settings, make_settings, now):
    friend_id, member_id = a_pair(database, now)
    good = tickets.issue(member_id, now, settings)
    foreign = tickets.issue(member_id, now, make_settings(secret_key="somebody else's key " * 2))
    middle = len(good) // 2
    bent = good[:middle] + ("A" if good[middle] != "A" else "B") + good[middle + 1 :]
    early = tickets.issue(member_id, now + timedelta(hours=1), settings)
    with database.begin() as db:
        for ticket in ("", "x", "チケット", str(member_id), foreign, bent, good[:-4], early):
            for use in (
                lambda t: tickets.opened(db, t, now, settings),
                lambda t: tickets.redeem(db, friend_id, t, now, settings),
            ):
                with pytest.raises(Invalid, match="ticket_dead"):
                    use(ticket)
        assert links(db) == 0


def test_a_ticket_tells_nothing_and_is_never_the_same(settings, now):
    member_id = uuid4()
    one, other = (tickets.issue(member_id, now, settings) for _ in range(2))
    assert one != other
    assert member_id.hex not in one
    assert one.replace("-", "").replace("_", "").replace("=", "").isalnum()


def test_of_members_who_are_gone(database, settings, now):
    _, member_id = a_pair(database, now, status="withdrawn")
    with database.begin() as db:
        for ticket in (tickets.issue(each, now, settings) for each in (member_id, uuid4())):
            with pytest.raises(Invalid, match="ticket_dead"):
                tickets.opened(db, ticket, now, settings)


def test_a_link_that_failed_leaves_the_ticket(database, settings, now):
    friend_id, member_id = a_pair(database, now)
    ticket = tickets.issue(member_id, now, settings)
    with database.begin() as db:
        other = a_friend(db, now)
        linking.link(db, other.id, member_id, How.PHONE, now, settings=settings)
    with pytest.raises(Conflict), database.begin() as db:
        tickets.redeem(db, friend_id, ticket, now, settings)
    with database.begin() as db:
        tickets.redeem(db, friend_id, ticket, now + MINUTE, settings)


def test_two_at_once_redeem_once(fresh_database, settings, now):
    with fresh_database.begin() as db:
        friends, member = [a_friend(db, now).id for _ in range(4)], a_member(db, now).id
    ticket, start = tickets.issue(member, now, settings), Barrier(4)

    def redeem(friend_id):
        start.wait()
        try:
            with fresh_database.begin() as db:
                return tickets.redeem(db, friend_id, ticket, now, settings)
        except (Invalid, Conflict):
            return None

    with ThreadPoolExecutor(4) as threads:
        assert len(list(filter(None, threads.map(redeem, friends)))) == 1
    with fresh_database.read() as db:
        assert links(db) == 1
