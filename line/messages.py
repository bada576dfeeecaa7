"""Messages as LINE draws them, built by our own words; each is LINE's JSON object.

LINE refuses what breaks its limits, and so does the simulator.
"""

from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]
"""A LINE message object, ready to send."""
Action = dict[str, Any]
"""A LINE action object."""

BUTTONS_TEXT_LIMIT = 160
"""UTF-16 code units."""


def text(words: str, *, quick: Sequence[Action] = ()) -> Message:
    return _with_quick({"type": "text", "text": words}, quick)


def buttons(words: str, actions: Sequence[Action], *, quick: Sequence[Action] = ()) -> Message:
    """A text of <= 160 characters over one to four buttons."""
    template = {"type": "buttons", "text": words, "actions": list(actions)}
    return _with_quick({"type": "template", "altText": words, "template": template}, quick)


def coupon(coupon_id: str) -> Message:
    return {"type": "coupon", "couponId": coupon_id}


def open_url(label: str, url: str) -> Action:
    return {"type": "uri", "label": label, "uri": url}


def post(label: str, payload: str, *, shown: str | None = None) -> Action:
    """A postback with our own compact text (<= 300); `shown` appears as said by the friend."""
    action = {"type": "postback", "label": label, "data": payload}
    return action | ({"displayText": shown} if shown else {})


def _with_quick(message: Message, quick: Sequence[Action]) -> Message:
    if not quick:
        return message
    items = [{"type": "action", "action": action} for action in quick]
    return message | {"quickReply": {"items": items}}
