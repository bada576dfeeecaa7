"""What a `menu.yaml` may say. The names are LINE's own; `tabs`, `tab` and `liff:` are ours."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, LiteralString, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from richmenus import images, links
from richmenus.lengths import graphemes

KEY = re.compile(r"[a-z0-9-]{1,20}")
"""Of menus and tabs. No underscore: one stands between the two in LINE's alias."""
ALIAS_LIMIT = 32
POSTBACK = re.compile(r"1:[a-z_]+(:[^:]*)*")
"""Our own postback, as `bot/postbacks.py` reads it."""
LIFF = re.compile(r"liff:[a-z][a-z0-9/_-]*")
URI = re.compile(r"(https?://|line://|tel:)\S+")
MOMENTS = {"date": "%Y-%m-%d", "time": "%H:%M", "datetime": "%Y-%m-%dT%H:%M"}
YEARS = range(1900, 2101)
"""Of what LINE's calendar offers."""


def _units(text: str) -> int:
    """As LINE counts what nobody sees: in UTF-16."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _at_most(limit: int, count: Callable[[str], int] = graphemes) -> AfterValidator:
    def check(text: str) -> str:
        if not 0 < count(text) <= limit:
            found = {"limit": limit, "found": count(text)}
            said = "must be 1 to {limit} characters, and is {found}"
            raise PydanticCustomError("empty" if not text else "length", said, found)
        return text

    return AfterValidator(check)


def _when(mode: str, written: str) -> datetime | None:
    """What a picker of this mode offers, as LINE writes it: two digits each, also of the hour."""
    try:
        when = datetime.strptime(written.upper(), MOMENTS[mode]).replace(tzinfo=UTC)
    except ValueError:
        return None
    exact = when.strftime(MOMENTS[mode]) == written.upper()
    return when if exact and when.year in YEARS else None


def _like(pattern: re.Pattern[str], key: LiteralString, what: LiteralString) -> AfterValidator:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise PydanticCustomError(key, "must be " + what)
        return text

    return AfterValidator(check)


def _uri(text: str) -> str:
    if not LIFF.fullmatch(text) and not URI.fullmatch(text):
        said = (
            "must begin with https://, http://, line:// or tel:, or be a page of ours (liff:link)"
        )
        raise PydanticCustomError("uri", said)
    return text


Label = Annotated[str, _at_most(20)]
Postback = Annotated[
    str,
    _at_most(300, _units),
    _like(POSTBACK, "postback", "like 1:reply:hours (1, what, and what it needs)"),
]
Key = Annotated[str, _like(KEY, "key", "1 to 20 of a-z, 0-9 and -")]
IMAGE = re.compile(r"[\w.-]+\.(png|jpe?g)")
ImageFile = Annotated[str, _like(IMAGE, "image", "the name of a .png or .jpg beside this file")]
Moment = Annotated[str, BeforeValidator(str)]
"""YAML reads 2026-04-01 as a date; LINE wants the text."""


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, alias_generator=to_camel, regex_engine="python-re"
    )


class UriAction(_Part):
    type: Literal["uri"]
    uri: Annotated[str, _at_most(1000, _units), AfterValidator(_uri)]
    tracked: bool = False
    """Taps are counted: a website is opened by way of us."""
    label: Label | None = None

    @model_validator(mode="after")
    def _website(self) -> Self:
        if self.tracked and not links.is_website(self.uri):
            said = "only the address of a website (https://…) can be tracked"
            raise PydanticCustomError("tracked", said)
        return self


class PostbackAction(_Part):
    type: Literal["postback"]
    data: Postback
    label: Label | None = None
    display_text: Annotated[str, _at_most(300)] | None = None
    input_option: Literal["closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"] | None = (
        None
    )
    fill_in_text: Annotated[str, _at_most(300)] | None = None

    @model_validator(mode="after")
    def _keyboard(self) -> Self:
        if self.fill_in_text and self.input_option != "openKeyboard":
            raise PydanticCustomError("fill_in", "fillInText needs inputOption: openKeyboard")
        return self


class MessageAction(_Part):
    type: Literal["message"]
    text: Annotated[str, _at_most(300)]
    label: Label | None = None


class SwitchAction(_Part):
    type: Literal["richmenuswitch"]
    tab: str
    """The tab of this menu that is switched to."""
    label: Label | None = None


class PickerAction(_Part):
    type: Literal["datetimepicker"]
    data: Postback
    mode: Literal["date", "time", "datetime"]
    initial: Moment | None = None
    max: Moment | None = None
    min: Moment | None = None
    label: Label | None = None

    @model_validator(mode="after")
    def _moments(self) -> Self:
        found = {}
        for name in ("initial", "max", "min"):
            given = getattr(self, name)
            if given is None:
                continue
            if (when := _when(self.mode, given)) is None:
                said = "{name} is not a {mode} as LINE writes it"
                raise PydanticCustomError("moment", said, {"name": name, "mode": self.mode})
            found[name] = when
        if "min" in found and "max" in found and found["min"] >= found["max"]:
            raise PydanticCustomError("min_max", "min must be before max")
        return self


class ClipboardAction(_Part):
    type: Literal["clipboard"]
    clipboard_text: Annotated[str, _at_most(1000, _units)]
    label: Label | None = None


Action = Annotated[
    UriAction | PostbackAction | MessageAction | SwitchAction | PickerAction | ClipboardAction,
    Field(discriminator="type"),
]


class Bounds(_Part):
    x: int = Field(ge=0)
    y: int = Field(ge=0)
    width: int = Field(ge=1)
    height: int = Field(ge=1)


class Area(_Part):
    bounds: Bounds
    action: Action


class Size(_Part):
    width: int
    height: int

    @model_validator(mode="after")
    def _allowed(self) -> Self:
        if fault := images.size_fault(self.width, self.height):
            raise PydanticCustomError(fault.key, fault.said, dict(fault.values))
        return self


class Tab(_Part):
    """One picture with its areas."""

    tab: Key = "main"
    """A part of LINE's alias: what is never changed while people see the menu."""
    name: Annotated[str, _at_most(30)] | None = None
    """For staff, as a menu's is."""
    image: ImageFile
    size: Size
    chat_bar_text: Annotated[str, _at_most(14)]
    selected: bool = True
    """Whether the menu is open when the chat is."""
    areas: Annotated[list[Area], Field(min_length=1, max_length=20)]


class Menu(_Part):
    """`tabs` may be left out: what a tab says then stands in the menu itself."""

    name: Annotated[str, _at_most(100)]
    """For staff."""
    tabs: Annotated[list[Tab], Field(min_length=1, max_length=10)]

    @model_validator(mode="before")
    @classmethod
    def _one_tab(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "tabs" in given:
            return given
        inside = {key: value for key, value in given.items() if key != "name"}
        return {"name": given.get("name"), "tabs": [inside]}


class RuleEntry(BaseModel):
    """One entry of `rules.yaml`; `when` is read by `segments`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    menu: str
    because: Annotated[str, _at_most(200)]
    when: Any = None
    starts: Any = Field(None, alias="from")
    until: Any = None
