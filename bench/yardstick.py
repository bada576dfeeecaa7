"""The yardsticks that a web server answers: nothing but 200, and a LIFF page that only begins."""

import os

from flask import Flask, Response

EMPTY_PAGE = """<!doctype html><html lang="ja"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>-</title>
<link rel="icon" href="data:,"><main id="main" hidden>-</main><script src="{sdk}"></script>
<script>liff.init({{liffId: "{liff}"}}).then(() => {{
  if (new URLSearchParams(location.search).has("liff.state")) return;
  document.getElementById("main").hidden = false;
  window.usable = performance.now();
}});</script></html>"""

app = Flask(__name__)
page = EMPTY_PAGE.format(
    sdk=os.environ.get("LINE_LIFF_SDK_URL", ""), liff=os.environ.get("LIFF_ID", "")
)


@app.get("/liff")
@app.get("/liff/<path:path>")
def empty(path: str = "") -> Response:
    return Response(page, mimetype="text/html")


@app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def fine(path: str) -> Response:
    return Response(status=200)
