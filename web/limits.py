"""A guard against one address (of IPv6: one household) asking too much of our pages.

Generous, because whole mobile networks stand behind one address: what a person may try is counted
by the features themselves, per number and per person. Wherever the counters cannot be reached the
pages go on, counting in this process.
"""

from flask import Flask
from flask_limiter import Limit, Limiter
from flask_limiter.util import get_remote_address

from core.addresses import household
from core.settings import Settings

PAGES = "1200 per minute"
POSTS = "300 per minute"


def install(app: Flask, settings: Settings, pages: str = PAGES) -> Limiter:
    limiter = Limiter(
        lambda: household(get_remote_address()),
        default_limits=[Limit(pages), Limit(POSTS, methods=["POST"])],
        storage_uri=settings.redis_url or "memory://",
        strategy="moving-window" if not settings.redis_url else "fixed-window",
        in_memory_fallback_enabled=bool(settings.redis_url),
        key_prefix="musubi",
    )
    limiter.init_app(app)
    return limiter
