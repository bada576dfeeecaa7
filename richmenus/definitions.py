"""Reading a folder of menus: `<key>/menu.yaml` with its images, and `rules.yaml` beside them.

Everything that is wrong is named at once, with file and line, before anything is sent to LINE.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from core.settings import Settings
from richmenus import images, rendering, rulebook, yaml_lines
from richmenus.editions import Edition, Page, alias, page
from richmenus.images import Picture
from richmenus.problems import BadMenus, Problem
from richmenus.schema import ALIAS_LIMIT, KEY, Menu, SwitchAction, Tab
from richmenus.yaml_lines import BadYaml, Document

MENU, RULES = "menu.yaml", "rules.yaml"


def read(settings: Settings) -> Edition:
    """The edition that the folder holds. Raises BadMenus."""
    return _Folder(settings.menus_dir, settings.liff_url, settings.zone).edition()


@dataclass
class _Folder:
    root: Path
    liff_url: str
    zone: ZoneInfo
    problems: list[Problem] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)

    def edition(self) -> Edition:
        folders = self._folders()
        pages = [page for folder in folders for page in self._menu(folder)]
        rules = self._rules({folder.name for folder in folders})
        if self.problems:
            raise BadMenus(self.problems)
        return Edition(tuple(pages), tuple(rules), self.pictures)

    def _folders(self) -> list[Path]:
        if not self.root.is_dir():
            raise BadMenus([Problem(str(self.root), 0, "is not a folder (setting MENUS_DIR)")])
        found = sorted(path.parent for path in self.root.glob(f"*/{MENU}"))
        if not found:
            self._wrong(self.root, 0, f"holds no menus: a menu is a folder with a {MENU}")
        return found

    def _menu(self, folder: Path) -> Iterator[Page]:
        path = folder / MENU
        if not KEY.fullmatch(folder.name):
            self._wrong(folder, 0, "its name must be 1 to 20 of a-z, 0-9 and -")
            return
        document = self._document(path)
        if document is None:
            return
        try:
            menu = Menu.model_validate(document.value)
        except ValidationError as e:
            for problem in e.errors():
                self._wrong(path, document.line(problem["loc"]), rulebook.reason(problem))
            return
        self._check_tabs(path, document, menu)
        for n, tab in enumerate(menu.tabs):
            picture = self._picture(path, document, n, tab)
            body = rendering.body(folder.name, tab, self.liff_url)
            yield page(folder.name, tab.tab, body, picture)

    def _check_tabs(self, path: Path, document: Document, menu: Menu) -> None:
        names = [tab.tab for tab in menu.tabs]
        for n, tab in enumerate(menu.tabs):
            here = ("tabs", n)
            if names.index(tab.tab) != n:
                self._wrong(path, document.line((*here, "tab")), f"tab {tab.tab!r} is there twice")
            if len(alias(path.parent.name, tab.tab)) > ALIAS_LIMIT:
                reason = f"folder and tab together are longer than {ALIAS_LIMIT - 1}"
                self._wrong(path, document.line((*here, "tab")), reason)
            for area, reason in _areas(tab, names):
                self._wrong(path, document.line((*here, "areas", area)), reason)

    def _picture(self, path: Path, document: Document, n: int, tab: Tab) -> str:
        line = document.line(("tabs", n, "image"))
        try:
            content = (path.parent / tab.image).read_bytes()
        except OSError:
            self._wrong(path, line, f"there is no file {tab.image} beside it")
            return ""
        for problem in images.problems(content, tab.size.width, tab.size.height):
            self._wrong(path, line, f"{tab.image} {problem}")
        picture = images.picture(content)
        self.pictures[picture.sha256] = picture
        return picture.sha256

    def _rules(self, keys: set[str]) -> list[Any]:
        path = self.root / RULES
        document = self._document(path)
        if document is None:
            return []
        try:
            rulebook.rules(rulebook.plain(document.value), keys, self.zone)
        except rulebook.BadRules as e:
            for wrong in e.problems:
                self._wrong(path, document.line(wrong.path), wrong.reason)
            return []
        given: list[Any] = rulebook.plain(document.value)
        return given

    def _document(self, path: Path) -> Document | None:
        try:
            return yaml_lines.read(path.read_bytes())
        except OSError:
            self._wrong(path, 0, "cannot be read: is it there?")
        except BadYaml as e:
            self._wrong(path, e.line, e.reason)
        return None

    def _wrong(self, path: Path, line: int, reason: str) -> None:
        self.problems.append(Problem(str(path), line, reason))


def _areas(tab: Tab, names: list[str]) -> Iterator[tuple[int, str]]:
    for n, area in enumerate(tab.areas):
        right = area.bounds.x + area.bounds.width
        bottom = area.bounds.y + area.bounds.height
        if right > tab.size.width or bottom > tab.size.height:
            yield n, f"reaches to {right}x{bottom}, outside of {tab.size.width}x{tab.size.height}"
        if isinstance(area.action, SwitchAction) and area.action.tab not in names:
            yield n, f"there is no tab {area.action.tab!r}; there are {', '.join(names)}"
