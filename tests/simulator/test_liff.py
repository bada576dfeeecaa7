"""The LIFF server: apps, the tokens the SDK asks for, and how LIFF URLs open."""

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from linebot.v3.liff import (
    AddLiffAppRequest,
    ApiClient,
    Configuration,
    Liff,
    LiffView,
    UpdateLiffAppRequest,
    UpdateLiffView,
)

from simulator.running import Simulator
from tests.simulator.conftest import Ask
from tests.simulator.inbox import Inbox
from tests.simulator.test_login import access_token, channel_token, claims


def read(token: str) -> dict[str, Any]:
    """A token's claims as the SDK reads them, unchecked."""
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


class TestApps:
    def test_from_birth_to_death(self, sim: Simulator, ask: Ask) -> None:
        token = channel_token(sim, ask)
        with ApiClient(Configuration(access_token=token, host=sim.url)) as client:
            liff = Liff(client)
            view = LiffView(type="full", url="https://brand.example/liff")
            made = liff.add_liff_app(AddLiffAppRequest(view=view, scope=["openid"])).liff_id
            assert made.startswith(f"{sim.settings.login_channel_id}-")
            changed = UpdateLiffView(url="https://brand.example/other")
            liff.update_liff_app(made, UpdateLiffAppRequest(view=changed))
            apps = {app.liff_id: app for app in liff.get_all_liff_apps().apps}
            assert set(apps) == {sim.settings.liff_id, made}
            assert apps[made].view.url == "https://brand.example/other"
            assert apps[made].view.type == "full"
            assert apps[made].bot_prompt == "none"
            liff.delete_liff_app(made)
            assert len(liff.get_all_liff_apps().apps) == 1
            client.rest_client.pool_manager.clear()

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"view": {"type": "full", "url": "http://brand.example/"}},
            {"view": {"type": "full", "url": "https://brand.example/#here"}},
            {"view": {"type": "huge", "url": "https://brand.example/"}},
            {"view": {"type": "full", "url": "https://a.example/"}, "scope": ["everything"]},
            {"view": {"type": "full", "url": "https://a.example/"}, "description": "LINE shop"},
            {"view": {"type": "full", "url": "https://a.example/"}, "botPrompt": "loud"},
            {"view": {"type": "full", "url": "https://a.example/"}, "colour": "red"},
        ],
    )
    def test_what_is_wrong_is_refused(self, sim, ask: Ask, wrong: dict[str, Any]) -> None:
        token = channel_token(sim, ask)
        assert ask("POST", "/liff/v1/apps", wrong, token=token).status == 400

    def test_thirty_at_most(self, sim: Simulator, ask: Ask) -> None:
        token = channel_token(sim, ask)
        app = {"view": {"type": "tall", "url": "https://brand.example/"}}
        statuses = [ask("POST", "/liff/v1/apps", app, token=token).status for _ in range(30)]
        assert statuses == [200] * 29 + [400]

    def test_the_messaging_token_does_not_do(self, sim: Simulator, ask: Ask) -> None:
        assert ask("GET", "/liff/v1/apps").status == 401


class TestWhatTheSdkAsks:
    def test_the_context_of_nobody(self, sim: Simulator, ask: Ask) -> None:
        path = f"/liff/v2/apps/{sim.settings.liff_id}/contextToken"
        context = read(ask("GET", path, token=None).json["contextToken"])
        assert context["endpointUrl"] == sim.settings.liff_endpoint
        assert (context["permanentLinkPattern"], context["type"]) == ("concat", "external")
        assert "userId" not in context

    def test_the_context_of_somebody(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        path = f"/liff/v2/apps/{sim.settings.liff_id}/contextToken"
        context = read(ask("GET", path, token=access_token(sim, hanako)).json["contextToken"])
        assert context["userId"] == hanako

    def test_an_unknown_app(self, ask: Ask, sim: Simulator) -> None:
        for what in ("contextToken", "featureToken"):
            assert ask("GET", f"/liff/v2/apps/1-abcdefgh/{what}", token=None).status == 404

    def test_any_origin_may_ask(self, sim: Simulator, ask: Ask) -> None:
        for path in ("/oauth2/v2.1/certs", "/v2/profile", "/xlt/manifest.json"):
            headers = {"Origin": "https://a.example", "Access-Control-Request-Headers": "x-a"}
            answer = ask("OPTIONS", path, headers=headers, token=None)
            assert answer.status in (200, 204)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert answer.headers["Access-Control-Allow-Headers"] == "x-a"

    def test_its_texts(self, sim: Simulator, ask: Ask) -> None:
        languages = ask("GET", "/xlt/manifest.json", token=None).json["languages"]
        assert ask("GET", f"/xlt/{languages['en']}", token=None).json == {}

    def test_its_own_code(self, sim: Simulator, ask: Ask) -> None:
        answer = ask("GET", "/liff/edge/2/sdk.js", token=None)
        assert answer.status == 200
        assert "javascript" in answer.headers["Content-Type"]

    def test_saying_something_there(self, sim, ask: Ask, hanako: str, inbox: Inbox) -> None:
        token = access_token(sim, hanako)
        said = {"messages": [{"type": "text", "text": "from the page"}]}
        assert ask("POST", "/message/v3/share", said, token=token).status == 200
        assert inbox.wait_for("message")["message"]["text"] == "from the page"


class TestOpening:
    def test_outside_line(self, sim: Simulator, ask: Ask) -> None:
        answer = ask("GET", f"/{sim.settings.liff_id}/link?x=1&y=2", token=None)
        assert answer.status == 302
        to = answer.headers["Location"]
        assert to == f"{sim.settings.liff_endpoint}?liff.state=%2Flink%3Fx%3D1%26y%3D2"

    def test_outside_line_with_nothing_more(self, sim: Simulator, ask: Ask) -> None:
        answer = ask("GET", f"/{sim.settings.liff_id}", token=None)
        assert answer.headers["Location"] == sim.settings.liff_endpoint

    def test_in_line(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        parts = urlsplit(sim.in_app(hanako, "/link?x=1#top"))
        assert parse_qs(parts.query) == {"liff.state": ["/link?x=1#top"]}
        given = {name: values[0] for name, values in parse_qs(parts.fragment).items()}
        assert given["client_id"] == sim.settings.login_channel_id
        assert claims(ask, given["id_token"])["sub"] == hanako
        assert ask("GET", "/v2/profile", token=given["access_token"]).json["userId"] == hanako
        assert read(given["context_token"])["userId"] == hanako
        assert read(given["feature_token"])["liffId"] == sim.settings.liff_id

    def test_from_the_chat(self, sim: Simulator, hanako: str) -> None:
        for base in ("https://liff.line.me", sim.url):
            action = {"type": "uri", "uri": f"{base}/{sim.settings.liff_id}/me"}
            opened = sim.control("POST", f"/control/people/{hanako}/tap", {"action": action})
            assert opened["liff"].startswith(f"{sim.settings.liff_endpoint}?liff.state=%2Fme#")
        action = {"type": "uri", "uri": "https://brand.example/"}
        opened = sim.control("POST", f"/control/people/{hanako}/tap", {"action": action})
        assert opened == {"open": "https://brand.example/"}

    def test_log_in_outside_and_back(self, sim: Simulator, ask: Ask, hanako: str) -> None:
        endpoint = sim.settings.liff_endpoint
        asked = f"app_id={sim.settings.liff_id}&state=s&redirect_uri={endpoint}/me&as={hanako}"
        answer = ask("GET", f"/liff/v1/authorize?{asked}", token=None)
        assert answer.headers["Location"].startswith(f"{endpoint}/me?code=")
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert back["liffClientId"] == [sim.settings.login_channel_id]
        assert back["liffRedirectUri"] == [f"{endpoint}/me"]

    def test_log_in_leads_only_below_the_endpoint(self, sim, ask: Ask, hanako: str) -> None:
        asked = f"app_id={sim.settings.liff_id}&redirect_uri=https://evil.example&as={hanako}"
        assert ask("GET", f"/liff/v1/authorize?{asked}", token=None).status == 400
