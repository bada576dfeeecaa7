"""Our own style sheets, scripts and pictures, under addresses that change with their content.

LINE's in-app browser keeps what it has loaded and cannot be told to forget it, so a file that
changes gets a new address, and an address may be kept for a year.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from flask import Flask, Response, abort, current_app, request, url_for
from flask.sansio.app import App

FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """One file, ready to be sent."""

    name: str
    mark: str
    body: bytes
    packed: bytes
    content_type: str


@dataclass
class Assets:
    """All of an app's files, by name; read once, when the app is made."""

    by_name: dict[str, Asset] = field(default_factory=dict)

    def put(self, name: str, body: bytes) -> None:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        mark = hashlib.sha256(body).hexdigest()[:12]
        self.by_name[name] = Asset(name, mark, body, gzip.compress(body, mtime=0), kind)

    def put_folder(self, prefix: str, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                self.put(f"{prefix}/{path.relative_to(folder).as_posix()}", path.read_bytes())


def of(app: App) -> Assets:
    """The app's assets; a blueprint puts its folder here when it is registered."""
    return cast(Assets, app.extensions.setdefault("musubi.assets", Assets()))


def url(name: str) -> str:
    """The address of an asset as it is now."""
    asset = of(current_app).by_name[name]
    return url_for("asset", mark=asset.mark, name=name)


def install(app: Flask) -> None:
    of(app).put_folder("web", Path(__file__).parent / "static")
    app.add_url_rule("/assets/<mark>/<path:name>", "asset", _send)
    app.jinja_env.globals["asset"] = url


def _send(mark: str, name: str) -> Response:
    asset = of(current_app).by_name.get(name)
    if asset is None or asset.mark != mark:
        abort(404)
    packs = "gzip" in request.headers.get("Accept-Encoding", "")
    smaller = packs and len(asset.packed) < len(asset.body)
    response = Response(asset.packed if smaller else asset.body, mimetype=asset.content_type)
    if smaller:
        response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = FOREVER
    return response
