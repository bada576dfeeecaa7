"""What an ID token proves, what an access token opens, and letting somebody go."""

import base64
import hmac
import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from core.clock import now as the_time
from core.settings import Settings
from line.fake import FakeLogin
from line.gateway import BadToken, LineRefused, LineUnavailable
from line.id_tokens import identify
from line.keys import FRESH, PAUSE, _read
from line.login import SdkLogin
from simulator.running import Simulator

CHANNEL = "2000000002"
USER = "U" + "0123456789abcdef" * 2
NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)
KEY = ECKey.generate_key("P-256", private=True)
OTHER_KEY = ECKey.generate_key("P-256", private=True)
PUBLIC = ECKey.import_key(KEY.as_dict(private=False))


def claims(**changed: Any) -> dict[str, Any]:
    issued = int(NOW.timestamp())
    usual = {
        "iss": "https://access.line.me", "sub": USER, "aud": CHANNEL,
        "exp": issued + 3600, "iat": issued, "amr": ["linesso"], "name": "花子",
    }  # fmt: skip
    return {name: value for name, value in (usual | changed).items() if value is not None}


def signed(said: Any = None, *, header: dict[str, Any] | None = None, key: Any = KEY) -> str:
    whole = {"alg": "ES256", "typ": "JWT", "kid": "known"} | (header or {})
    return jwt.encode(whole, claims() if said is None else said, key, algorithms=[whole["alg"]])


def part(said: object) -> str:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def why(token: str, now: datetime = NOW) -> str:
    with pytest.raises(BadToken) as raised:
        identify(token, CHANNEL, now, {"known": PUBLIC}.get)
    return raised.value.why


def test_a_good_token_says_who_somebody_is() -> None:
    found = identify(signed(), CHANNEL, NOW, {"known": PUBLIC}.get)
    assert (found.line_user_id, found.name) == (USER, "花子")
    assert found.expires_at == NOW + timedelta(hours=1)


def test_a_name_is_not_needed() -> None:
    assert identify(signed(claims(name=None)), CHANNEL, NOW, {"known": PUBLIC}.get).name == ""


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"iss": "https://access.line.me.example.com"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "2000000003"}, "audience"),
        ({"aud": [CHANNEL, "2000000003"]}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": 2000000002}, "audience"),
        ({"sub": None}, "subject"),
        ({"sub": "U123"}, "subject"),
        ({"sub": USER + "\n"}, "subject"),
        ({"sub": USER.upper()}, "subject"),
        ({"sub": [USER]}, "subject"),
        ({"exp": None}, "malformed"),
        ({"exp": "tomorrow"}, "malformed"),
        ({"exp": True}, "malformed"),
        ({"exp": 10**30}, "malformed"),
        ({"iat": None}, "malformed"),
        ({"iat": 1.5}, "malformed"),
        ({"iat": -(10**18)}, "malformed"),
    ],
)
def test_every_claim_is_looked_at(changed: dict[str, Any], expected: str) -> None:
    assert why(signed(claims(**changed))) == expected


def test_a_minute_of_skew_is_forgiven() -> None:
    token = signed()
    ends = NOW + timedelta(hours=1)
    accepted = (NOW - timedelta(seconds=60), NOW, ends, ends + timedelta(seconds=59))
    for now in accepted:
        assert identify(token, CHANNEL, now, {"known": PUBLIC}.get).line_user_id == USER
    assert why(token, ends + timedelta(seconds=60)) == "expired"
    assert why(token, NOW - timedelta(seconds=61)) == "future"


def test_a_forged_signature_proves_nothing() -> None:
    assert why(signed(key=OTHER_KEY)) == "signature"
    head, _, signature = signed().split(".")
    assert why(f"{head}.{part(claims(sub='U' + 'f' * 32))}.{signature}") == "signature"
    assert why(f"{head}.{part(claims())}.") == "signature"
    assert why(f"{head}.{part(claims())}.{'A' * 86}") == "signature"  # r = s = 0
    assert why(f"{head}.{part(claims())}.AAAA") == "signature"


def test_no_algorithm_but_lifs_is_believed() -> None:
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT', 'kid': 'known'})}.{part(claims())}."
    assert why(unsigned) == "signature"
    for odd in ("NONE", "None", "", None, 7, ["ES256"], {"alg": "ES256"}, "ES384", "RS256"):
        assert why(f"{part({'alg': odd, 'kid': 'known'})}.{part(claims())}.AAAA") == "signature"


@pytest.mark.parametrize(
    "secret",
    [PUBLIC.as_pem(private=False), json.dumps(PUBLIC.as_dict(private=False)).encode(), b"secret"],
    ids=["pem", "jwk", "guess"],
)
def test_the_public_key_is_no_secret_to_sign_with(secret: bytes) -> None:
    """The classic: HS256 under what everybody can download."""
    unsigned = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': 'known'})}.{part(claims())}"
    signature = hmac.digest(secret, unsigned.encode(), "sha256")
    assert why(f"{unsigned}.{part(signature)}") == "signature"


def test_a_key_that_the_token_brings_along_is_not_used() -> None:
    own = {"jwk": OTHER_KEY.as_dict(private=False), "kid": "unknown"}
    assert why(signed(header=own, key=OTHER_KEY)) == "signature"
    assert why(signed(header=own | {"kid": "known"}, key=OTHER_KEY)) == "signature"


def test_an_unknown_key_proves_nothing() -> None:
    assert why(signed(header={"kid": "unknown"})) == "signature"


GOOD = signed()


@pytest.mark.parametrize(
    "token",
    [
        "", ".", "..", "...", "a.b.c", GOOD[:-20] + ".", GOOD[:50], GOOD + ".x", " " + GOOD,
        GOOD + "\n", GOOD.replace(".", ","), "é.é.é", "\0", "🗝️." * 2, "=.=.=", "A" * 2**20,
        GOOD + "A" * 2**20, ".".join(["[" * 2000] * 3),
        f"{part(b'[' * 5000)}.{part(claims())}.AAAA",
        f"{part(b'{' * 3)}.{part(claims())}.AAAA",
        f"{part([])}.{part(claims())}.AAAA",
        f"{part({'alg': 'ES256'})}.{part(claims())}.AAAA",
        f"{part({'alg': 'ES256', 'kid': 7})}.{part(claims())}.AAAA",
        f"{part({'alg': 'ES256', 'kid': ['known']})}.{part(claims())}.AAAA",
        f"{part({'alg': 'ES256', 'kid': 'known', 'crit': ['b64'], 'b64': False})}.x.AAAA",
        f"{part(bytes(range(256)))}.{part(claims())}.AAAA",
    ],
)  # fmt: skip
def test_a_malformed_token_is_a_bad_token(token: str) -> None:
    assert why(token) in ("malformed", "signature")


def test_line_itself_signing_nonsense_is_a_bad_token() -> None:
    for payload in (b"", b"[]", b"null", b"\xff", b"[" * 5000, b'{"iss"'):
        token = jws.serialize_compact({"alg": "ES256", "kid": "known"}, payload, KEY)
        assert why(token) == "malformed"


@given(st.text(max_size=300) | st.binary(max_size=200).map(lambda raw: f"{part(raw)}.e30.AAAA"))
def test_no_text_whatever_is_more_than_a_bad_token(token: str) -> None:
    why(token)


@given(st.integers(0, len(GOOD) - 1), st.characters(max_codepoint=0x2FF))
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_one_changed_character_is_noticed(at: int, put: str) -> None:
    spoilt = GOOD[:at] + put + GOOD[at + 1 :]
    if base64_equal(spoilt, GOOD):
        return
    why(spoilt)


def base64_equal(one: str, other: str) -> bool:
    """The last character of a part has bits that mean nothing."""

    def decode(token: str) -> list[bytes] | None:
        try:
            return [
                base64.b64decode(each + "==", b"-_", validate=True) for each in token.split(".")
            ]
        except ValueError:
            return None

    return one == other or (decode(one) is not None and decode(one) == decode(other))


# LINE's keys


def fetches(played: Simulator) -> int:
    return sum(each["path"] == "/oauth2/v2.1/certs" for each in played.requests())


def test_a_token_of_line_is_believed_and_the_keys_are_fetched_once(
    real_login: SdkLogin, played: Simulator
) -> None:
    user = played.add_person("佐藤 花子")
    before = fetches(played)
    for _ in range(5):
        found = real_login.identify(played.id_token(user), the_time())
        assert (found.line_user_id, found.name) == (user, "佐藤 花子")
    assert fetches(played) - before == 1


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"expired": 1}, "expired"),
        ({"iat_offset": 600}, "future"),
        ({"aud": "1234567890"}, "audience"),
        ({"iss": "https://example.com"}, "issuer"),
        ({"alg": "none"}, "signature"),
        ({"alg": "HS256"}, "signature"),
        ({"kid": "unknown"}, "signature"),
    ],
)
def test_a_token_that_is_wrong_in_one_way_is_not(
    real_login: SdkLogin, played: Simulator, wrong: dict[str, Any], expected: str
) -> None:
    token = played.id_token(played.add_person(), **wrong)
    with pytest.raises(BadToken) as raised:
        real_login.identify(token, the_time())
    assert raised.value.why == expected


def test_a_new_key_is_found(real_login: SdkLogin, played: Simulator) -> None:
    user, now = played.add_person(), the_time()
    old = played.id_token(user)
    real_login.identify(old, now)
    played.control("POST", "/control/keys/rotate", {})
    new = played.id_token(user)
    assert real_login.identify(new, now + PAUSE).line_user_id == user
    assert real_login.identify(old, now + PAUSE).line_user_id == user


def test_a_key_that_line_withdrew_is_forgotten(real_login: SdkLogin, played: Simulator) -> None:
    user, now = played.add_person(), the_time()
    old = played.id_token(user)
    real_login.identify(old, now)
    played.control("POST", "/control/keys/rotate", {"drop": True})
    assert real_login.identify(old, now + timedelta(minutes=30)).line_user_id == user
    with pytest.raises(BadToken) as raised:
        real_login.identify(old, now + FRESH)
    assert raised.value.why == "signature"


def test_a_flood_of_forged_keys_asks_line_once_in_a_while(
    real_login: SdkLogin, played: Simulator
) -> None:
    user, now = played.add_person(), the_time()
    good = played.id_token(user)
    real_login.identify(good, now)
    before = fetches(played)

    def flood(first: int) -> None:
        for number in range(first, first + 50):
            forged = signed(header={"kid": f"forged-{number}"})
            with pytest.raises(BadToken):
                real_login.identify(forged, now + PAUSE)

    threads = [threading.Thread(target=flood, args=(first * 50,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetches(played) - before == 1
    assert real_login.identify(good, now + PAUSE).line_user_id == user


def test_known_keys_serve_while_line_is_down(real_login: SdkLogin, played: Simulator) -> None:
    user, now = played.add_person(), the_time()
    good = played.id_token(user)
    real_login.identify(good, now)
    played.fail("/oauth2/v2.1/certs", status=500, count=99)
    much_later = now + FRESH + timedelta(seconds=1)
    assert real_login.identify(good, much_later).line_user_id == user
    with pytest.raises(LineUnavailable):
        real_login.identify(signed(header={"kid": "unknown"}), much_later)


def test_without_keys_nobody_can_be_known(real_login: SdkLogin, played: Simulator) -> None:
    token, now = played.id_token(played.add_person()), the_time()
    played.fail("/oauth2/v2.1/certs", "drop_before", count=1)
    with pytest.raises(LineUnavailable):
        real_login.identify(token, now)
    with pytest.raises(LineUnavailable):
        real_login.identify(token, now + PAUSE / 2)
    assert real_login.identify(token, now + PAUSE).line_user_id


def test_rubbish_costs_line_nothing(real_login: SdkLogin, played: Simulator) -> None:
    before = fetches(played)
    for rubbish in ("", "a.b.c", "x" * 2**20, signed(header={"alg": "ES256", "kid": "k"})[:40]):
        with pytest.raises(BadToken):
            real_login.identify(rubbish, the_time())
    assert fetches(played) == before


def test_keys_that_are_none_of_ours_are_passed_over(played: Simulator, pointed: Settings) -> None:
    ours = PUBLIC.as_dict(private=False) | {"kid": "ours"}
    odd: list[Any] = [
        7, {}, {"kty": "RSA", "kid": "rsa", "n": "AQAB", "e": "AQAB"},
        {"kty": "EC", "crv": "P-521", "kid": "big"},
        {"kty": "EC", "crv": "P-256", "kid": "broken", "x": "!", "y": "?"},
    ]  # fmt: skip
    assert list(_read([*odd, ours])) == ["ours"]


# Access tokens


def access_token(played: Simulator, user: str, **asked: object) -> str:
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    answer = played.control("GET", f"/control/people/{user}/access-token?{query}")
    return str(answer["accessToken"])


@pytest.mark.parametrize("scope", ["openid%20profile", "openid"])
def test_an_access_token_belongs_to_somebody(
    real_login: SdkLogin, played: Simulator, scope: str
) -> None:
    user = played.add_person()
    assert real_login.owner(access_token(played, user, scope=scope)) == user


def test_an_access_token_of_another_channel_proves_nothing(
    played: Simulator, pointed: Settings
) -> None:
    other = pointed.model_copy(update={"line_login_channel_id": "2000000009"})
    login = SdkLogin(other)
    with pytest.raises(BadToken) as raised:
        login.owner(access_token(played, played.add_person()))
    assert raised.value.why == "audience"
    login.close()


def test_an_access_token_ends(real_login: SdkLogin, played: Simulator) -> None:
    token = access_token(played, played.add_person(), life=60)
    played.advance(61)
    with pytest.raises(BadToken) as raised:
        real_login.owner(token)
    assert raised.value.why == "expired"


@pytest.mark.parametrize("token", ["", "two words", "two\nlines", "é", "x" * 5000])
def test_what_cannot_be_an_access_token_is_not_asked_about(
    real_login: SdkLogin, played: Simulator, token: str
) -> None:
    before = played.state()["requests"]
    with pytest.raises(BadToken, match="malformed"):
        real_login.owner(token)
    assert played.requests(before) == []


def test_line_being_down_is_not_the_tokens_fault(real_login: SdkLogin, played: Simulator) -> None:
    token = access_token(played, played.add_person())
    for match in ("GET /oauth2/v2.1/verify", "GET /v2/profile"):
        played.fail(match, status=503)
        with pytest.raises(LineUnavailable):
            real_login.owner(token)
    played.fail("GET /v2/profile", "drop_before")
    with pytest.raises(LineUnavailable):
        real_login.owner(token)


# Letting go


def test_whoever_withdrew_is_let_go_once(real_login: SdkLogin, played: Simulator) -> None:
    token = access_token(played, played.add_person())
    real_login.deauthorize(token)
    with pytest.raises(BadToken):
        real_login.owner(token)
    real_login.deauthorize(token)
    real_login.deauthorize("never-was-one")


def test_letting_go_can_fail_and_be_done_later(real_login: SdkLogin, played: Simulator) -> None:
    token = access_token(played, played.add_person())
    played.fail("POST /user/v1/deauthorize", status=500)
    with pytest.raises(LineUnavailable):
        real_login.deauthorize(token)
    played.fail("POST /user/v1/deauthorize", status=400, message="The request body is wrong")
    with pytest.raises(LineRefused):
        real_login.deauthorize(token)
    played.fail("POST /user/v1/deauthorize", "drop_after")
    with pytest.raises(LineUnavailable):
        real_login.deauthorize(token)
    real_login.deauthorize(token)


def test_the_channels_own_token_is_renewed_when_it_ends(
    real_login: SdkLogin, played: Simulator
) -> None:
    assert real_login.liff_apps()
    played.advance(15 * 60 + 1)
    assert real_login.liff_apps()


def test_the_liff_apps_are_listed(
    real_login: SdkLogin, played: Simulator, pointed: Settings
) -> None:
    (app,) = real_login.liff_apps()
    assert app.liff_id == pointed.liff_id
    assert app.endpoint_url.endswith("/liff")
    assert "openid" in app.scopes
    played.fail("GET /liff/v1/apps", status=404)
    assert real_login.liff_apps() == []


def test_a_wrong_secret_of_the_login_channel_is_refused(
    pointed: Settings, make_settings: Callable[..., Settings]
) -> None:
    wrong = pointed.model_copy(
        update={"line_login_channel_secret": make_settings().line_login_channel_secret}
    )
    login = SdkLogin(wrong)
    with pytest.raises(LineRefused):
        login.liff_apps()
    login.close()


# The fake keeps the same promises


def test_the_fake_tells_good_tokens_from_bad() -> None:
    login = FakeLogin()
    ends = NOW + timedelta(hours=1)
    token = login.token_for(USER, name="花子", expires_at=ends)
    assert login.identify(token, NOW).line_user_id == USER
    assert login.identify(token, ends + timedelta(seconds=59)).name == "花子"
    for bad, expected in (
        (token, "expired"),
        (login.bad_token("audience"), "audience"),
        ("rubbish", "malformed"),
    ):
        with pytest.raises(BadToken) as raised:
            login.identify(bad, ends + timedelta(seconds=60))
        assert raised.value.why == expected


def test_the_fake_lets_go() -> None:
    login = FakeLogin()
    token = login.access_token_for(USER)
    assert login.owner(token) == USER
    login.deauthorize(token)
    login.deauthorize(token)
    with pytest.raises(BadToken):
        login.owner(token)
