"""YAML that remembers on which line everything stands, so that an error can say it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

BIGGEST = 256 * 1024
"""Bytes of one file."""
MOST = 20_000
"""Values in one file: a few aliases of aliases could otherwise stand for millions."""

Path = tuple[str | int, ...]


class BadYaml(ValueError):
    """Not the YAML we read. Lines count from 1; 0: of the whole file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line, self.reason = line, reason


@dataclass(frozen=True)
class Document:
    value: Any
    lines: dict[Path, int] = field(default_factory=dict)

    def line(self, path: Sequence[str | int]) -> int:
        """The line of a place, or of the nearest one around it. Unknown steps are passed over."""
        here: Path = ()
        for step in path:
            if (*here, step) in self.lines:
                here = (*here, step)
        return self.lines.get(here, 1)


def read(content: bytes) -> Document:
    """Raises BadYaml."""
    if len(content) > BIGGEST:
        raise BadYaml(0, f"is larger than {BIGGEST // 1024} KB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise BadYaml(content[: e.start].count(b"\n") + 1, "is not UTF-8 text") from e
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        lines: dict[Path, int] = {}
        value = _Reader(lines).value(node, ()) if node else None
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        raise BadYaml(mark.line + 1 if mark else 0, str(e.problem or e.context)) from e
    except (yaml.YAMLError, ValueError) as e:
        if isinstance(e, BadYaml):
            raise
        raise BadYaml(0, str(e)) from e
    except RecursionError as e:
        raise BadYaml(0, "is nested too deeply") from e
    return Document(value, lines)


class _Reader:
    def __init__(self, lines: dict[Path, int]) -> None:
        self.lines = lines
        self.scalars = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.lines[path] = node.start_mark.line + 1
        if len(self.lines) > MOST:
            raise BadYaml(node.start_mark.line + 1, "holds too much")
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*path, n)) for n, each in enumerate(node.value)]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise BadYaml(line, "has a key that is not plain text")
            key = self._scalar(key_node)
            if key in found:
                raise BadYaml(line, f"says {key!r} twice")
            found[key] = self.value(value_node, (*path, key))
            self.lines[(*path, key)] = line
        return found

    def _scalar(self, node: yaml.Node) -> Any:
        try:
            return self.scalars.construct_object(node)
        except ValueError as e:  # such as the 31st of February
            raise BadYaml(node.start_mark.line + 1, str(e)) from e
