"""Rich menus: strict about what they are, true to LINE about who sees them and when."""

import io
from typing import Any

import pytest
from linebot.v3.messaging import (
    CreateRichMenuAliasRequest,
    MessagingApi,
    MessagingApiBlob,
    RichMenuArea,
    RichMenuBatchLinkOperation,
    RichMenuBatchRequest,
    RichMenuBatchUnlinkAllOperation,
    RichMenuBounds,
    RichMenuBulkLinkRequest,
    RichMenuBulkUnlinkRequest,
    RichMenuRequest,
    RichMenuSize,
    RichMenuSwitchAction,
    UpdateRichMenuAliasRequest,
    URIAction,
)
from linebot.v3.messaging.exceptions import ApiException
from PIL import Image

from simulator.app import create_app
from simulator.running import Simulator
from simulator.settings import Settings
from simulator.waiting import until
from tests.simulator.conftest import Ask
from tests.simulator.inbox import Inbox

URI = {"type": "uri", "uri": "https://brand.example/"}


def picture(width: int = 800, height: int = 270, kind: str = "PNG") -> bytes:
    into = io.BytesIO()
    Image.new("RGB", (width, height), "#06c755").save(into, kind)
    return into.getvalue()


SMALL = picture()


def menu(**more: Any) -> dict[str, Any]:
    area = {"bounds": {"x": 0, "y": 0, "width": 800, "height": 270}, "action": URI}
    plain = {
        "size": {"width": 800, "height": 270},
        "selected": False,
        "name": "guest",
        "chatBarText": "Menu",
        "areas": [area],
    }
    return plain | more


def area(bounds: dict[str, int] | None = None, **action: Any) -> dict[str, Any]:
    whole = {"x": 0, "y": 0, "width": 800, "height": 270}
    return {"bounds": whole | (bounds or {}), "action": action or URI}


class Menus:
    """What these tests do over and over."""

    def __init__(self, api: MessagingApi, blob: MessagingApiBlob, sim: Simulator) -> None:
        self.api, self.blob, self.sim = api, blob, sim

    def make(self, name: str, *areas: RichMenuArea) -> str:
        """A menu with its image; its id."""
        whole = RichMenuBounds(x=0, y=0, width=800, height=270)
        link = URIAction(uri="https://brand.example/", label="Open")
        made = self.api.create_rich_menu(
            RichMenuRequest(
                size=RichMenuSize(width=800, height=270),
                selected=True,
                name=name,
                chatBarText="Menu",
                areas=list(areas) or [RichMenuArea(bounds=whole, action=link)],
            )
        )
        headers = {"Content-Type": "image/png"}
        self.blob.set_rich_menu_image(made.rich_menu_id, body=SMALL, _headers=headers)
        return str(made.rich_menu_id)

    def seen_by(self, user_id: str) -> str | None:
        shown = self.sim.person(user_id)["shown"]
        return shown and shown["name"]


@pytest.fixture
def menus(api: MessagingApi, blob: MessagingApiBlob, sim: Simulator) -> Menus:
    return Menus(api, blob, sim)


WRONG = {
    "too narrow": ("size.width", menu(size={"width": 799, "height": 270}, areas=[])),
    "too wide": ("size.width", menu(size={"width": 2501, "height": 843})),
    "too low": ("size.height", menu(size={"width": 800, "height": 249}, areas=[])),
    "too high": ("size", menu(size={"width": 800, "height": 552})),
    "no name": ("name", {k: v for k, v in menu().items() if k != "name"}),
    "a name of 301": ("name", menu(name="x" * 301)),
    "a bar text of 15": ("chatBarText", menu(chatBarText="あ" * 15)),
    "an empty bar text": ("chatBarText", menu(chatBarText="")),
    "no areas": ("areas", menu(areas=None)),
    "21 areas": ("areas", menu(areas=[area()] * 21)),
    "an area too far right": ("areas[0].bounds.width", menu(areas=[area({"x": 1})])),
    "an area too far down": ("areas[0].bounds.height", menu(areas=[area({"y": 1})])),
    "an area of no width": ("areas[0].bounds.width", menu(areas=[area({"width": 0})])),
    "an area left of the menu": ("areas[0].bounds.x", menu(areas=[area({"x": -1})])),
    "no action": ("areas[0].action", menu(areas=[{"bounds": area()["bounds"]}])),
    "a camera": ("areas[0].action.type", menu(areas=[area(type="camera", label="x")])),
    "a strange scheme": ("areas[0].action.uri", menu(areas=[area(type="uri", uri="ftp://x/")])),
    "an unknown field": ("colour", menu(colour="red")),
    "a tab without data": (
        "areas[0].action.data",
        menu(areas=[area(type="richmenuswitch", richMenuAliasId="a")]),
    ),
    "a tab to no alias": (
        "areas[0].action.richMenuAliasId",
        menu(areas=[area(type="richmenuswitch", richMenuAliasId="Not An Alias", data="x")]),
    ),
    "a label of 21": (
        "areas[0].action.label",
        menu(areas=[area(type="uri", uri="https://a.example/", label="x" * 21)]),
    ),
}


class TestWhatAMenuIs:
    @pytest.mark.parametrize("name", WRONG)
    def test_a_wrong_menu_is_refused_by_its_property(self, sim, ask: Ask, name: str) -> None:
        where, wrong = WRONG[name]
        for path in ("/v2/bot/richmenu/validate", "/v2/bot/richmenu"):
            answer = ask("POST", path, wrong)
            assert answer.status == 400
            assert list(answer.faults) == [where], answer.json
        assert sim.state()["menus"] == {}

    def test_a_sound_one_is_kept(self, ask: Ask, sim) -> None:
        large = menu(size={"width": 2500, "height": 1686}, areas=[area()] * 20, name="x" * 300)
        assert ask("POST", "/v2/bot/richmenu/validate", large).status == 200
        made = ask("POST", "/v2/bot/richmenu", large).json["richMenuId"]
        found = ask("GET", f"/v2/bot/richmenu/{made}").json
        assert found == {"richMenuId": made} | large
        assert ask("GET", "/v2/bot/richmenu/list").json == {"richmenus": [found]}

    def test_the_thousand_and_first_is_refused(self, sim, ask: Ask) -> None:
        for made in range(1000):
            if made % 100 == 0:
                sim.advance(3600)
            assert ask("POST", "/v2/bot/richmenu", menu()).status == 200
        sim.advance(3600)
        assert ask("POST", "/v2/bot/richmenu", menu()).status == 400


class TestImages:
    @pytest.fixture
    def path(self, sim: Simulator, ask: Ask) -> str:
        made = ask("POST", "/v2/bot/richmenu", menu()).json["richMenuId"]
        return f"/v2/bot/richmenu/{made}/content"

    def upload(self, ask: Ask, path: str, image: bytes, kind: str = "image/png") -> int:
        return ask("POST", path, raw=image, headers={"Content-Type": kind}).status

    @pytest.mark.parametrize(("form", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
    def test_up_and_down(self, ask: Ask, path: str, form: str, kind: str) -> None:
        assert ask("GET", path).status == 404
        image = picture(kind=form)
        assert self.upload(ask, path, image, kind) == 200
        down = ask("GET", path)
        assert (down.body, down.headers["Content-Type"]) == (image, kind)

    def test_it_cannot_be_replaced(self, ask: Ask, path: str) -> None:
        assert [self.upload(ask, path, SMALL) for _ in range(2)] == [200, 400]

    def test_what_is_no_image(self, ask: Ask, path: str) -> None:
        for image in (b"", b"not an image", SMALL[:100]):
            assert self.upload(ask, path, image) == 400

    def test_what_is_of_another_kind_than_it_says(self, ask: Ask, path: str) -> None:
        assert self.upload(ask, path, SMALL, "image/jpeg") == 400
        assert self.upload(ask, path, picture(kind="GIF"), "image/png") == 400
        assert self.upload(ask, path, picture(kind="GIF"), "image/gif") == 415

    def test_what_is_of_another_size_than_its_menu(self, ask: Ask, path: str) -> None:
        assert self.upload(ask, path, picture(800, 271)) == 400

    def test_what_is_too_heavy(self, ask: Ask, path: str) -> None:
        assert self.upload(ask, path, SMALL + b"\0" * 1024 * 1024) == 400

    def test_a_menu_that_does_not_exist(self, ask: Ask, sim) -> None:
        path = "/v2/bot/richmenu/richmenu-" + "0" * 32 + "/content"
        assert self.upload(ask, path, SMALL) == 404


class TestWhoSeesWhat:
    def test_the_default_is_seen_by_all(self, menus: Menus, hanako: str, stranger: str) -> None:
        made = menus.make("guest")
        menus.api.set_default_rich_menu(made)
        assert menus.api.get_default_rich_menu_id().rich_menu_id == made
        assert menus.seen_by(hanako) == menus.seen_by(stranger) == "guest"
        menus.api.cancel_default_rich_menu()
        assert menus.seen_by(hanako) is None
        with pytest.raises(ApiException, match="no default richmenu"):
            menus.api.get_default_rich_menu_id()

    def test_the_persons_own_comes_first(self, menus: Menus, hanako: str) -> None:
        menus.api.set_default_rich_menu(menus.make("guest"))
        menus.api.link_rich_menu_id_to_user(hanako, menus.make("gold"))
        assert menus.seen_by(hanako) == "gold"
        menus.api.unlink_rich_menu_id_from_user(hanako)
        assert menus.seen_by(hanako) == "guest"

    def test_a_stranger_cannot_have_one(self, menus: Menus, stranger: str) -> None:
        menus.api.link_rich_menu_id_to_user(stranger, menus.make("gold"))
        assert menus.seen_by(stranger) is None
        with pytest.raises(ApiException, match="the user has no richmenu"):
            menus.api.get_rich_menu_id_of_user(stranger)

    def test_blocking_loses_it(self, menus: Menus, hanako: str) -> None:
        menus.api.set_default_rich_menu(menus.make("guest"))
        menus.api.link_rich_menu_id_to_user(hanako, menus.make("gold"))
        menus.sim.block(hanako)
        assert menus.seen_by(hanako) is None
        menus.sim.unblock(hanako)
        assert menus.seen_by(hanako) == "guest"

    def test_deleting_it_loses_it(self, menus: Menus, hanako: str) -> None:
        made = menus.make("gold")
        menus.api.link_rich_menu_id_to_user(hanako, made)
        menus.api.delete_rich_menu(made)
        assert menus.seen_by(hanako) is None
        with pytest.raises(ApiException, match="Not found"):
            menus.api.delete_rich_menu(made)

    def test_without_an_image_it_is_for_nobody(self, ask: Ask, hanako: str) -> None:
        made = ask("POST", "/v2/bot/richmenu", menu()).json["richMenuId"]
        for path, body in (
            (f"user/{hanako}/richmenu/{made}", None),
            (f"user/all/richmenu/{made}", None),
            ("richmenu/bulk/link", {"richMenuId": made, "userIds": [hanako]}),
        ):
            answer = ask("POST", f"/v2/bot/{path}", body)
            assert answer.status == 400
            assert answer.json["message"].startswith("must upload richmenu image")

    def test_malformed_and_unknown_ids(self, menus: Menus, ask: Ask, hanako: str) -> None:
        made, unknown = menus.make("gold"), "richmenu-" + "0" * 32
        assert ask("POST", f"/v2/bot/user/Ux/richmenu/{made}").status == 400
        assert ask("GET", "/v2/bot/user/Ux/richmenu").status == 400
        assert ask("DELETE", "/v2/bot/user/Ux/richmenu").status == 400
        assert ask("POST", f"/v2/bot/user/{hanako}/richmenu/{unknown}").status == 404


class TestBulk:
    def test_it_is_accepted_and_soon_done(self, menus: Menus, hanako: str, stranger: str) -> None:
        made = menus.make("gold")
        asked = RichMenuBulkLinkRequest(richMenuId=made, userIds=[hanako, stranger])
        answer = menus.api.link_rich_menu_id_to_users_with_http_info(asked)
        assert answer.status_code == 202
        until(lambda: menus.seen_by(hanako) == "gold")
        assert menus.seen_by(stranger) is None
        menus.api.unlink_rich_menu_id_from_users(RichMenuBulkUnlinkRequest(userIds=[hanako]))
        until(lambda: menus.seen_by(hanako) is None)

    def test_one_malformed_id_refuses_all(self, menus: Menus, ask: Ask, hanako: str) -> None:
        asked = {"richMenuId": menus.make("gold"), "userIds": [hanako, "Ux"]}
        answer = ask("POST", "/v2/bot/richmenu/bulk/link", asked)
        assert answer.status == 400
        assert "userIds[1]" in answer.json["message"]

    def test_one_to_500(self, menus: Menus, ask: Ask) -> None:
        made, people = menus.make("gold"), [f"U{n:032x}" for n in range(501)]
        for path, more in (("link", {"richMenuId": made}), ("unlink", {})):
            for to, status in ((people[:500], 202), (people, 400), ([], 400)):
                asked = {"userIds": to, **more}
                assert ask("POST", f"/v2/bot/richmenu/bulk/{path}", asked).status == status

    def test_an_unknown_menu(self, ask: Ask, hanako: str) -> None:
        asked = {"richMenuId": "richmenu-" + "0" * 32, "userIds": [hanako]}
        answer = ask("POST", "/v2/bot/richmenu/bulk/link", asked)
        assert (answer.status, answer.json["message"]) == (404, "richmenu not found")


class TestBatches:
    def start(self, menus: Menus, *operations: Any, key: str | None = None) -> str:
        """The request's id, once it is done."""
        asked = RichMenuBatchRequest(operations=list(operations), resumeRequestKey=key)
        answer = menus.api.rich_menu_batch_with_http_info(asked)
        assert answer.status_code == 202
        request_id = str(answer.headers["x-line-request-id"])
        until(lambda: menus.api.get_rich_menu_batch_progress(request_id).phase == "succeeded")
        return request_id

    def test_everybody_moves_once(self, menus: Menus, sim) -> None:
        a, b, c = (menus.make(name) for name in "ABC")
        on_a, on_b = (sim.add_person(friend=True) for _ in range(2))
        menus.api.link_rich_menu_id_to_user(on_a, a)
        menus.api.link_rich_menu_id_to_user(on_b, b)
        first = RichMenuBatchLinkOperation.from_dict({"type": "link", "from": a, "to": b})
        second = RichMenuBatchLinkOperation.from_dict({"type": "link", "from": b, "to": c})
        self.start(menus, first, second)
        assert [menus.seen_by(on_a), menus.seen_by(on_b)] == ["B", "C"]

    def test_unlink_all(self, menus: Menus, hanako: str) -> None:
        menus.api.link_rich_menu_id_to_user(hanako, menus.make("gold"))
        self.start(menus, RichMenuBatchUnlinkAllOperation(type="unlinkAll"))
        assert menus.seen_by(hanako) is None

    def test_a_key_is_good_for_one_batch(self, menus: Menus, hanako: str) -> None:
        gold = menus.make("gold")
        for _ in range(2):
            menus.api.link_rich_menu_id_to_user(hanako, gold)
            self.start(menus, RichMenuBatchUnlinkAllOperation(type="unlinkAll"), key="release-7")
        assert menus.seen_by(hanako) == "gold", "the second had nothing left to do"

    def test_it_goes_on_until_it_is_done(self) -> None:
        """In a platform of this process, which would take an hour."""
        played = create_app(Settings(bulk_delay=3600)).test_client()
        headers = {"Authorization": f"Bearer {Settings().access_token}"}
        asked = {"operations": [{"type": "unlinkAll"}]}
        started = played.post("/v2/bot/richmenu/batch", json=asked, headers=headers)
        for request_id, status in ((started.headers["x-line-request-id"], 200), ("x", 404)):
            path = f"/v2/bot/richmenu/progress/batch?requestId={request_id}"
            answer = played.get(path, headers=headers)
            assert answer.status_code == status
            if status == 200:
                assert answer.json["phase"] == "ongoing"
                assert "completedTime" not in answer.json

    def test_when_it_was_done(self, menus: Menus) -> None:
        done = RichMenuBatchUnlinkAllOperation(type="unlinkAll")
        progress = menus.api.get_rich_menu_batch_progress(self.start(menus, done))
        assert progress.completed_time >= progress.accepted_time

    def test_what_is_wrong_is_refused(self, menus: Menus, ask: Ask) -> None:
        made, lost = menus.make("gold"), "richmenu-" + "0" * 32
        bare = ask("POST", "/v2/bot/richmenu", menu()).json["richMenuId"]
        link = {"type": "link", "from": made, "to": made}
        for operations, status, where in (
            ([], 400, "operations"),
            ([link, link], 400, "operations[].from"),
            ([link, {"type": "unlinkAll"}], 400, "operations[].type"),
            ([{"type": "unlink", "from": "nonsense"}], 400, "operations[0].from"),
            ([link | {"to": bare}], 400, "operations[0].to"),
            ([link | {"to": lost}], 404, "operations[0].to"),
            ([{"type": "unlink", "from": made}] * 1001, 400, "operations"),
        ):
            answer = ask("POST", "/v2/bot/richmenu/validate/batch", {"operations": operations})
            assert (answer.status, list(answer.faults)) == (status, [where])
        asked = {"operations": [link], "resumeRequestKey": "no blanks"}
        assert ask("POST", "/v2/bot/richmenu/validate/batch", asked).status == 400


class TestTabs:
    def test_an_alias_from_birth_to_death(self, menus: Menus) -> None:
        a, b, api = menus.make("A"), menus.make("B"), menus.api
        api.create_rich_menu_alias(CreateRichMenuAliasRequest(richMenuAliasId="tab", richMenuId=a))
        assert api.get_rich_menu_alias("tab").rich_menu_id == a
        api.update_rich_menu_alias("tab", UpdateRichMenuAliasRequest(richMenuId=b))
        assert [each.rich_menu_id for each in api.get_rich_menu_alias_list().aliases] == [b]
        api.delete_rich_menu_alias("tab")
        with pytest.raises(ApiException) as gone:
            api.get_rich_menu_alias("tab")
        assert gone.value.status == 404

    def test_what_is_wrong_is_refused(self, menus: Menus, ask: Ask) -> None:
        made, path = menus.make("A"), "/v2/bot/richmenu/alias"
        bare = ask("POST", "/v2/bot/richmenu", menu()).json["richMenuId"]
        assert ask("POST", path, {"richMenuAliasId": "tab", "richMenuId": made}).status == 200
        for alias, menu_id in (
            ("tab", made),
            ("TAB", made),
            ("x" * 33, made),
            ("new", "richmenu-" + "0" * 32),
            ("new", "nonsense"),
            ("new", bare),
        ):
            asked = {"richMenuAliasId": alias, "richMenuId": menu_id}
            assert ask("POST", path, asked).status == 400, alias
        assert ask("POST", f"{path}/new", {"richMenuId": made}).status == 404
        assert ask("DELETE", f"{path}/new").status == 404

    def test_the_thousand_and_first_is_refused(self, menus: Menus, ask: Ask) -> None:
        made, path = menus.make("A"), "/v2/bot/richmenu/alias"
        for n in range(1000):
            asked = {"richMenuAliasId": f"tab-{n}", "richMenuId": made}
            assert ask("POST", path, asked).status == 200
        assert ask("POST", path, {"richMenuAliasId": "more", "richMenuId": made}).status == 400

    def test_a_tap_sets_the_persons_own_menu(
        self, menus: Menus, hanako: str, inbox: Inbox, sim
    ) -> None:
        action = RichMenuSwitchAction(richMenuAliasId="tab-b", data="to-b", label="B")
        tab = RichMenuArea(bounds=RichMenuBounds(x=0, y=0, width=400, height=270), action=action)
        menus.api.set_default_rich_menu(menus.make("A", tab))
        assert self.switch(sim, inbox, hanako, 1) == "RICHMENU_ALIAS_ID_NOTFOUND"
        b = menus.make("B")
        asked = CreateRichMenuAliasRequest(richMenuAliasId="tab-b", richMenuId=b)
        menus.api.create_rich_menu_alias(asked)
        assert self.switch(sim, inbox, hanako, 2) == "SUCCESS"
        assert menus.seen_by(hanako) == "B"
        assert menus.api.get_rich_menu_id_of_user(hanako).rich_menu_id == b

    def test_a_tab_to_a_deleted_menu(self, menus: Menus, hanako: str, inbox: Inbox, sim) -> None:
        made = menus.make("B")
        asked = CreateRichMenuAliasRequest(richMenuAliasId="tab", richMenuId=made)
        menus.api.create_rich_menu_alias(asked)
        menus.api.delete_rich_menu(made)
        action = {"type": "richmenuswitch", "richMenuAliasId": "tab", "data": "x"}
        sim.control("POST", f"/control/people/{hanako}/tap", {"action": action})
        params = inbox.wait_for("postback")["postback"]["params"]
        assert params == {"newRichMenuAliasId": "tab", "status": "RICHMENU_NOTFOUND"}

    def switch(self, sim: Simulator, inbox: Inbox, user_id: str, count: int) -> str:
        sim.tap(user_id, 0)
        postback = inbox.wait_for("postback", count)["postback"]
        assert (postback["data"], postback["params"]["newRichMenuAliasId"]) == ("to-b", "tab-b")
        return str(postback["params"]["status"])
