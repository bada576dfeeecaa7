"""A member's own figures, as they are said in the chat: never more than needed to know oneself."""

from bot.answers import Asked
from members.profile import masked_number
from models import Member

RANKS = ("regular", "silver", "gold", "platinum")
"""Ranks that have a name in every language; another is said as the brand's file has it."""


def _member(asked: Asked) -> Member:
    if asked.person.member is None:
        raise LookupError("asked for a member's figures, and there is no member")
    return asked.person.member


def number(asked: Asked) -> str:
    """Masked: others may see the screen."""
    return masked_number(_member(asked).number)


def points(asked: Asked) -> str:
    return f"{_member(asked).points:,}"


def rank(asked: Asked) -> str:
    word = _member(asked).rank
    return asked.text(f"rank.{word}") if word in RANKS else word
