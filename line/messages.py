"""Messages as LINE draws them, built by our own words; each is LINE's JSON object.

Limits: line-platform facts in docs/glossary.md; the simulator and LINE refuse what breaks them.
"""

from collections.abc import Sequence
from typing import Any

Message = dict[str, Any]
"""A LINE message object, ready to send."""
Action = dict[str, Any]
"""A LINE action object."""

TEXT_LIMIT = 5000
"""UTF-16 code units."""
BUTTONS_TEXT_LIMIT = 160
LABEL_LIMIT = 20


def text(words: str, *, quick: Sequence[Action] = ()) -> Message:
    return _with_quick({"type": "text", "text": words}, quick)


def buttons(words: str, actions: Sequence[Action], *, quick: Sequence[Action] = ()) -> Message:
    """A text of <= 160 characters over one to four buttons."""
    template = {"type": "buttons", "text": words, "actions": list(actions)}
    return _with_quick({"type": "template", "altText": words, "template": template}, quick)


def confirm(words: str, yes: Action, no: Action) -> Message:
    template = {"type": "confirm", "text": words, "actions": [yes, no]}
    return {"type": "template", "altText": words, "template": template}


def flex(alt: str, contents: dict[str, Any], *, quick: Sequence[Action] = ()) -> Message:
    return _with_quick({"type": "flex", "altText": alt, "contents": contents}, quick)


def coupon(coupon_id: str) -> Message:
    return {"type": "coupon", "couponId": coupon_id}


def open_url(label: str, url: str) -> Action:
    return {"type": "uri", "label": label, "uri": url}


def say(label: str, words: str) -> Action:
    """The friend says `words` by a tap."""
    return {"type": "message", "label": label, "text": words}


def post(label: str, payload: str, *, shown: str | None = None) -> Action:
    """A postback with our own compact text (<= 300); `shown` appears as said by the friend."""
    action = {"type": "postback", "label": label, "data": payload}
    return action | ({"displayText": shown} if shown else {})


def _with_quick(message: Message, quick: Sequence[Action]) -> Message:
    if not quick:
        return message
    items = [{"type": "action", "action": action} for action in quick]
    return message | {"quickReply": {"items": items}}
