"""Which of our languages a request is answered in, and the words in it.

An explicit `?lang=` wins and is remembered; then what was chosen before, then the language of the
LINE app, then the browser's, then the brand's.
"""

from flask import Flask, Response, current_app, g, request, session

from core.settings import Settings
from texts import LANGUAGES, speak, text

COOKIE = "lang"
REMEMBERED = 365 * 24 * 3600
LINE_APP = "line_language"
"""The key of the session that holds the language of the LINE app, once the page told us."""

NAMES = {"ja": "日本語", "en": "English", "zh-Hant": "繁體中文", "th": "ไทย"}
"""Each language by its own name, in the order of the switch."""


def current() -> str:
    """The language of this request."""
    if "language" not in g:
        g.language = _chosen() or current_app.config["BRAND_LANGUAGE"]
    found: str = g.language
    return found


def t(key: str, /, **values: object) -> str:
    """The words for a key, in the language of this request."""
    return text(key, current(), **values)


def note_line_app(tag: str) -> str:
    """Remember the LINE app's language for the rest of this session; ours nearest to it."""
    language = speak(tag, otherwise="")
    if language:
        session[LINE_APP] = language
        g.pop("language", None)
    return current()


def install(app: Flask, settings: Settings) -> None:
    app.config["BRAND_LANGUAGE"] = settings.default_language
    app.after_request(_remember)
    app.jinja_env.globals.update(t=t, language=current, languages=NAMES)


def _chosen() -> str:
    asked = (request.args.get("lang", ""), request.cookies.get(COOKIE, ""))
    for tag in (*asked, session.get(LINE_APP, "")):
        if tag in LANGUAGES:
            return str(tag)
    for tag in request.accept_languages.values():
        if language := speak(tag, otherwise=""):
            return language
    return ""


def _remember(response: Response) -> Response:
    asked = request.args.get("lang", "")
    if asked in LANGUAGES:
        response.set_cookie(
            COOKIE,
            asked,
            max_age=REMEMBERED,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
    return response
