"""LINE's account link came back with a nonce. We have given none, so there is nothing to tie."""

from bot.answers import Answer, Asked, Silence
from bot.events import on
from core.session import Session


@on("accountLink", in_groups=True)
def apply(db: Session, asked: Asked) -> Answer:
    return Silence("the nonce is not one of ours")
