"""What each app compiles for itself, its templates and routes, is compiled once for all of a run.

Tests make thousands of apps of the same few pages; that took them longer than what they ask.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]


class Templates(BytecodeCache):
    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._known[bucket.key, bucket.checksum] = bucket.code


class Route(Rule):
    _known: dict[tuple[Any, ...], Builder] = {}  # noqa: RUF012 - of all routes

    def _compile_builder(self, append_unknown: bool = True) -> Builder:
        what = (self.host, self.subdomain, self.rule, repr(self.defaults), append_unknown)
        if what not in self._known:
            self._known[what] = super()._compile_builder(append_unknown)
        return self._known[what]


def once() -> None:
    """From now on, for each app that is made in this process."""
    Flask.jinja_options = {"bytecode_cache": Templates()}
    Flask.url_rule_class = Route
