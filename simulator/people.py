"""What people do on their phones: follow, block, say, tap; each with the webhooks LINE makes."""

import base64
from typing import Any

from simulator import ids, liff_server
from simulator.checks.actions import read_time
from simulator.errors import LineError
from simulator.richmenu.shown import shown, switch
from simulator.state import Json, Person
from simulator.webhooks import events
from simulator.world import World


def find(world: World, user_id: str) -> Person:
    with world.lock:
        person = world.state.people.get(user_id)
    if person is None:
        raise LineError(404, "There is no such person")
    return person


def add(world: World, asked: Json) -> Person:
    person = Person(
        user_id=asked.get("userId") or ids.user_id(),
        name=str(asked.get("name") or "Someone"),
        language=str(asked.get("language") or "ja"),
        phone=str(asked.get("phone") or ""),
    )
    with world.lock:
        if person.user_id in world.state.people:
            raise LineError(409, "There is such a person already")
        world.state.people[person.user_id] = person
        world.touch(person)
    return person


def follow(world: World, person: Person, mode: str = "active") -> None:
    """Add as a friend; for somebody who blocked, unblocking."""
    with world.lock:
        if person.friend:
            return
        back = person.blocked
        person.friend, person.blocked = True, False
        text = "Unblocked the account" if back else "Added the account as a friend"
        world.write_chat(person, "system", {"type": "text", "text": text})
        events.follow(world, person.user_id, back=back, mode=mode)


def block(world: World, person: Person, mode: str = "active") -> None:
    """LINE forgets the per-user menu of who blocks."""
    with world.lock:
        if person.blocked:
            return
        person.friend, person.blocked, person.menu_id = False, True, None
        world.write_chat(person, "system", {"type": "text", "text": "Blocked the account"})
        events.unfollow(world, person.user_id, mode)


def unblock(world: World, person: Person, mode: str = "active") -> None:
    if person.blocked:
        follow(world, person, mode)


def say(
    world: World, person: Person, message: Json, mode: str = "active", *, webhook: bool = True
) -> str:
    """Send a message to the account; its id."""
    with world.lock:
        _must_not_block(person)
        person.last_said_at = world.clock.now_ms()
        entry = world.write_chat(person, "friend", message)
        if webhook:
            events.message(world, person.user_id, message | {"id": entry.id}, mode)
    return entry.id


def send_file(world: World, person: Person, kind: str, content: bytes, content_type: str) -> str:
    """Send an image, video, audio or file, which the account can then download."""
    said: Json = {"type": kind, "contentProvider": {"type": "line"}}
    with world.lock:
        message_id = say(world, person, said)
        written = base64.b64encode(content).decode()
        world.state.contents[message_id] = (content_type, written)
    return message_id


def unsend(world: World, person: Person, message_id: str, mode: str = "active") -> None:
    with world.lock:
        kept = [entry for entry in person.chat if entry.id != message_id]
        if len(kept) == len(person.chat):
            raise LineError(404, "There is no such message")
        person.chat = kept
        world.state.contents.pop(message_id, None)
        world.touch(person)
        events.unsend(world, person.user_id, message_id, mode)


def postback(
    world: World, person: Person, data: str, params: Json | None = None, mode: str = "active"
) -> None:
    with world.lock:
        _must_not_block(person)
        events.postback(world, person.user_id, data, params, mode)


def tap(world: World, person: Person, area: int, params: Json | None = None) -> Json:
    """Tap an area of the rich menu that is shown."""
    with world.lock:
        menu = shown(world.state, person)
    areas: list[Json] = menu.request["areas"] if menu else []
    if not 0 <= area < len(areas):
        raise LineError(404, "There is no such area on a rich menu of this person")
    return act(world, person, areas[area]["action"], params)


def act(world: World, person: Person, action: Json, params: Json | None = None) -> Json:
    """Do what a tapped action says; the answer says what the phone has to open or copy."""
    kind = action.get("type")
    if kind == "message":
        say(world, person, {"type": "text", "text": action["text"]})
    elif kind == "postback":
        _tap_postback(world, person, action)
    elif kind == "datetimepicker":
        postback(world, person, action["data"], _picked(action, params or {}))
    elif kind == "richmenuswitch":
        _tap_tab(world, person, action)
    elif kind == "uri":
        return opened(world, person, str(action["uri"]))
    elif kind == "clipboard":
        return {"copy": action["clipboardText"]}
    return {}


def opened(world: World, person: Person, url: str) -> Json:
    """A LIFF URL of ours opens in LINE's in-app way; anything else just opens."""
    inside = liff_server.opened_in_app(world, person, url)
    return {"liff": inside} if inside else {"open": url}


def _tap_postback(world: World, person: Person, action: Json) -> None:
    with world.lock:
        said = action.get("displayText") or action.get("text")
        if said:
            webhook = action.get("displayText") is None
            say(world, person, {"type": "text", "text": said}, webhook=webhook)
        postback(world, person, action.get("data", ""))


def _tap_tab(world: World, person: Person, action: Json) -> None:
    alias = action["richMenuAliasId"]
    with world.lock:
        switched = switch(world, person, alias)
        params = {"newRichMenuAliasId": alias, "status": switched.status}
        postback(world, person, action.get("data", ""), params)


def _picked(action: Json, params: dict[str, Any]) -> Json:
    mode = str(action.get("mode"))
    written = str(params.get(mode) or action.get("initial") or "")
    if read_time(mode, written) is None:
        raise LineError(400, f"Pick a {mode}: params.{mode}")
    return {mode: written}


def _must_not_block(person: Person) -> None:
    if person.blocked:
        raise LineError(409, "This person has blocked the account")
