"""The shape of the code: who may import whom. Each failure is a sentence."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

BELOW = {"core"}
HOLDS = {"segments", "line", "models", "texts"}
FEATURES = {"members", "richmenus", "deliveries", "accounts"}
SURFACES = {"bot", "liff", "staff", "cli"}

MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "texts": BELOW,
    "models": BELOW,
    "line": BELOW,
    "segments": BELOW | {"models", "texts"},
    "members": BELOW | HOLDS,
    "richmenus": BELOW | HOLDS | {"members"},
    "deliveries": BELOW | HOLDS | {"members"},
    "accounts": BELOW | {"models", "texts"},
    "web": BELOW | {"texts"},
    "bot": BELOW | HOLDS | FEATURES,
    "liff": BELOW | HOLDS | FEATURES | {"web"},
    "staff": BELOW | HOLDS | FEATURES | {"web"},
    "cli": BELOW | HOLDS | FEATURES,
    "app": BELOW | HOLDS | FEATURES | SURFACES | {"web"},
    "worker": BELOW | HOLDS | FEATURES | SURFACES,
    "simulator": set(),
}

ONLY_IN: dict[str, set[str]] = {
    "linebot": {"line", "simulator"},
    "flask": {"bot", "liff", "staff", "web", "app", "simulator"},
    "flask_bootstrap": {"staff"},
    "flask_wtf": {"liff", "web"},
    "wtforms": {"liff", "staff", "web"},
    "authlib": {"staff"},
    "pyotp": {"accounts"},
    "segno": {"liff", "staff"},
    "sqlalchemy": {"core", "models", "segments", *FEATURES},
    "redis": {"core"},
    "huey": {"core"},
    "pyrate_limiter": {"core"},
    "click": {"cli"},
    "argon2": {"core", "members"},
    "phonenumbers": {"members"},
    "PIL": {"richmenus", "simulator"},
}

PURE = {
    "collections", "dataclasses", "datetime", "enum", "functools", "itertools", "math", "re",
    "typing", "uuid", "zoneinfo", "__future__",
}  # fmt: skip


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            found.append(node.module or "")
    return found


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def _files() -> list[Path]:
    """What git knows or would add: never an environment that stands in the folder."""
    said = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    paths = [ROOT / name for name in said.stdout.splitlines()]
    return sorted(path for path in paths if path.exists() and room(path) in MAY_IMPORT)


FILES = _files()


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", FILES, ids=name)
def test_imports_go_down(path):
    here = room(path)
    for module in imports(path):
        top = module.partition(".")[0]
        if top in MAY_IMPORT and top != here:
            assert top in MAY_IMPORT[here], f"{name(path)}: {here} must not import {top}"
        if top in ONLY_IN:
            assert here in ONLY_IN[top], (
                f"{name(path)}: {top} belongs to {', '.join(sorted(ONLY_IN[top]))}"
            )


@pytest.mark.parametrize("path", [p for p in FILES if p.name == "rules.py"], ids=name)
def test_rules_touch_nothing(path):
    here = room(path)
    for module in imports(path):
        top = module.partition(".")[0]
        assert top in PURE | {here, "models"}, f"{name(path)}: rules must not import {module}"


@pytest.mark.parametrize("path", [p for p in FILES if room(p) not in {"simulator"}], ids=name)
def test_only_the_clock_tells_the_time(path):
    if name(path) == "core/clock.py":
        return
    told = re.search(r"datetime\.(utc)?now\(|date\.today\(", path.read_text("utf-8"))
    assert not told, f"{name(path)}: take `now` as an argument, or a clock"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_the_environment_is_read_in_one_place(path):
    allowed = {"core/settings.py", "core/metrics.py", "cli/processes.py"}
    if name(path) in allowed or room(path) == "simulator":
        return
    assert "os.environ" not in path.read_text("utf-8"), f"{name(path)}: use core/settings.py"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_file_opens_with_a_sentence(path):
    tree = ast.parse(path.read_text("utf-8"))
    if tree.body:
        assert ast.get_docstring(tree), f"{name(path)}: say in one sentence what it promises"


GIVEN = {"process_bind_param", "process_result_value", "handle_exit"}
"""Names that a library asks for."""
BANNED = re.compile(r"(^|_)(utils?|helpers?|manager)(_|$)|^(handle|process)_")


@pytest.mark.parametrize("path", FILES, ids=name)
def test_names_say_something(path):
    tree = ast.parse(path.read_text("utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)
    names = [node.name for node in ast.walk(tree) if isinstance(node, kinds)]
    for said in [path.stem, *names]:
        empty = BANNED.search(said) and said not in GIVEN
        assert not empty, f"{name(path)}: {said} says nothing"


@pytest.mark.parametrize("path", FILES, ids=name)
def test_exceptions_are_caught_by_name(path):
    if name(path) == "core/engine.py":  # the engine's outermost loop
        return
    text = path.read_text("utf-8")
    assert not re.search(r"except (Base)?Exception\b|except:", text), (
        f"{name(path)}: name what can happen"
    )


LIMIT = 330
"""Lines. A file that has grown past it holds two things."""


@pytest.mark.parametrize("path", [p for p in FILES if "versions" not in p.parts], ids=name)
def test_files_stay_readable(path):
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LIMIT, f"{name(path)} has {lines} lines: what two things does it hold?"
