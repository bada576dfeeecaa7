"""One file per kind of condition. Drop a file with a `KIND` in this folder and it is known."""

import importlib
import pkgutil
from functools import cache

from segments.kind import Kind


@cache
def kinds() -> tuple[Kind, ...]:
    modules = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return tuple(importlib.import_module(f"{__name__}.{name}").KIND for name in modules)
