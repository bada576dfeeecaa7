"""A brand's LIFF page for the tests of the phone and the SDK: it signs in and says who it is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Brand</title>
<script src="{sdk}"></script>
<p>name: <output id="name"></output></p>
<p>token: <output id="token"></output></p>
<p>inside: <output id="inside"></output></p>
<p>language: <output id="language"></output></p>
<p>problem: <output id="problem"></output></p>
<button onclick="liff.login({{redirectUri: location.href}})">log in</button>
<button onclick="liff.sendMessages([{{type: 'text', text: 'said by the page'}}])">say</button>
<button onclick="liff.openWindow({{url: '{opens}'}})">open</button>
<button onclick="liff.closeWindow()">close</button>
<script>
const tell = (id, value) => {{ document.getElementById(id).textContent = value; }};
liff.init({{liffId: "{liff_id}"}}).then(async () => {{
  tell("inside", liff.isInClient());
  tell("language", liff.getAppLanguage());
  if (!liff.isLoggedIn()) return tell("name", "nobody");
  tell("token", liff.getIDToken());
  tell("name", (await liff.getProfile()).displayName);
}}).catch((error) => tell("problem", `${{error.code}}: ${{error.message}}`));
</script></html>
"""


class BrandPage:
    """Answers every path below its endpoint with the page, once it knows the platform."""

    def __init__(self) -> None:
        self.html = ""
        page = self

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                found = self.path.startswith("/liff")
                body = page.html.encode()
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/liff"

    def use(self, platform_url: str, liff_id: str) -> None:
        self.html = PAGE.format(
            sdk=f"{platform_url}/liff/edge/2/sdk.js",
            liff_id=liff_id,
            opens="https://brand.example/terms",
        )


@contextmanager
def brand_page() -> Iterator[BrandPage]:
    page = BrandPage()
    thread = threading.Thread(target=page.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield page
    finally:
        page.server.shutdown()
        page.server.server_close()
        thread.join()
