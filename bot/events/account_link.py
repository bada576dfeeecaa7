"""LINE's account link came back with a nonce. We have given none, so there is nothing to tie."""

from sqlalchemy.orm import Session

from bot.answers import Answer, Asked, Silence
from bot.events import on


@on("accountLink", in_groups=True)
def apply(db: Session, asked: Asked) -> Answer:
    return Silence("the nonce is not one of ours")
