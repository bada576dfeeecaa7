"""An attacker's ticket, sent around: whoever opens it is shown whose it is, and is tied by nothing
but their own word.

The attacker is a member of the brand. Its site gave them a ticket for their own record; if a victim's
LINE account were tied to it, the attacker's points would be spent on the victim's menus, and what the
brand tells its member in the chat would be told to the victim. The other way round, a ticket that was
stolen ties the victim's record to the thief's LINE account: that is what its ten minutes, its one use
and the notice to the one who loses a link are for.
"""

from collections.abc import Callable

import pytest
from flask import Flask

from core.settings import Settings
from members import tickets
from models import Link, Member, Outgoing
from tests.attacks.conftest import PASSWORD, Town
from tests.attacks.walking import addresses
from tests.conftest import SettableClock
from tests.liff.visitor import Visitor
from texts import text

ASKED = text("liff.ticket.title", "ja")
SIGNING_IN = text("liff.signing_in.wait", "ja")

Send = Callable[[Member], str]


@pytest.fixture
def ticket_of(clock: SettableClock, settings: Settings) -> Send:
    """The address that the brand's site gives to a member who is logged in there."""
    return lambda member: f"/liff/ticket/{tickets.issue(member.id, clock(), settings)}"


@pytest.fixture
def theirs(town: Town) -> Member:
    return town.person("ATTACKER1", "+819066660001", name="攻撃 太郎")


@pytest.fixture
def mine(town: Town) -> Member:
    return town.person("VICTIM01", "+819077770001", name="被害 花子")


def opens(who: Visitor, address: str) -> Visitor:
    """Tapped, and signed in: LINE does that without a question to somebody who did so before."""
    who.get(address)
    if who.heading != SIGNING_IN:
        return who.follow()
    answer = who.bring({"id_token": who.login.token_for(who.user), "place": "ticket"})
    return who.get(answer.json["go"])


def about(who: Visitor) -> str:
    [form] = who.forms
    return next(str(i.get("value")) for i in form.all("input") if i.get("name") == "about")


def test_opened_it_shows_both_and_ties_nobody(
    victim: Visitor, town: Town, theirs: Member, ticket_of: Send
) -> None:
    """Tapped, looked at, loaded again, come back to: nothing happens until the button."""
    address = ticket_of(theirs)
    for _ in range(3):
        assert opens(victim, address).heading == ASKED
    line, member = (each.text for each in victim.page.root.all("strong"))
    assert line == "被害 花子", "the LINE account that would be tied"
    assert (member[0], "•" in member) == ("攻", True), "not the victim's own record"
    assert text("liff.ticket.number", "ja", number="•••••KER1") in victim.text
    assert text("liff.ticket.warning", "ja") in victim.text
    assert (town.links(), town.all(Link), town.all(Outgoing)) == ([], [], [])


def test_refused_the_victim_is_linked_as_themselves(
    victim: Visitor, town: Town, theirs: Member, mine: Member, ticket_of: Send
) -> None:
    opens(victim, ticket_of(theirs))
    no = next(a for a in victim.page.root.all("a") if a.text == text("liff.ticket.no", "ja"))
    victim.get(no.get("href")).submit("/liff/log-in", name=mine.number, password=PASSWORD)
    assert town.links() == [(victim.user, mine.number, "login")]


def test_a_victim_who_is_linked_is_told_what_would_end(
    victim: Visitor, town: Town, theirs: Member, mine: Member, ticket_of: Send
) -> None:
    victim.sign_in().submit("/liff/log-in", name=mine.number, password=PASSWORD)
    opens(victim, ticket_of(theirs))
    assert text("liff.ticket.replaces", "ja", number="••••IM01") in victim.text
    assert town.links() == [(victim.user, mine.number, "login")]


def test_opened_in_the_victims_browser_behind_their_back(
    victim: Visitor, town: Town, theirs: Member, mine: Member, ticket_of: Send
) -> None:
    """They are about to confirm their own; a picture on another page opens the attacker's."""
    opens(victim, ticket_of(mine))
    seen, token = about(victim), victim.token
    victim.get(ticket_of(theirs))
    victim.post("/liff/ticket", {"csrf_token": token, "about": seen})
    assert text("liff.ticket.changed", "ja") in victim.text
    assert town.links() == []


def test_what_the_attacker_was_shown_confirms_nothing_for_the_victim(
    victim: Visitor, attacker: Visitor, town: Town, theirs: Member, ticket_of: Send
) -> None:
    """A form on the attacker's site, with all that a form of theirs had in it."""
    address = ticket_of(theirs)
    opens(attacker, address)
    form = {"csrf_token": attacker.token, "about": about(attacker)}
    opens(victim, address)
    victim.post("/liff/ticket", form)
    assert victim.status == 400
    victim.get("/liff/ticket")
    victim.post("/liff/ticket", {"csrf_token": victim.token, "about": form["about"]})
    assert (victim.heading, town.links()) == (ASKED, [])


def test_the_script_cannot_be_told_to_confirm(
    victim: Visitor, town: Town, theirs: Member, ticket_of: Send
) -> None:
    address = ticket_of(theirs)
    for more in ("?about=x&confirm=1", "?csrf_token=x", "#confirm", "?_method=POST"):
        opens(victim, address + more)
    for method in ("HEAD", "PUT", "PATCH"):
        victim._client.open("/liff/ticket", method=method)
    assert town.links() == []


def test_every_address_that_takes_a_ticket_is_known(app: Flask) -> None:
    """Another one wants a look at whether it confirms."""
    taking = {each.endpoint for each in addresses(app) if "ticket" in each.path}
    assert taking == {"liff.ticket", "liff.ticket_opened"}


def test_stolen_it_works_once_and_not_for_long(
    victim: Visitor, attacker: Visitor, town: Town, mine: Member, ticket_of: Send,
    clock: SettableClock, settings: Settings,
) -> None:  # fmt: skip
    """Read over a shoulder, out of a log or a referrer, after its owner has used it; or too late."""
    address = ticket_of(mine)
    opens(victim, address)
    victim.submit("/liff/ticket", about=about(victim))
    assert town.links() == [(victim.user, mine.number, "ticket")]
    opens(attacker, address)
    assert attacker.heading == text("liff.ticket.used.title", "ja")
    late = ticket_of(mine)
    clock.advance(minutes=12)
    opens(attacker, late)
    assert attacker.heading == text("liff.ticket.dead.title", "ja")
    assert town.links() == [(victim.user, mine.number, "ticket")]


def test_taken_in_time_its_owner_is_asked_for_nothing_but_told(
    victim: Visitor, attacker: Visitor, town: Town, mine: Member, ticket_of: Send,
    clock: SettableClock,
) -> None:  # fmt: skip
    """A thief who is quick has the link; the chat that loses it says so, with the way back."""
    victim.sign_in().submit("/liff/log-in", name=mine.number, password=PASSWORD)
    clock.advance(minutes=1)
    opens(attacker, ticket_of(mine))
    assert text("liff.ticket.moves", "ja") in attacker.text
    attacker.submit("/liff/ticket", about=about(attacker))
    assert town.links() == [(attacker.user, mine.number, "ticket")]
    [ended] = [link for link in town.all(Link) if link.ended_at]
    [told] = [row for row in town.all(Outgoing) if row.key == f"moved:{ended.id}"]
    assert told.friend_id == town.friend_id(victim.user)
    assert "/link" in str(told.messages)
