"""One script out of the SDK's npm packages: what LINE serves as sdk.js, made of the same parts."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGES = Path(__file__).parent / "node_modules"
ENTRY = "@line/liff"
REQUIRED = re.compile(r"""\brequire\(\s*["']([^"']+)["']\s*\)""")
SCRIPT = """(() => {
const parts = {%s};
const made = {};
const load = (name) => {
  if (!made[name]) {
    const module = (made[name] = { exports: {} });
    parts[name](module, module.exports, load);
  }
  return made[name].exports;
};
window.liff = load(%s);
})();
"""


def installed() -> bool:
    return (PACKAGES / ENTRY / "package.json").is_file()


def script() -> str:
    """A script that puts the real SDK at `window.liff`."""
    parts = dict(_parts(ENTRY, {}))
    written = ",\n".join(
        f"{json.dumps(name)}: (module, exports, require) => {{\n{text}\n}}"
        for name, text in parts.items()
    )
    return SCRIPT % (written, json.dumps(ENTRY))


def _parts(name: str, seen: dict[str, None]) -> Iterator[tuple[str, str]]:
    """Each package by its name, and those that it needs."""
    if name in seen:
        return
    seen[name] = None
    text = _main_file(name).read_text("utf-8")
    yield name, text
    for needed in REQUIRED.findall(text):
        yield from _parts(needed, seen)


def _main_file(name: str) -> Path:
    folder = PACKAGES / name
    about = json.loads((folder / "package.json").read_text("utf-8"))
    return folder / (_required_as(about.get("exports")) or about["main"])


def _required_as(exports: Any) -> str:
    """The file that a package gives to `require`, if it says so."""
    if isinstance(exports, dict):
        inner = exports.get(".") or exports.get("require") or exports.get("default")
        return _required_as(inner)
    return exports if isinstance(exports, str) else ""
