"""The bot's side of the platform, as the tests of the phone use it."""

import io
from typing import Any

import urllib3
from PIL import Image

from simulator.running import Simulator

PICTURE = "https://brand.example/picture.png"
BUY = {"type": "postback", "label": "Buy", "data": "buy"}


def picture(width: int = 800, height: int = 540) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (width, height), "#2d5d7b").save(drawn, "PNG")
    return drawn.getvalue()


class Line:
    """The bot's side of the platform."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self._http = urllib3.PoolManager()
        self._headers = {"Authorization": f"Bearer {simulator.settings.access_token}"}

    def post(self, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        given = {"body": body} if isinstance(body, bytes) else {"json": body or {}}
        answer = self._http.request(
            "POST", self.simulator.url + path, headers=self._headers | headers, **given
        )
        assert answer.status < 300, answer.data
        found: dict[str, Any] = answer.json()
        return found

    def push(self, user_id: str, *messages: dict[str, Any]) -> None:
        self.post("/v2/bot/message/push", {"to": user_id, "messages": messages})

    def menu(self, name: str, *actions: dict[str, Any]) -> str:
        width = 800 // len(actions)
        areas = [
            {"bounds": {"x": i * width, "y": 0, "width": width, "height": 540}, "action": action}
            for i, action in enumerate(actions)
        ]
        asked = {"size": {"width": 800, "height": 540}, "selected": True, "name": name}
        made = self.post("/v2/bot/richmenu", asked | {"chatBarText": f"{name} bar", "areas": areas})
        menu_id = str(made["richMenuId"])
        self.post(f"/v2/bot/richmenu/{menu_id}/content", picture(), **{"Content-Type": "image/png"})
        return menu_id

    def show(self, user_id: str, menu_id: str) -> None:
        self.post(f"/v2/bot/user/{user_id}/richmenu/{menu_id}")

    def text(self, number: str, words: str) -> None:
        """An SMS, sent as one sends with Twilio."""
        known = self.simulator.settings
        account = f"{known.twilio_account}:{known.twilio_token}"
        answer = self._http.request(
            "POST",
            f"{self.simulator.url}/2010-04-01/Accounts/{known.twilio_account}/Messages.json",
            fields={"To": number, "From": "+815000000000", "Body": words},
            encode_multipart=False,
            headers=urllib3.make_headers(basic_auth=account),
        )
        assert answer.status == 201, answer.data

    def events(self, kind: str) -> list[dict[str, Any]]:
        found = self.simulator.control("GET", "/control/webhooks")["events"].values()
        return [event for event in found if event["type"] == kind]
