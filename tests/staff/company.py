"""A company's own sign-in: a small OpenID Connect provider on loopback, which can be told to lie."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwk, jwt

CLIENT, SECRET = "musubi", "between-us"


class Company:
    """Who is signed in there, and what its tokens say. `wrong` changes the claims of the next."""

    def __init__(self) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.person: dict[str, Any] = {
            "sub": "u-1", "email": "admin@example.com", "email_verified": True,
        }  # fmt: skip
        self.wrong: dict[str, Any] = {}
        self.signs_with = self.key
        self.algorithm = "RS256"
        self.gives_id_token = True
        self.url = ""
        self.asked: dict[str, str] = {}
        self.redeemed: list[dict[str, str]] = []

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def sign_in(self, location: str) -> str:
        """The person signs in there: where their browser is sent back to."""
        self.asked = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
        return f"{self.asked['redirect_uri']}?code=the-code&state={self.asked['state']}"

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        self.redeemed.append(form)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if form.get("code") != "the-code" or challenge != self.asked["code_challenge"]:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "auth_time": now,
            "nonce": self.asked["nonce"], **self.person, **self.wrong,
        }  # fmt: skip
        said = {key: value for key, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "1"}
        signed = jwt.encode(header, said, self.signs_with, algorithms=[self.algorithm])
        given = {"access_token": "a", "token_type": "Bearer", "expires_in": 300}
        return given | ({"id_token": signed} if self.gives_id_token else {})


def _door(company: Company) -> type[BaseHTTPRequestHandler]:
    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/.well-known/openid-configuration": company.document, "/keys": company.keys}
            self._answer(known[self.path]())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer(company.token({k: v[0] for k, v in parse_qs(body).items()}))

        def _answer(self, said: dict[str, Any]) -> None:
            self.send_response(400 if "error" in said else 200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(said).encode())

        def log_message(self, *_: object) -> None: ...

    return Door


@contextmanager
def running() -> Iterator[Company]:
    company = Company()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _door(company))
    company.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield company
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
