"""Nobody is signed in by a token that LINE did not sign for this channel, this hour, this browser."""

import base64
import hmac
import json
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from joserfc import jwt
from joserfc.jwk import ECKey

from core.settings import Settings
from members import retention
from models import Friend
from simulator.running import Simulator
from tests.attacks.conftest import Tokens, Town
from tests.conftest import SettableClock
from tests.liff.visitor import Visitor
from texts import text

SIGNING_IN = text("liff.signing_in.wait", "ja")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def part(said: object) -> str:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def opened(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


def claims(token: str, **changed: Any) -> dict[str, Any]:
    return json.loads(opened(token.split(".")[1])) | changed


def published(played: Simulator) -> list[dict[str, Any]]:
    """The keys that LINE shows to everybody, attackers too."""
    answer = urllib3.request("GET", f"{played.url}/oauth2/v2.1/certs")
    return list(answer.json()["keys"])


def as_published(played: Simulator) -> list[bytes]:
    """The public key in every spelling somebody might take for a secret."""
    key = published(played)[-1]
    read = ECKey.import_key(key)
    return [
        read.as_pem(private=False), json.dumps(key).encode(), key["x"].encode(),
        opened(key["x"]), opened(key["x"]) + opened(key["y"]), b"",
    ]  # fmt: skip


def is_turned_away(who: Visitor, town: Town, token: str) -> None:
    answer = who.present(token)
    assert answer.status_code == 400, answer.text
    assert who.get("/liff/link").heading == SIGNING_IN
    assert who.get("/liff/phone").follow().heading == SIGNING_IN
    assert town.all(Friend) == []


def test_what_line_signs_is_believed(victim: Visitor, town: Town) -> None:
    """The measure of all that follows: the same way, with nothing wrong."""
    victim.sign_in()
    assert [friend.line_user_id for friend in town.all(Friend)] == [victim.user]


@pytest.mark.parametrize(
    "wrong",
    [
        {"alg": "none"}, {"alg": "HS256"}, {"kid": "unknown"}, {"aud": "2000000009"},
        {"iss": "https://access.line.me.evil.example"}, {"expired": 1}, {"iat_offset": 120},
        {"iat_offset": -3700},
    ],
    ids=str,
)  # fmt: skip
def test_a_token_with_one_thing_wrong(
    victim: Visitor, town: Town, tokens: Tokens, wrong: dict[str, Any]
) -> None:
    is_turned_away(victim, town, tokens.token_for(victim.user, **wrong))


def test_the_public_key_signs_nothing(victim: Visitor, town: Town, played: Simulator) -> None:
    good = played.id_token(victim.user)
    kid = published(played)[-1]["kid"]
    for header in ({"alg": "HS256", "kid": kid}, {"alg": "HS256"}, {"alg": "ES256", "kid": kid}):
        for secret in as_published(played):
            unsigned = f"{part(header)}.{good.split('.')[1]}"
            forged = f"{unsigned}.{part(hmac.digest(secret, unsigned.encode(), 'sha256'))}"
            is_turned_away(victim, town, forged)


def test_no_signature_at_all(victim: Visitor, town: Town, played: Simulator) -> None:
    head, said, _ = played.id_token(victim.user).split(".")
    kid = json.loads(opened(head))["kid"]
    for alg in ("none", "None", "NONE", "nOnE", "", None):
        is_turned_away(victim, town, f"{part({'alg': alg, 'kid': kid})}.{said}.")
    is_turned_away(victim, town, f"{head}.{said}.")
    is_turned_away(victim, town, f"{head}.{said}.{'A' * 86}")  # r = s = 0


def test_a_key_of_ones_own_under_lines_name(
    victim: Visitor, town: Town, played: Simulator, settings: Settings
) -> None:
    own, good = ECKey.generate_key("P-256"), played.id_token(victim.user)
    kid = published(played)[-1]["kid"]
    brought = own.as_dict(private=False) | {"kid": kid}
    for header in (
        {"alg": "ES256", "kid": kid},
        {"alg": "ES256", "kid": kid, "jwk": brought},
        {"alg": "ES256", "kid": kid, "jku": "https://evil.example/keys"},
        {"alg": "ES256", "kid": "../../../../dev/null"},
        {"alg": "ES256", "kid": f"{kid}' OR '1'='1"},
    ):
        is_turned_away(victim, town, jwt.encode(header, claims(good), own))


def test_another_persons_name_in_a_good_token(
    attacker: Visitor, victim: Visitor, town: Town, played: Simulator
) -> None:
    head, _, signature = played.id_token(attacker.user).split(".")
    swapped = part(claims(played.id_token(attacker.user), sub=victim.user))
    is_turned_away(attacker, town, f"{head}.{swapped}.{signature}")
    _, others, _ = played.id_token(victim.user).split(".")
    is_turned_away(attacker, town, f"{head}.{others}.{signature}")


# Replays


def test_anothers_token_on_a_page_of_ones_own(
    attacker: Visitor, victim: Visitor, played: Simulator
) -> None:
    """A token that was seen somewhere, brought with an intent that we did issue."""
    token = played.id_token(victim.user)
    assert victim.present(token).status_code == 200
    for _ in range(3):
        answer = attacker.present(token)
        assert (answer.status_code, answer.json["what"]) == (409, "used")
    assert attacker.get("/liff/me").heading == SIGNING_IN


def malleated(token: str) -> str:
    """The other signature of the same claims: (r, n - s) verifies wherever (r, s) does."""
    head, said, signature = token.split(".")
    raw = opened(signature)
    s = int.from_bytes(raw[32:], "big")
    return f"{head}.{said}.{part(raw[:32] + (P256_ORDER - s).to_bytes(32, 'big'))}"


def padded(token: str) -> str:
    """The same 64 bytes in other letters: the last one has four bits that say nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


@pytest.mark.parametrize("respell", [malleated, padded])
def test_a_token_spelled_otherwise_is_the_same_token(
    attacker: Visitor, victim: Visitor, played: Simulator, respell: Callable[[str], str]
) -> None:
    token = played.id_token(victim.user)
    assert respell(token) != token
    assert victim.present(token).status_code == 200
    answer = attacker.present(respell(token))
    assert answer.status_code in (400, 409), answer.text
    assert attacker.get("/liff/me").heading == SIGNING_IN


def test_the_other_signature_does_verify(attacker: Visitor, played: Simulator) -> None:
    """Otherwise the test before this one would show nothing."""
    assert attacker.present(malleated(played.id_token(attacker.user))).status_code == 200


def test_a_used_token_comes_back_after_its_mark_was_swept_away(
    attacker: Visitor,
    victim: Visitor,
    tokens: Tokens,
    town: Town,
    clock: SettableClock,
) -> None:
    """What remembers a token is kept for longer than the token is good."""
    token = tokens.token_for(victim.user)
    assert victim.present(token).status_code == 200
    for minutes in (59, 1, 1, 3, 3):
        clock.advance(minutes=minutes)
        retention.work(town.database, clock(), town.settings)
        assert attacker.present(token).status_code in (400, 409)
