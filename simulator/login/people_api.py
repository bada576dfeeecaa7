"""What an app may ask with a person's access token, and giving that token back for good."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from simulator import people
from simulator.checks import body, messages, requests
from simulator.errors import LineError, refuse
from simulator.gate import NO_TOKEN, bearer, channel_of
from simulator.login.oauth import living
from simulator.state import Json, Person
from simulator.web import the_world

people_api = Blueprint("people_api", __name__)


def _person(scope: str) -> Person:
    """Whose access token this is."""
    world = the_world()
    token = living(world, bearer())
    if token is None:
        raise LineError(401, "The access token expired")
    if scope not in token.scope.split():
        raise LineError(403, f"The access token does not have the {scope} scope")
    with world.lock:
        return world.state.people[token.user_id]


@people_api.get("/v2/profile")
def profile() -> ResponseReturnValue:
    person = _person("profile")
    shown = {
        "userId": person.user_id,
        "displayName": person.name,
        "pictureUrl": person.picture_url,
        "statusMessage": person.status_message,
    }
    return {name: value for name, value in shown.items() if value}


@people_api.route("/oauth2/v2.1/userinfo", methods=["GET", "POST"])
def userinfo() -> ResponseReturnValue:
    person = _person("openid")
    shown = {"sub": person.user_id, "name": person.name, "picture": person.picture_url}
    return {name: value for name, value in shown.items() if value}


@people_api.get("/friendship/v1/status")
def friendship() -> ResponseReturnValue:
    return {"friendFlag": _person("profile").friend}


@people_api.post("/message/v3/share")
def share() -> ResponseReturnValue:
    """liff.sendMessages: the person says it. Templates and flex make no webhook."""
    person = _person("chat_message.write")
    asked = body.json_object()
    said: list[Json] = requests.validate({"messages": asked.get("messages")})["messages"]
    refuse(list(messages.faults(said)))
    for message in said:
        people.say(
            the_world(), person, message, webhook=message["type"] not in ("template", "flex")
        )
    return {}


@people_api.post("/user/v1/deauthorize")
def deauthorize() -> ResponseReturnValue:
    """All of the person's tokens die. It takes a stateless or v2.1 token of the login channel."""
    world = the_world()
    channel = channel_of(bearer())
    if (
        channel is None
        or channel.channel_id != world.settings.login_channel_id
        or channel.kind not in ("stateless", "v2.1")
    ):
        raise LineError(401, NO_TOKEN)
    token = living(world, str(body.json_object().get("userAccessToken", "")))
    if token is None:
        raise LineError(400, "invalid token")
    with world.lock:
        world.state.people[token.user_id].consented = False
        for each in [t for t, of in world.state.user_tokens.items() if of.user_id == token.user_id]:
            del world.state.user_tokens[each]
    return "", 204
