"""What answers are made of: words, a button to one of our pages, and choices under them, so that
nobody has to know our words."""

from bot import postbacks
from bot.answers import Asked, Reply
from line import messages
from line.messages import Action, Message
from members import funnel
from models import Entry

FOR_MEMBERS = ("my_page", "points", "coupon", "shop", "contact")
FOR_OTHERS = ("link", "shop", "coupon", "contact", "language")


def choices(asked: Asked) -> list[Action]:
    """Quick replies; a tap shows up in the chat as if the friend had said it."""
    names = FOR_MEMBERS if asked.person.linked else FOR_OTHERS
    return [_choice(name, asked.text(f"choice.{name}")) for name in names]


def _choice(name: str, label: str) -> Action:
    return messages.post(label, postbacks.build("reply", name), shown=label)


def with_choices(asked: Asked, key: str, **values: object) -> Message:
    return messages.text(asked.text(key, **values), quick=choices(asked))


def offer(asked: Asked, key: str) -> Message:
    """Words over the button that opens the LIFF page, where a friend becomes a known member."""
    open_page = messages.open_url(asked.text("button.link"), link_from(asked, _entry(key)))
    return messages.buttons(asked.text(key), [open_page], quick=choices(asked))


def _entry(key: str) -> Entry:
    return Entry.GREETING if key.startswith("greet.") else Entry.REPLY


def link_from(asked: Asked, entry: str) -> str:
    """The address of the page, which says where it was tapped."""
    return funnel.link_from(asked.link_url, entry)


def open_me(asked: Asked, key: str, **values: object) -> Message:
    """Words over the button that opens the member's own page."""
    page = funnel.link_from(asked.me_url, _entry(key))
    open_page = messages.open_url(asked.text("button.me"), page)
    return messages.buttons(asked.text(key, **values), [open_page], quick=choices(asked))


def open_site(asked: Asked, key: str) -> Message:
    """Words over the button to the brand's site; where it has none, words alone."""
    if not asked.settings.site_url:
        return with_choices(asked, f"{key}_without_site")
    open_page = messages.open_url(asked.text("button.site"), asked.settings.site_url)
    return messages.buttons(asked.text(key), [open_page], quick=choices(asked))


def say(asked: Asked, key: str, **values: object) -> Reply:
    return Reply((with_choices(asked, key, **values),))
