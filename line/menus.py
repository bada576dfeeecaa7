"""The rich-menu verbs of the real gateway."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from line.answers import Answer
from line.gateway import AreaTaps, LineMenu, LineRefused, LineUnavailable, MenuTaps, Move
from line.limits import check_alias, check_bulk, check_image, check_moves
from line.transport import Transport


class Menus:
    def __init__(self, line: Transport) -> None:
        self._line = line

    def menus(self) -> list[LineMenu]:
        return self._line.ask("GET", "/v2/bot/richmenu/list").each("richmenus", _menu)

    def create_menu(self, menu: Mapping[str, Any]) -> str:
        return self._line.ask("POST", "/v2/bot/richmenu", body=dict(menu)).need("richMenuId", str)

    def upload_menu_image(self, menu_id: str, image: bytes, content_type: str) -> None:
        check_image(image, content_type)
        self._line.ask(
            "POST",
            "/v2/bot/richmenu/{menu}/content",
            body=image,
            headers={"Content-Type": content_type},
            fields={"menu": menu_id},
        )

    def has_menu_image(self, menu_id: str) -> bool:
        return self._find("/v2/bot/richmenu/{menu}/content", menu=menu_id) is not None

    def delete_menu(self, menu_id: str) -> None:
        self._gone("/v2/bot/richmenu/{menu}", menu=menu_id)

    def default_menu(self) -> str | None:
        found = self._find("/v2/bot/user/all/richmenu", no=(403, 404))
        return None if found is None else found.need("richMenuId", str)

    def set_default_menu(self, menu_id: str | None) -> None:
        if menu_id is None:
            self._gone("/v2/bot/user/all/richmenu")
        else:
            path = "/v2/bot/user/all/richmenu/{menu}"
            self._line.ask("POST", path, fields={"menu": menu_id})

    def menu_of(self, user: str) -> str | None:
        found = self._find("/v2/bot/user/{user}/richmenu", user=user)
        return None if found is None else found.need("richMenuId", str)

    def link_menu(self, menu_id: str, users: Sequence[str]) -> None:
        check_bulk(users)
        if len(users) == 1:
            path = "/v2/bot/user/{user}/richmenu/{menu}"
            self._line.ask("POST", path, fields={"user": users[0], "menu": menu_id})
        else:
            body = {"richMenuId": menu_id, "userIds": list(users)}
            self._line.ask("POST", "/v2/bot/richmenu/bulk/link", body=body)

    def unlink_menu(self, users: Sequence[str]) -> None:
        check_bulk(users)
        if len(users) == 1:
            self._gone("/v2/bot/user/{user}/richmenu", user=users[0])
        else:
            body = {"userIds": list(users)}
            self._line.ask("POST", "/v2/bot/richmenu/bulk/unlink", body=body)

    def move_menus(self, moves: Sequence[Move], *, resume_key: str) -> str:
        check_moves(moves, resume_key)
        body = {"operations": [_operation(move) for move in moves], "resumeRequestKey": resume_key}
        started = self._line.ask("POST", "/v2/bot/richmenu/batch", body=body)
        if not started.request_id:
            raise LineUnavailable("a batch without a request id")
        return started.request_id

    def move_progress(self, request_id: str) -> str:
        asked = {"requestId": request_id}
        found = self._line.ask("GET", "/v2/bot/richmenu/progress/batch", fields=asked)
        return found.need("phase", str)

    def menu_aliases(self) -> dict[str, str]:
        found = self._line.ask("GET", "/v2/bot/richmenu/alias/list")
        return dict(found.each("aliases", lambda one: (one["richMenuAliasId"], one["richMenuId"])))

    def set_menu_alias(self, alias: str, menu_id: str) -> None:
        check_alias(alias)
        if alias in self.menu_aliases():
            path, body = "/v2/bot/richmenu/alias/{alias}", {"richMenuId": menu_id}
            self._line.ask("POST", path, body=body, fields={"alias": alias})
        else:
            body = {"richMenuAliasId": alias, "richMenuId": menu_id}
            self._line.ask("POST", "/v2/bot/richmenu/alias", body=body)

    def delete_menu_alias(self, alias: str) -> None:
        check_alias(alias)
        self._gone("/v2/bot/richmenu/alias/{alias}", alias=alias)

    def menu_taps(self, menu_id: str, since: date, until: date) -> MenuTaps | None:
        path = "/v2/bot/insight/richmenu/{menu}/summary"
        asked = {"menu": menu_id, "from": f"{since:%Y%m%d}", "to": f"{until:%Y%m%d}"}
        given = self._line.ask("GET", path, fields=asked)
        found = given.json()
        if "clicks" not in found:
            return None
        return MenuTaps(
            found.get("metricsFrom") or asked["from"],
            found.get("metricsTo") or asked["to"],
            *_metrics(found.get("impression")),
            tuple(given.each("clicks", _area)),
        )

    def _find(self, path: str, *, no: tuple[int, ...] = (404,), **fields: str) -> Answer | None:
        """What is there; None for the statuses by which LINE says that nothing is."""
        try:
            return self._line.ask("GET", path, fields=fields)
        except LineRefused as e:
            if e.status in no:
                return None
            raise

    def _gone(self, path: str, **fields: str) -> None:
        """Delete; that it was not there is no error."""
        try:
            self._line.ask("DELETE", path, fields=fields)
        except LineRefused as e:
            if e.status != 404:
                raise


def _menu(listed: Mapping[str, Any]) -> LineMenu:
    return LineMenu(listed["richMenuId"], listed.get("name", ""))


def _operation(move: Move) -> dict[str, str]:
    if move.target is None:
        return {"type": "unlink", "from": move.source}
    return {"type": "link", "from": move.source, "to": move.target}


def _metrics(given: Mapping[str, Any] | None) -> tuple[int | None, int | None]:
    metrics = (given or {}).get("metrics") or {}
    return metrics.get("count"), metrics.get("uniqueUsers")


def _area(click: Mapping[str, Any]) -> AreaTaps:
    bounds = click["bounds"]
    place = (bounds["x"], bounds["y"], bounds["width"], bounds["height"])
    return AreaTaps(place, *_metrics(click))
