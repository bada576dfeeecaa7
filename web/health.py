"""What machines ask of us: alive, ready, and the figures. No person reads these pages."""

import hmac
from collections.abc import Callable, Mapping

from flask import Blueprint, Response, abort, jsonify, request

from core import metrics

Check = Callable[[], str]
"""Says what is wrong; an empty text when nothing is."""


def blueprint(checks: Mapping[str, Check], gauges: metrics.Gauges, metrics_token: str) -> Blueprint:
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def alive() -> Response:
        return jsonify(status="alive")

    @pages.get("/readyz")
    def ready() -> tuple[Response, int]:
        """200 when every part answers; 503 and the reasons when one does not."""
        said = {name: check() for name, check in checks.items()}
        status = 503 if any(said.values()) else 200
        return jsonify({name: wrong or "ok" for name, wrong in said.items()}), status

    @pages.get("/metrics")
    def figures() -> Response:
        wanted = f"Bearer {metrics_token}"
        if not metrics_token or not hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), wanted.encode()
        ):
            abort(404)
        return Response(metrics.exposition(gauges), content_type="text/plain; version=0.0.4")

    return pages
