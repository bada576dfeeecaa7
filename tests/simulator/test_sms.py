"""The SMS inbox takes signed webhooks and Twilio's form, and nothing else."""

import hashlib
import hmac
import json
from base64 import b64encode

import pytest

from simulator.running import Simulator
from tests.simulator.conftest import Answer, Ask

TO = "+819011112222"


def send(sim: Simulator, ask: Ask, *, secret: str = "", off: float = 0, **said: str) -> Answer:
    raw = json.dumps({"id": "1", "to": TO, "text": "Your code is 123456"} | said).encode()
    timestamp = str(int(sim.state()["now"] / 1000 + off))
    key = (secret or sim.settings.sms_secret).encode()
    signed = hmac.new(key, f"{timestamp}.".encode() + raw, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/json",
        "X-Musubi-Timestamp": timestamp,
        "X-Musubi-Signature": f"sha256={signed}",
    }
    return ask("POST", "/sms", raw=raw, headers=headers, token=None)


class TestTheSignedWebhook:
    def test_it_arrives(self, sim: Simulator, ask: Ask) -> None:
        assert send(sim, ask).status == 200
        (found,) = sim.sms(TO)
        assert found["text"] == "Your code is 123456"
        assert sim.sms("+819000000000") == []

    def test_one_id_is_one_sms(self, sim: Simulator, ask: Ask) -> None:
        assert [send(sim, ask).status for _ in range(2)] == [200, 200]
        send(sim, ask, id="2")
        assert len(sim.sms(TO)) == 2

    def test_a_wrong_signature(self, sim: Simulator, ask: Ask) -> None:
        assert send(sim, ask, secret="wrong").status == 401
        assert ask("POST", "/sms", {"id": "1", "to": TO, "text": "x"}).status == 401
        assert sim.sms() == []

    @pytest.mark.parametrize(("off", "status"), [(-310, 401), (-290, 200), (290, 200), (310, 401)])
    def test_a_timestamp_may_be_five_minutes_off(self, sim, ask: Ask, off, status) -> None:
        assert send(sim, ask, off=off).status == status

    @pytest.mark.parametrize("wrong", [{"to": "090-1111-2222"}, {"text": ""}, {"id": ""}])
    def test_what_is_wrong_is_refused(self, sim: Simulator, ask: Ask, wrong) -> None:
        assert send(sim, ask, **wrong).status == 400

    def test_it_shows_on_the_phone_with_that_number(self, sim, ask: Ask, hanako: str) -> None:
        send(sim, ask)
        phone = sim.control("GET", f"/phone/api/people/{hanako}")
        assert [sms["text"] for sms in phone["sms"]] == ["Your code is 123456"]


class TestTwilio:
    def send(self, sim: Simulator, ask: Ask, token: str = "", **more: str) -> Answer:
        account = sim.settings.twilio_account
        basic = b64encode(f"{account}:{token or sim.settings.twilio_token}".encode()).decode()
        form = {"To": TO, "From": "+15005550006", "Body": "123456"} | more
        path = f"/2010-04-01/Accounts/{account}/Messages.json"
        headers = {"Authorization": f"Basic {basic}"}
        return ask("POST", path, form=form, headers=headers, token=None)

    def test_it_arrives(self, sim: Simulator, ask: Ask) -> None:
        answer = self.send(sim, ask)
        assert answer.status == 201
        assert answer.json["sid"].startswith("SM")
        assert (answer.json["status"], answer.json["to"]) == ("queued", TO)
        assert [sms["text"] for sms in sim.sms(TO)] == ["123456"]

    def test_wrong_credentials(self, sim: Simulator, ask: Ask) -> None:
        answer = self.send(sim, ask, token="wrong")
        assert (answer.status, answer.json["code"]) == (401, 20003)

    @pytest.mark.parametrize(
        ("wrong", "code"), [({"To": "090"}, 21211), ({"From": ""}, 21603), ({"Body": ""}, 21602)]
    )
    def test_what_is_wrong_is_refused(self, sim: Simulator, ask: Ask, wrong, code: int) -> None:
        answer = self.send(sim, ask, **wrong)
        assert (answer.status, answer.json["code"]) == (400, code)
