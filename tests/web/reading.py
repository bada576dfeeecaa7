"""Reading an HTML page as a browser and a screen reader would, and saying what is wrong with it."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
TYPED_IN = {"input", "select", "textarea"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    parent: "Element | None" = None
    said: "list[str | Element]" = field(default_factory=list)
    """The words in it and its children, in their order."""

    @cached_property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self._words())).strip()

    def _words(self) -> Iterator[str]:
        for each in self.said:
            if isinstance(each, str):
                yield each
            else:
                yield from each._words()

    def all(self, *tags: str) -> list["Element"]:
        return [each for each in self._inside if not tags or each.tag in tags]

    @cached_property
    def _inside(self) -> list["Element"]:
        return [each for child in self.children for each in (child, *child._inside)]

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")


class _Tree(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("", {})
        self.at = self.root
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.problems.append(f"<{tag}> has an attribute twice")
        element = Element(tag, {name: value or "" for name, value in attrs}, parent=self.at)
        self.at.children.append(element)
        self.at.said.append(element)
        if tag not in VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.at.tag != tag:
            self.problems.append(f"</{tag}> closes <{self.at.tag}>")
        if self.at.parent is not None:
            self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        if self.at.tag not in ("script", "style"):
            self.at.said.append(data)


@dataclass
class Read:
    root: Element
    problems: list[str]

    @property
    def text(self) -> str:
        return self.one("body").text

    def one(self, tag: str) -> Element:
        found = self.root.all(tag)
        assert found, f"no <{tag}>"
        return found[0]

    def by_id(self, name: str) -> Element | None:
        return next((each for each in self.root.all() if each.get("id") == name), None)


@lru_cache(maxsize=4)
def read(html: str) -> Read:
    tree = _Tree()
    tree.feed(html)
    tree.close()
    if tree.at is not tree.root:
        tree.problems.append(f"<{tree.at.tag}> is never closed")
    return Read(tree.root, tree.problems)


def problems(html: str, policy: str) -> list[str]:
    """All that is wrong with a page; nothing, for a page that may be shipped."""
    page = read(html)
    found = list(page.problems)
    found += _frame(page) + _names(page) + _forms(page) + _inline(page, policy)
    return found


def _frame(page: Read) -> list[str]:
    found = []
    if not page.one("html").get("lang"):
        found.append("<html> has no lang")
    titles = page.root.all("title")
    if len(titles) != 1 or not titles[0].text:
        found.append("there is not one title")
    if not page.root.all("h1"):
        found.append("there is no h1")
    if "width=device-width" not in html_of(page, "viewport"):
        found.append("no viewport")
    found += [
        "an image without alt" for each in page.root.all("img") if "alt" not in each.attributes
    ]
    return found


def html_of(page: Read, name: str) -> str:
    return next((m.get("content") for m in page.root.all("meta") if m.get("name") == name), "")


def _names(page: Read) -> list[str]:
    ids = Counter(each.get("id") for each in page.root.all() if each.get("id"))
    found = [f"id {each} twice" for each, times in ids.items() if times > 1]
    for each in page.root.all():
        for name in ("aria-describedby", "aria-labelledby", "for"):
            found += [
                f"{name} points to {target}, which is not there"
                for target in each.get(name).split()
                if target not in ids
            ]
        if each.tag == "a" and each.get("href").startswith("#") and each.get("href")[1:] not in ids:
            found.append(f"a link to {each.get('href')}, which is not there")
    return found


def _forms(page: Read) -> list[str]:
    found = []
    labels = {each.get("for") for each in page.root.all("label") if each.text}
    for each in page.root.all(*TYPED_IN):
        if each.get("type") not in ("hidden", "submit") and each.get("id") not in labels:
            found.append(f"{each.get('name')} has no label")
        wrong = each.get("aria-invalid") == "true"
        ringed = any(up.get("aria-describedby") for up in _up(each))
        if wrong and not ringed:
            found.append(f"{each.get('name')} is wrong and does not say why")
    for form in page.root.all("form"):
        hidden = [i for i in form.all("input") if i.get("name") == "csrf_token" and i.get("value")]
        if form.get("method").lower() == "post" and not hidden:
            found.append("a form posts without its token")
        if not [b for b in form.all("button") if b.get("type") == "submit" and b.text]:
            found.append("a form without a button that says what it does")
    return found


def _up(element: Element) -> list[Element]:
    found = [element]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def _inline(page: Read, policy: str) -> list[str]:
    nonce = re.search(r"'nonce-([^']+)'", policy)
    found = [] if nonce else ["the policy has no nonce"]
    if "unsafe-" in policy:
        found.append("the policy is unsafe")
    for each in page.root.all():
        found += [f"<{each.tag} {name}=…>" for name in each.attributes if name.startswith("on")]
        if "style" in each.attributes:
            found.append(f"<{each.tag} style=…>")
        inline = each.tag == "style" or (each.tag == "script" and not each.get("src"))
        if inline and (nonce is None or each.get("nonce") != nonce[1]):
            found.append(f"an inline <{each.tag}> without the nonce")
        for name in ("href", "src", "action"):
            if each.get(name).startswith("javascript:"):
                found.append(f"{name} is a script")
    return found
