"""What a menu's tab is called on the pages: which one it is, and what is tapped to come to it."""

from richmenus import naming
from richmenus.naming import Tab, Tabs
from web.language import t


def tab(one: Tab | None) -> str:
    """To stand behind the menu's name; empty where the menu has only one."""
    if one is None or not one.number:
        return ""
    key = "staff_publish.tab_called" if one.label else "staff_publish.tab"
    return t(key, number=one.number, label=one.label)


def place(said: str, known: Tabs) -> str:
    """What LINE or a step calls a menu, as people do; as it is when nothing is known of it."""
    one = naming.at_line(said, known)
    return f"{one.menu}{tab(one)}" if one else said
