"""A form takes text, whatever shape it is sent in."""

import json
from typing import Any

import pytest

from tests.attacks.conftest import Town
from tests.attacks.test_sessions import posts
from tests.conftest import on_one_database
from tests.liff.visitor import Visitor

ODD: tuple[Any, ...] = (
    7, True, None, "text", [], [[]], [1, 2], {"phone": 7}, {"name": None, "password": ["x"]},
    {"code": {"deep": {}}}, {"birthday-year": 10**30}, {"consent": [True]}, {"name": "M1"},
    b"[" * 30_000, b'{"a":' * 10_000, b"", b"\xff", b'{"id_token":' + b"9" * 5_000 + b"}",
)  # fmt: skip


@on_one_database
@pytest.mark.parametrize("sent", ODD, ids=lambda sent: str(sent)[:20])
def test_json_is_no_form(victim: Visitor, town: Town, sent: Any) -> None:
    town.person("M1", "+819011112222")
    victim.sign_in().submit("/liff/phone", phone="090-3333-4444")
    body = sent if isinstance(sent, bytes) else json.dumps(sent)
    victim.get("/liff/log-in")
    for path in posts(victim.app):
        answer = victim._client.post(
            path, data=body, content_type="application/json",
            headers={"X-CSRFToken": victim.token},
        )  # fmt: skip
        assert answer.status_code < 500, path
        left = "Set-Cookie" in answer.headers  # /liff/session signs them out: it may
        if left and victim.get("/liff/log-in").status == 303:
            victim.sign_in().get("/liff/log-in")
    assert town.links() == []


def test_a_part_without_a_name_is_no_field(victim: Visitor) -> None:
    victim.sign_in()
    parts = (
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
        b"--x\r\nContent-Disposition: form-data; filename=a\r\n\r\n1\r\n--x--\r\n",
        b"--x\r\nX: y\r\n\r\n1\r\n--x--\r\n", b"--x\r\n\r\n--x--\r\n", b"--x--", b"--x\r\n" * 5_000,
    )  # fmt: skip
    for path in posts(victim.app):
        for part in parts:
            kind = "multipart/form-data; boundary=x"
            answer = victim._client.post(path, data=part, content_type=kind)
            assert answer.status_code == 400, (path, part[:40])
