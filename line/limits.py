"""LINE's limits on one request: what breaks them is refused here, before LINE is asked."""

import re
from collections.abc import Sequence

from line.gateway import LineRefused, Move
from line.messages import Message

MESSAGES = 5
BULK = 500
"""Users in one bulk link or unlink of rich menus."""
MOVES = 1000
"""Operations in one batch."""
MENUS = 1000
IMAGE_BYTES = 1024 * 1024
IMAGE_TYPES = ("image/jpeg", "image/png")
WEBHOOK_URL = 500

USER_ID = re.compile(r"U[0-9a-f]{32}")
ALIAS = re.compile(r"[a-z0-9_-]{1,32}")
RESUME_KEY = re.compile(r"[0-9a-zA-Z_-]{1,100}")


def check_messages(messages: Sequence[Message]) -> None:
    _refuse_unless(1 <= len(messages) <= MESSAGES, f"{len(messages)} messages; 1 to {MESSAGES} go")


def check_loading(seconds: int) -> None:
    _refuse_unless(seconds in range(5, 61, 5), "seconds are 5 to 60, in steps of 5")


def check_webhook_url(url: str) -> None:
    _refuse_unless(len(url) <= WEBHOOK_URL, f"the URL is longer than {WEBHOOK_URL}")


def check_image(image: bytes, content_type: str) -> None:
    _refuse_unless(content_type in IMAGE_TYPES, f"{content_type} is neither JPEG nor PNG")
    _refuse_unless(0 < len(image) <= IMAGE_BYTES, f"an image of {len(image)} bytes")


def check_bulk(users: Sequence[str]) -> None:
    _refuse_unless(1 <= len(users) <= BULK, f"{len(users)} users; 1 to {BULK} go")
    _refuse_unless(all(USER_ID.fullmatch(user) for user in users), "a user id is malformed")


def check_moves(moves: Sequence[Move], resume_key: str) -> None:
    sources = {move.source for move in moves}
    _refuse_unless(1 <= len(moves) <= MOVES, f"{len(moves)} moves; 1 to {MOVES} go")
    _refuse_unless(len(sources) == len(moves), "a menu is moved from twice")
    _refuse_unless(bool(RESUME_KEY.fullmatch(resume_key)), "the resume key has odd characters")


def check_alias(alias: str) -> None:
    _refuse_unless(bool(ALIAS.fullmatch(alias)), "an alias is 1 to 32 of a-z 0-9 _ -")


def _refuse_unless(fits: bool, said: str) -> None:
    if not fits:
        raise LineRefused(said)
