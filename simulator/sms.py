"""The SMS inbox: what was texted to which number, by a signed webhook or by Twilio's HTTP API."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from email.utils import formatdate

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from simulator import ids
from simulator.errors import LineError
from simulator.state import Json, Sms
from simulator.web import asked_json, the_world

OFF_BY = 5 * 60
E164 = re.compile(r"\+[1-9]\d{6,14}")
LONGEST = 1600

sms = Blueprint("sms", __name__)


@sms.post("/sms")
def generic() -> ResponseReturnValue:
    """JSON of id, to and text; the signature covers the timestamp, a dot, and the raw body."""
    _check_signature()
    said = asked_json()
    message = Sms(
        to=str(said.get("to", "")),
        text=str(said.get("text", "")),
        at=the_world().clock.now_ms(),
        id=str(said.get("id", "")),
    )
    if not message.id or not E164.fullmatch(message.to) or not 1 <= len(message.text) <= LONGEST:
        raise LineError(400, "id, to (E.164) and text are needed")
    return {"accepted": True, "duplicate": not _keep(message)}


def _check_signature() -> None:
    world = the_world()
    timestamp = request.headers.get("X-Musubi-Timestamp", "")
    secret = world.settings.sms_secret.encode()
    signed = timestamp.encode() + b"." + request.get_data()
    expected = "sha256=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()
    given = request.headers.get("X-Musubi-Signature", "")
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise LineError(401, "The signature is wrong")
    if not timestamp.isdecimal() or abs(world.clock.now() - int(timestamp)) > OFF_BY:
        raise LineError(401, "The timestamp is more than five minutes off")


@sms.post("/2010-04-01/Accounts/<account>/Messages.json")
def twilio(account: str) -> ResponseReturnValue:
    world = the_world()
    known = (world.settings.twilio_account, world.settings.twilio_token)
    given = request.authorization
    if given is None or (given.username, given.password) != known or account != known[0]:
        return _twilio_error(401, 20003, "Authenticate")
    wrong = _wrong_in(request.form)
    if wrong is not None:
        return _twilio_error(400, *wrong)
    sid = "SM" + ids.request_id().replace("-", "")
    message = Sms(request.form["To"], request.form["Body"], world.clock.now_ms(), sid)
    _keep(message)
    return _queued(message, account, request.form.get("From")), 201


def _wrong_in(form: Mapping[str, str]) -> tuple[int, str] | None:
    """Twilio's code and words for what is wrong."""
    if not E164.fullmatch(form.get("To", "")):
        return 21211, f"The 'To' number {form.get('To', '')} is not a valid phone number."
    if not (form.get("From") or form.get("MessagingServiceSid")):
        return 21603, "A 'From' phone number is required."
    if not 1 <= len(form.get("Body", "")) <= LONGEST:
        return 21602, "Message body is required."
    return None


def _queued(message: Sms, account: str, sender: str | None) -> Json:
    date = formatdate(message.at / 1000)
    return {
        "sid": message.id,
        "account_sid": account,
        "to": message.to,
        "from": sender,
        "body": message.text,
        "status": "queued",
        "direction": "outbound-api",
        "num_segments": "1",
        "error_code": None,
        "error_message": None,
        "date_created": date,
        "date_updated": date,
        "uri": f"/2010-04-01/Accounts/{account}/Messages/{message.id}.json",
    }


def _twilio_error(status: int, code: int, message: str) -> ResponseReturnValue:
    return {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }, status


def _keep(message: Sms) -> bool:
    """Whether it is new; the same id twice is one SMS."""
    world = the_world()
    with world.lock:
        if any(each.id == message.id for each in world.state.sms):
            return False
        world.state.sms.append(message)
        for person in world.state.people.values():
            if same_number(person.phone, message.to):
                world.touch(person)
    return True


def same_number(one: str, other: str) -> bool:
    """Equal but for hyphens and spaces."""
    return bool(one) and _digits(one) == _digits(other)


def _digits(number: str) -> str:
    return re.sub(r"[^\d+]", "", number)
