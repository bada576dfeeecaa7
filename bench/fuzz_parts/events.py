"""Webhook bodies: of LINE's shape first, then spoiled in the middle or in their bytes."""

import json
import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Json = Any

OPENAPI = Path(__file__).parents[3] / "shared" / "line-openapi" / "webhook.yml"
"""LINE's own description, where somebody has put it beside this folder."""

WORDS = (
    "", "営業時間", "連携", "ID", "クーポン", "a", "0", "-1", "\0", "\ud800", "\u202e",
    "🦋" * 40, "x" * 6000, "1:tag:coffee", "1:reply:hours", "1:link", "1:" + ":" * 500, "2:x",
    "1:reply:../../x", "{{7*7}}", "%s%n", "' OR 1=1", "<script>", "\r\n\r\n", "Ａ１",
    "日本語\u3000", "\ufeff", "true",
)  # fmt: skip
ODD: tuple[Json, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 2**64, 10**40, -(10**40), 0.5, 1e308,
    float("nan"), float("inf"), "", [], {}, [[]], [{}], {"type": None}, {"": ""}, ["a"] * 50,
)  # fmt: skip
KINDS = (
    "message", "messageEdited", "unsend", "follow", "unfollow", "join", "leave", "memberJoined",
    "memberLeft", "postback", "videoPlayComplete", "beacon", "accountLink", "membership",
    "delivery", "module", "activated", "deactivated", "botSuspended", "botResumed",
    "teleported",
)  # fmt: skip
MESSAGES = ("text", "image", "video", "audio", "file", "location", "sticker", "hologram")
USERS = tuple(f"U{n:032x}" for n in range(50))


class Events:
    """Events as LINE might send them; `now_ms` is when they happen."""

    def __init__(self, rng: random.Random, now_ms: int) -> None:
        self.rng, self.now_ms = rng, now_ms
        self._described = _described()

    def body(self) -> bytes:
        """A webhook's whole body: mostly good, often spoiled, sometimes noise."""
        rng = self.rng
        events = [self.event() for _ in range(rng.choice((0, 1, 1, 1, 1, 2, 3)))]
        whole: Json = {"destination": rng.choice(USERS), "events": events}
        for _ in range(rng.choice((0, 0, 1, 1, 2, 4))):
            whole = spoiled(whole, rng)
        raw = json.dumps(whole, ensure_ascii=rng.random() < 0.5).encode("utf-8", "surrogatepass")
        return bent(raw, rng) if rng.random() < 0.25 else raw

    def event(self) -> Json:
        if self._described and self.rng.random() < 0.4:
            return self._described(self.rng)
        return self._of_ours()

    def _of_ours(self) -> Json:
        rng = self.rng
        kind = rng.choice(KINDS)
        whole: dict[str, Json] = {
            "type": kind,
            "mode": rng.choice(("active", "active", "standby")),
            "timestamp": self.now_ms - rng.randrange(0, 10**7),
            "source": self._source(),
            "webhookEventId": f"01{rng.getrandbits(120):024X}"[:26],
            "deliveryContext": {"isRedelivery": rng.random() < 0.2},
        }
        if kind in ("message", "follow", "join", "postback", "beacon", "memberJoined"):
            whole["replyToken"] = f"{rng.getrandbits(128):032x}"
        more = self._more(kind)
        if more:
            whole[more[0]] = more[1]
        return whole

    def _source(self) -> Json:
        kind = self.rng.choice(("user", "user", "user", "group", "room"))
        named = {} if kind == "user" else {f"{kind}Id": f"C{self.rng.getrandbits(128):032x}"}
        return {"type": kind, "userId": self.rng.choice(USERS)} | named

    def _more(self, kind: str) -> tuple[str, Json] | None:
        rng = self.rng
        number = str(rng.randrange(10**17))
        parts: Mapping[str, tuple[str, Json]] = {
            "message": ("message", self._message(number)),
            "unsend": ("unsend", {"messageId": number}),
            "follow": ("follow", {"isUnblocked": rng.random() < 0.5}),
            "postback": ("postback", self._postback()),
            "accountLink": ("link", {"result": rng.choice(("ok", "failed")), "nonce": number}),
            "beacon": ("beacon", {"hwid": number, "type": "enter", "dm": "00"}),
            "delivery": ("delivery", {"data": number}),
            "membership": ("membership", {"type": "joined", "membershipId": 7}),
            "memberJoined": ("joined", {"members": [self._source()]}),
            "memberLeft": ("left", {"members": [self._source()]}),
            "videoPlayComplete": ("videoPlayComplete", {"trackingId": number}),
        }
        return parts.get(kind)

    def _message(self, number: str) -> Json:
        rng = self.rng
        kind = rng.choice(MESSAGES)
        said: dict[str, Json] = {"id": number, "type": kind, "quoteToken": number}
        if kind == "text":
            said["text"] = rng.choice(WORDS)
            said["mention"] = {"mentionees": [{"index": 0, "length": 3, "type": "all"}]}
        elif kind == "sticker":
            said |= {"packageId": "1", "stickerId": "2", "stickerResourceType": "STATIC"}
        else:
            said["contentProvider"] = {"type": "line"}
        return said

    def _postback(self) -> Json:
        rng = self.rng
        params = rng.choice(
            (None, {"date": "2026-02-31"}, {"newRichMenuAliasId": "a", "status": "SUCCESS"})
        )
        return {"data": rng.choice(WORDS)} | ({} if params is None else {"params": params})


def spoiled(whole: Json, rng: random.Random) -> Json:
    """One place of it, anywhere, is something else than it should be."""
    if isinstance(whole, dict) and whole and rng.random() < 0.9:
        key = rng.choice(list(whole))
        choice = rng.random()
        if choice < 0.1:
            return {name: value for name, value in whole.items() if name != key}
        if choice < 0.15:
            return whole | {rng.choice(WORDS): _odd(rng)}
        return whole | {key: spoiled(whole[key], rng)}
    if isinstance(whole, list) and whole and rng.random() < 0.8:
        at = rng.randrange(len(whole))
        return [spoiled(each, rng) if n == at else each for n, each in enumerate(whole)]
    return _odd(rng)


def _odd(rng: random.Random) -> Json:
    if rng.random() < 0.02:
        return _deep(rng.choice((10, 200, 900)))
    return rng.choice(ODD) if rng.random() < 0.6 else rng.choice(WORDS)


def _deep(depth: int) -> Json:
    nested: Json = []
    for _ in range(depth):
        nested = [nested]
    return nested


def bent(raw: bytes, rng: random.Random) -> bytes:
    """The same bytes, but for some of them."""
    at = rng.randrange(len(raw) + 1)
    ways: tuple[Callable[[], bytes], ...] = (
        lambda: raw[:at],
        lambda: raw[:at] + rng.randbytes(rng.randrange(1, 8)) + raw[at:],
        lambda: raw[:at] + raw[at + rng.randrange(1, 20) :],
        lambda: raw[:at] + rng.choice((b"[", b"{", b'"', b"\\u", b"\\ud8", b"9" * 400)) + raw[at:],
        lambda: b"\xef\xbb\xbf" + raw,
        lambda: raw.decode("utf-8", "replace").encode("utf-16"),
        lambda: b"[" * 2000 + raw,
        lambda: raw + raw,
        lambda: rng.randbytes(at % 300),
    )
    return rng.choice(ways)()


# LINE's own idea of events


def _described() -> Callable[[random.Random], Json] | None:
    if not OPENAPI.exists():
        return None
    schemas = yaml.safe_load(OPENAPI.read_text("utf-8"))["components"]["schemas"]
    return lambda rng: _chosen({"$ref": "#/Event"}, schemas, rng)


def _chosen(schema: Json, schemas: Json, rng: random.Random, depth: int = 0) -> Json:
    if "$ref" in schema:
        whole = schemas[schema["$ref"].rpartition("/")[2]]
        mapping = whole.get("discriminator", {}).get("mapping")
        if mapping:
            name = rng.choice(sorted(mapping))
            found = _chosen_plain(schemas[mapping[name].rpartition("/")[2]], schemas, rng, depth)
            return found | {whole["discriminator"]["propertyName"]: name}
        return _chosen_plain(whole, schemas, rng, depth)
    return _chosen_plain(schema, schemas, rng, depth)


def _chosen_plain(schema: Json, schemas: Json, rng: random.Random, depth: int) -> Json:
    if "allOf" in schema:
        merged: dict[str, Json] = {}
        for part in schema["allOf"]:
            inner = schemas[part["$ref"].rpartition("/")[2]] if "$ref" in part else part
            merged |= _chosen_plain(inner, schemas, rng, depth)
        return merged
    return _simple(schema, schemas, rng, depth)


def _simple(schema: Json, schemas: Json, rng: random.Random, depth: int) -> Json:
    match schema.get("type"):
        case "string":
            return rng.choice(schema.get("enum", (*USERS, *WORDS)))
        case "integer" | "number":
            return rng.choice((0, 1, -1, rng.randrange(2**41), 35.6))
        case "boolean":
            return rng.random() < 0.5
        case "array":
            few = range(rng.randrange(3) if depth < 6 else 0)
            return [_chosen(schema["items"], schemas, rng, depth + 1) for _ in few]
        case _:
            wanted = set(schema.get("required", ()))
            return {
                name: _chosen(each, schemas, rng, depth + 1)
                for name, each in schema.get("properties", {}).items()
                if name in wanted or rng.random() < 0.5
            }
