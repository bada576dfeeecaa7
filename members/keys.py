"""One secret key, many purposes: where members look for what core/keys.py promises."""

from core.keys import derive, digest

__all__ = ["derive", "digest"]
