"""LINE Login: real ES256 tokens, checked as LINE checks them, and the tokens servers need."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from linebot.v3.oauth import ApiClient, ChannelAccessToken, Configuration

from simulator.running import Simulator
from tests.simulator.conftest import Answer, Ask
from tests.simulator.inbox import Inbox

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=")


def claims(ask: Ask, token: str) -> dict[str, Any]:
    """The claims, if one of the published keys signed."""
    keys = KeySet.import_key_set(ask("GET", "/oauth2/v2.1/certs", token=None).json)
    return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


def verify(ask: Ask, token: str, client_id: str, **more: str) -> Answer:
    form = {"id_token": token, "client_id": client_id, **more}
    return ask("POST", "/oauth2/v2.1/verify", form=form, token=None)


class TestIdTokens:
    def test_it_is_what_line_gives(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        said = claims(ask, sim.id_token(hanako))
        assert said["iss"] == "https://access.line.me"
        assert (said["sub"], said["aud"]) == (hanako, sim.settings.login_channel_id)
        assert said["exp"] - said["iat"] == 3600
        assert (said["name"], said["amr"]) == ("佐藤 花子", ["linesso"])

    def test_line_verifies_it(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        answer = verify(ask, sim.id_token(hanako), sim.settings.login_channel_id)
        assert (answer.status, answer.json["sub"]) == (200, hanako)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"expired": 1}, "IdToken expired."),
            ({"aud": "1234567890"}, "Invalid IdToken Audience."),
            ({"iss": "https://evil.example"}, "Invalid IdToken Issuer."),
            ({"alg": "none"}, "Invalid IdToken."),
            ({"kid": "unknown"}, "Invalid IdToken."),
        ],
    )
    def test_line_refuses_a_bad_one(self, sim, ask: Ask, hanako: str, wrong, said: str) -> None:
        answer = verify(ask, sim.id_token(hanako, **wrong), sim.settings.login_channel_id)
        expected = {"error": "invalid_request", "error_description": said}
        assert (answer.status, answer.json) == (400, expected)

    def test_a_truncated_one(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        answer = verify(ask, sim.id_token(hanako)[:-4], sim.settings.login_channel_id)
        assert answer.json["error_description"] == "Invalid IdToken."

    def test_nonce_and_person_can_be_asked_for(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        token, channel = sim.id_token(hanako, nonce="n-1"), sim.settings.login_channel_id
        assert verify(ask, token, channel, nonce="n-1", user_id=hanako).status == 200
        assert verify(ask, token, channel, nonce="n-2").status == 400
        assert verify(ask, token, channel, user_id="U" + "0" * 32).status == 400

    def test_the_wrong_ones_are_wrong_in_that_way_only(self, sim, ask: Ask, hanako: str) -> None:
        secret = OctKey.import_key(sim.settings.login_channel_secret)
        hs256 = jwt.decode(sim.id_token(hanako, alg="HS256"), secret, algorithms=["HS256"])
        assert hs256.claims["sub"] == hanako
        early = claims(ask, sim.id_token(hanako, iat_offset=120))
        assert early["iat"] - claims(ask, sim.id_token(hanako))["iat"] >= 119

    def test_keys_rotate(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        before = sim.id_token(hanako)
        sim.control("POST", "/control/keys/rotate")
        after = sim.id_token(hanako)
        assert claims(ask, before)["sub"] == claims(ask, after)["sub"] == hanako
        sim.control("POST", "/control/keys/rotate", {"drop": True})
        with pytest.raises((JoseError, ValueError)):
            claims(ask, after)


class TestChannelTokens:
    def test_a_stateless_one_opens_the_messaging_api(self, sim: Simulator, ask: Ask) -> None:
        with ApiClient(Configuration(host=sim.url)) as client:
            issued = ChannelAccessToken(client).issue_stateless_channel_token_by_client_secret(
                sim.settings.channel_id, sim.settings.channel_secret
            )
            client.rest_client.pool_manager.clear()
        assert issued.expires_in == 900
        assert ask("GET", "/v2/bot/info", token=issued.access_token).status == 200
        sim.advance(901)
        assert ask("GET", "/v2/bot/info", token=issued.access_token).status == 401

    def test_a_login_channels_does_not(self, sim: Simulator, ask: Ask) -> None:
        token = channel_token(sim, ask)
        assert ask("GET", "/v2/bot/info", token=token).status == 401
        assert ask("GET", "/liff/v1/apps", token=token).status == 200

    def test_wrong_credentials(self, sim: Simulator, ask: Ask) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": sim.settings.channel_id,
            "client_secret": "wrong",
        }
        for path in ("/oauth2/v3/token", "/v2/oauth/accessToken"):
            answer = ask("POST", path, form=form, token=None)
            assert (answer.status, answer.json["error"]) == (400, "invalid_client")

    def test_a_short_lived_one_can_be_checked_and_revoked(self, sim, ask: Ask) -> None:
        token = channel_token(sim, ask, "/v2/oauth/accessToken")
        form = {"access_token": token}
        checked = ask("POST", "/v2/oauth/verify", form=form, token=None).json
        assert checked["client_id"] == sim.settings.login_channel_id
        ask("POST", "/v2/oauth/revoke", form=form, token=None)
        assert ask("POST", "/v2/oauth/verify", form=form, token=None).status == 400


def channel_token(sim: Simulator, ask: Ask, path: str = "/oauth2/v3/token") -> str:
    """A token of the login channel."""
    form = {
        "grant_type": "client_credentials",
        "client_id": sim.settings.login_channel_id,
        "client_secret": sim.settings.login_channel_secret,
    }
    return str(ask("POST", path, form=form, token=None).json["access_token"])


def access_token(sim: Simulator, user_id: str, **more: Any) -> str:
    asked = f"/control/people/{user_id}/access-token?{urlencode(more)}"
    return str(sim.control("GET", asked)["accessToken"])


class TestAPersonsAccessToken:
    def test_what_it_shows(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        token = access_token(sim, hanako)
        checked = ask("GET", f"/oauth2/v2.1/verify?access_token={token}", token=None).json
        assert checked["client_id"] == sim.settings.login_channel_id
        assert 0 < checked["expires_in"] <= 12 * 3600
        assert ask("GET", "/v2/profile", token=token).json["userId"] == hanako
        assert ask("GET", "/oauth2/v2.1/userinfo", token=token).json["sub"] == hanako
        assert ask("GET", "/friendship/v1/status", token=token).json == {"friendFlag": True}
        sim.block(hanako)
        assert ask("GET", "/friendship/v1/status", token=token).json == {"friendFlag": False}

    def test_it_expires(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        token = access_token(sim, hanako)
        sim.advance(12 * 3600 + 1)
        assert ask("GET", f"/oauth2/v2.1/verify?access_token={token}", token=None).status == 400
        assert ask("GET", "/v2/profile", token=token).status == 401

    def test_it_shows_what_its_scope_allows(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        token = access_token(sim, hanako, scope="openid")
        assert ask("GET", "/v2/profile", token=token).status == 403
        assert ask("GET", "/oauth2/v2.1/userinfo", token=token).status == 200

    def test_deauthorizing_ends_all_of_them(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        one, other = access_token(sim, hanako), access_token(sim, hanako)
        channel = channel_token(sim, ask)
        body = {"userAccessToken": one}
        assert ask("POST", "/user/v1/deauthorize", body, token=channel).status == 204
        again = ask("POST", "/user/v1/deauthorize", body, token=channel)
        assert (again.status, again.json) == (400, {"message": "invalid token"})
        assert ask("GET", "/v2/profile", token=other).status == 401
        assert sim.person(hanako)["consented"] is False

    def test_deauthorizing_needs_the_right_token(self, sim, ask: Ask, hanako: str) -> None:
        body = {"userAccessToken": access_token(sim, hanako)}
        short_lived = channel_token(sim, ask, "/v2/oauth/accessToken")
        for token in (sim.settings.access_token, short_lived, "wrong"):
            assert ask("POST", "/user/v1/deauthorize", body, token=token).status == 401
        assert sim.person(hanako)["consented"] is True


class TestLoggingIn:
    BACK = "https://brand.example/callback?next=/me"

    def authorize(self, sim: Simulator, ask: Ask, user_id: str, **more: str) -> dict[str, str]:
        """What comes back in the query of the callback."""
        query = {
            "response_type": "code",
            "client_id": sim.settings.login_channel_id,
            "redirect_uri": self.BACK,
            "state": "s-1",
            "scope": "openid profile",
            "as": user_id,
            **more,
        }
        answer = ask("GET", f"/oauth2/v2.1/authorize?{urlencode(query)}", token=None)
        assert answer.status == 302
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        return {name: values[0] for name, values in back.items()}

    def redeem(self, sim: Simulator, ask: Ask, code: str, **more: str) -> Answer:
        form = {
            "grant_type": "authorization_code",
            "client_id": sim.settings.login_channel_id,
            "redirect_uri": self.BACK,
            "code": code,
            **more,
        }
        return ask("POST", "/oauth2/v2.1/token", form=form, token=None)

    def test_by_the_web_with_the_secret(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        back = self.authorize(sim, ask, hanako, nonce="n-1")
        assert (back["state"], back["next"]) == ("s-1", "/me")
        secret = sim.settings.login_channel_secret
        answer = self.redeem(sim, ask, back["code"], client_secret=secret)
        key = OctKey.import_key(secret)
        said = jwt.decode(answer.json["id_token"], key, algorithms=["HS256"]).claims
        assert (said["sub"], said["nonce"]) == (hanako, "n-1")
        assert answer.json["expires_in"] == 30 * 24 * 3600
        assert self.redeem(sim, ask, back["code"], client_secret=secret).status == 400, "once"

    def test_with_pkce(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        pkce = {"code_challenge": CHALLENGE.decode(), "code_challenge_method": "S256"}
        code = self.authorize(sim, ask, hanako, **pkce)["code"]
        jwk = {"id_token_key_type": "JWK"}
        answer = self.redeem(sim, ask, code, code_verifier=VERIFIER, **jwk)
        assert claims(ask, answer.json["id_token"])["sub"] == hanako
        for wrong in ("", "w" * 43, "v" * 42):
            code = self.authorize(sim, ask, hanako, **pkce)["code"]
            assert self.redeem(sim, ask, code, code_verifier=wrong).status == 400

    def test_a_code_lives_ten_minutes(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        code = self.authorize(sim, ask, hanako)["code"]
        sim.advance(601)
        secret = sim.settings.login_channel_secret
        assert self.redeem(sim, ask, code, client_secret=secret).status == 400

    def test_another_redirect_uri_or_secret(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        secret = sim.settings.login_channel_secret
        for wrong in (
            {"redirect_uri": "https://evil.example/", "client_secret": secret},
            {"client_secret": "wrong"},
            {"client_id": "1", "client_secret": secret},
        ):
            code = self.authorize(sim, ask, hanako)["code"]
            assert self.redeem(sim, ask, code, **wrong).status == 400

    def test_without_a_person_the_page_lists_them(self, sim: Simulator, ask: Ask) -> None:
        query = f"app_id={sim.settings.liff_id}&state=x&code_challenge=y"
        page = ask("GET", f"/liff/v1/authorize?{query}", token=None)
        assert "佐藤 花子" in page.body.decode()
        assert f"/liff/v1/authorize?{query}".replace("&", "&amp;") in page.body.decode()

    def test_the_configuration_is_published(self, sim: Simulator, ask: Ask) -> None:
        found = ask("GET", "/.well-known/openid-configuration", token=None).json
        assert found["issuer"] == "https://access.line.me"
        assert found["jwks_uri"] == f"{sim.url}/oauth2/v2.1/certs"


class TestAccountLink:
    NONCE = "nonce-of-the-brand"

    def confirm(self, ask: Ask, token: str, user_id: str, nonce: str = NONCE) -> int:
        query = urlencode({"linkToken": token, "nonce": nonce, "as": user_id})
        return ask("GET", f"/dialog/bot/accountLink?{query}", token=None).status

    def issue(self, ask: Ask, user_id: str) -> str:
        return str(ask("POST", f"/v2/bot/user/{user_id}/linkToken").json["linkToken"])

    def test_the_right_person(self, ask: Ask, hanako: str, inbox: Inbox) -> None:
        token = self.issue(ask, hanako)
        assert self.confirm(ask, token, hanako) == 200
        event = inbox.wait_for("accountLink")
        assert event["link"] == {"result": "ok", "nonce": self.NONCE}
        assert event["source"]["userId"] == hanako
        assert event["replyToken"]
        assert self.confirm(ask, token, hanako) == 400, "a token is good for once"

    def test_somebody_else(self, ask: Ask, hanako: str, stranger: str, inbox: Inbox) -> None:
        assert self.confirm(ask, self.issue(ask, hanako), stranger) == 200
        event = inbox.wait_for("accountLink")
        assert event["link"]["result"] == "failed"
        assert "source" not in event
        assert "replyToken" not in event

    def test_too_late_or_too_short(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        token = self.issue(ask, hanako)
        assert self.confirm(ask, token, hanako, nonce="short") == 400
        sim.advance(601)
        assert self.confirm(ask, token, hanako) == 400
