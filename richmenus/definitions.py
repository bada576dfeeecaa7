"""Reading a folder of menus: `<key>/menu.yaml` with its images, and `rules.yaml` beside them.

Everything that is wrong is named at once, with file and line, before anything is sent to LINE.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.settings import Settings
from richmenus import checking, images, rulebook, yaml_lines
from richmenus.checking import Seen
from richmenus.editions import Edition, Page, Source
from richmenus.images import Picture
from richmenus.problems import BadMenus, Problem, Wrong
from richmenus.yaml_lines import BadYaml, Document

MENU, RULES = "menu.yaml", "rules.yaml"


def read(settings: Settings) -> Edition:
    """The edition that the folder holds. Raises BadMenus."""
    return read_folder(settings.menus_dir, settings)


def read_folder(root: Path, settings: Settings) -> Edition:
    """The same of another folder."""
    return _Folder(root, settings).edition()


@dataclass
class _Folder:
    root: Path
    settings: Settings
    problems: list[Problem] = field(default_factory=list)
    pictures: dict[str, Picture] = field(default_factory=dict)
    sources: list[Source] = field(default_factory=list)

    def edition(self) -> Edition:
        folders = self._folders()
        pages = [page for folder in folders for page in self._menu(folder)]
        rules = self._rules({folder.name for folder in folders})
        if self.problems:
            raise BadMenus(self.problems)
        return Edition(tuple(pages), tuple(rules), self.pictures, tuple(self.sources))

    def _folders(self) -> list[Path]:
        if not self.root.is_dir():
            raise BadMenus([Problem(str(self.root), 0, "is not a folder (setting MENUS_DIR)")])
        found = sorted(path.parent for path in self.root.glob(f"*/{MENU}"))
        if not found:
            self._wrong(self.root, 0, f"holds no menus: a menu is a folder with a {MENU}")
        return found

    def _menu(self, folder: Path) -> Iterator[Page]:
        path = folder / MENU
        document = self._document(path)
        if document is None:
            return
        files: dict[str, str] = {}

        def look(name: str, width: int, height: int) -> Seen | None:
            seen = self._picture(folder / name, width, height)
            if seen:
                files[name] = seen.sha256
            return seen

        checked = checking.menu(folder.name, document.value, look, self.settings)
        for wrong in checked.wrong:
            self._says(path, document, wrong)
        self.sources.append(Source(folder.name, rulebook.plain(document.value), files))
        yield from checked.pages

    def _picture(self, path: Path, width: int, height: int) -> Seen | None:
        try:
            content = path.read_bytes()
        except OSError:
            return None
        picture = images.picture(content)
        self.pictures[picture.sha256] = picture
        return Seen(picture.sha256, images.problems(content, width, height))

    def _rules(self, keys: set[str]) -> list[Any]:
        path = self.root / RULES
        document = self._document(path)
        if document is None:
            return []
        given: list[Any] = rulebook.plain(document.value)
        try:
            rulebook.rules(given, keys, self.settings.zone)
        except rulebook.BadRules as e:
            for wrong in e.problems:
                self._says(path, document, wrong)
            return []
        return given

    def _document(self, path: Path) -> Document | None:
        try:
            return yaml_lines.read(path.read_bytes())
        except OSError:
            self._wrong(path, 0, "cannot be read: is it there?")
        except BadYaml as e:
            self._wrong(path, e.line, e.reason)
        return None

    def _says(self, path: Path, document: Document, wrong: Wrong) -> None:
        line = document.line(wrong.path)
        self.problems.append(Problem(str(path), line, wrong.reason, wrong=wrong))

    def _wrong(self, path: Path, line: int, reason: str) -> None:
        self.problems.append(Problem(str(path), line, reason))
