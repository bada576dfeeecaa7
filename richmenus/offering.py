"""What a tap on a menu can do, as staff choose it: kinds, and the words LINE and the bot know."""

from collections.abc import Mapping
from typing import Any

from core.settings import LANGUAGES

REPLIES = ("shop", "contact", "coupon", "points", "my_page", "link", "unlink", "language", "menu")
"""Replies of the bot that a button may ask for; tests keep them to what the bot has."""
ANSWERS = (*REPLIES, "hello", "thanks", "default")
"""All replies of the bot, also those that make no sense behind a button."""
KNOWN = (
    rf"1:(reply:({'|'.join(ANSWERS)})|link|tag:[^:]*[^:\s,;、；，][^:]*|language:({'|'.join(LANGUAGES)}))"
    r"(:[^:]*)*"
)
"""The data that the bot does something for, as browsers read it, too; to the rest it answers that
the button is an old one. Tests keep it to what the bot has."""
LIFF_PAGES = ("link", "me", "register")
KINDS = (
    "reply", "site", "liff", "message", "tab", "phone", "copy", "picker", "tag", "postback",
)  # fmt: skip
"""In the order in which they are offered."""
REPLY, TAG, LIFF, TEL = "1:reply:", "1:tag:", "liff:", "tel:"
OTHER = "other"
"""Instead of a reply: data that somebody wrote."""

FIELDS: Mapping[str, Mapping[str, str]] = {
    "reply": {"data": "reply", "displayText": "said"},
    "site": {"uri": "uri"},
    "liff": {"uri": "page"},
    "message": {"text": "text"},
    "tab": {"tab": "to"},
    "phone": {"uri": "phone"},
    "copy": {"clipboardText": "copied"},
    "picker": {"data": "pick", "mode": "mode", "initial": "initial", "min": "min", "max": "max"},
    "tag": {"data": "tag", "displayText": "said"},
    "postback": {"data": "raw", "displayText": "said"},
}
"""For each kind: the name of what is typed, by the name that LINE's action has for it."""


def typed(action: Mapping[str, Any]) -> dict[str, str]:
    """What somebody would have typed for an action, with its kind."""
    kind = kind_of(action)
    found = {"kind": kind, "label": str(action.get("label") or "")}
    for name, field in FIELDS[kind].items():
        value = str(action.get(name) or "")
        for prefix in (REPLY, TAG, LIFF, TEL):
            if kind in ("reply", "tag", "liff", "phone") and value.startswith(prefix):
                value = value.removeprefix(prefix)
        found[field] = value
    for name in ("inputOption", "fillInText"):
        if action.get(name):
            found[name] = str(action[name])
    if action.get("tracked"):
        found["tracked"] = "1"
    if kind == "picker":
        reply = _reply(found["pick"])
        found |= {"answer": reply, "pick": ""} if reply else {"answer": OTHER}
    return found


def _reply(data: str) -> str:
    """Which of the replies that are offered the data asks for; empty: none."""
    name = data.removeprefix(REPLY)
    return name if data.startswith(REPLY) and name in REPLIES else ""


def kind_of(action: Mapping[str, Any]) -> str:
    data, uri = str(action.get("data", "")), str(action.get("uri", ""))
    match action.get("type"):
        case "uri":
            return "liff" if uri.startswith(LIFF) else "phone" if uri.startswith(TEL) else "site"
        case "postback":
            return "reply" if _reply(data) else "tag" if data.startswith(TAG) else "postback"
        case other:
            return NAMES.get(str(other), "postback")


NAMES = {
    "message": "message", "richmenuswitch": "tab", "datetimepicker": "picker", "clipboard": "copy",
}  # fmt: skip


def action(typed: Mapping[str, str]) -> dict[str, Any]:
    """The action of a definition, from what was typed; whether it can be used is checked later."""
    kind = typed.get("kind", "")
    if kind not in FIELDS:
        return {}
    if kind == "picker" and typed.get("answer", OTHER) != OTHER:
        typed = {**typed, "pick": REPLY + typed["answer"]}
    made: dict[str, Any] = {"type": TYPES[kind]}
    for name, field in FIELDS[kind].items():
        value = typed.get(field, "").strip()
        if value or name not in OPTIONAL:
            made[name] = _prefixed(kind, name, value)
    if kind in ("reply", "tag", "postback"):
        more = {name: typed.get(name, "").strip() for name in ("inputOption", "fillInText")}
        made |= {name: value for name, value in more.items() if value}
    if kind == "site" and typed.get("tracked"):
        made["tracked"] = True
    if label := typed.get("label", "").strip():
        made["label"] = label
    return made


TYPES = {
    "reply": "postback", "site": "uri", "liff": "uri", "message": "message",
    "tab": "richmenuswitch", "phone": "uri", "copy": "clipboard", "picker": "datetimepicker",
    "tag": "postback", "postback": "postback",
}  # fmt: skip
OPTIONAL = {"displayText", "initial", "min", "max"}


def _prefixed(kind: str, name: str, value: str) -> str:
    prefix = {"reply": REPLY, "tag": TAG, "liff": LIFF, "phone": TEL}.get(kind, "")
    if not prefix or name not in ("data", "uri"):
        return value
    if kind == "phone":
        value = "".join(each for each in value if each.isdigit() or each == "+")
    return f"{prefix}{value}" if value else ""
