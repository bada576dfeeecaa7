"""Says what we can do, when we did not understand."""

from bot.answers import Asked, Reply
from bot.menu import say
from bot.replies import reply


@reply(when=lambda words: False, examples=())
def default(asked: Asked) -> Reply:
    return say(asked, "default.member" if asked.person.linked else "default.friend")
