"""Where LINE's own script must be loaded from, and whom it must be able to ask.

The list is LINE's (line-platform facts: what the LIFF SDK calls); the hosts that settings name are
added, so that LINE can be played by somebody else.
"""

from urllib.parse import urlsplit

from core.settings import Settings
from web.headers import Sources

SDK_ASKS = (
    "https://api.line.me",
    "https://access.line.me",
    "https://liff.line.me",
    "https://liffsdk.line-scdn.net",
    "https://liff-subwindow.line.me",
)


def sources(settings: Settings) -> Sources:
    sdk = _origin(settings.line_liff_sdk_url)
    named = (settings.line_api_url, settings.line_liff_url, settings.line_liff_sdk_url)
    logo = [_origin(settings.brand_logo_url)] if settings.brand_logo_url else []
    return {
        "script-src": [sdk],
        "connect-src": [*SDK_ASKS, *(_origin(url) for url in named)],
        "img-src": logo,
    }


def for_the_script(settings: Settings) -> dict[str, str]:
    """What every page tells its script of LINE's."""
    return {
        "liff_id": settings.liff_id,
        "sdk": settings.line_liff_sdk_url,
        "api": _origin(settings.line_api_url),
    }


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
