"""Addresses and fields that no page of ours makes: never an error of ours, never a foreign link."""

import re
from urllib.parse import urlencode

import pytest

from models import Role
from tests.staff import routes
from tests.staff.conftest import Site
from tests.staff.test_access import path_of

HUGE = "9" * 5_000
NAMES = {
    "_external": "1", "_scheme": "javascript", "_anchor": "x", "_method": "DELETE", "endpoint": "x",
    "self": "x", "values": "x", "key": "x", "kind": "x", "person_id": "x", "number": "x", "path": "x",
}  # fmt: skip
"""What Flask, or a function of ours, would take for something else than a parameter."""
NUMBERS = ("page", "seen", "days", "n", "open", "tab", "width")
MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01", "9999-12", "x")


@pytest.mark.parametrize(
    "query",
    [urlencode(NAMES), *(urlencode({name: HUGE}) for name in NUMBERS)]
    + [urlencode({"until": m, "since": m, "month": m, "day": m}) for m in MOMENTS],
    ids=lambda query: query[:40],
)
def test_asked_with_anything_pages_are_themselves(site: Site, query: str) -> None:
    client = site.as_(Role.ADMIN)
    for route in routes.routes(site.app):
        if route.method == "GET":
            answer = client.get(f"{path_of(route)}?{query}")
            answer.close()
            assert answer.status_code < 500, f"{route}: {answer.text[:300]}"
            links = re.findall(r'(?:href|action|src)="([^"]*)"', answer.text)
            odd = [x for x in links if not x.startswith(("/", "?", "#", "data:,", "data:image"))]
            assert not odd, f"{route}: {odd}"


def test_a_list_keeps_what_it_was_asked_with(site: Site) -> None:
    shown = site.get(site.as_(Role.ADMIN), "/staff/audit?act=account.added&endpoint=x&page=1").text
    assert 'href="/staff/audit.csv?act=account.added&amp;endpoint=x"' in shown


@pytest.mark.parametrize("sent", [HUGE, "-1", "1.5", "abc", "²", "", "\0"])
def test_a_number_that_is_none(site: Site, sent: str) -> None:
    client = site.as_(Role.ADMIN)
    assert client.get("/staff/menus").status_code == 200
    nobody = "00000000-0000-4000-8000-000000000000"
    for path, data in {
        "/staff/rules/change": {"seen": sent, "do": f"up@{sent}", "order": sent},
        "/staff/rules/back": {"seen": sent, "save": nobody},
        f"/staff/menus/history/{nobody}": {"seen": sent},
        "/staff/menus/key/gold/remove": {"seen": sent},
        "/staff/menus/key/gold/edit": {"seen": sent, "open": sent, "do": f"drop_tab:{sent}"},
        "/staff/menus/key/gold/compose": {"seen": sent, "width": sent},
        "/staff/rules/new": {"do": f"up@when.{sent}", "menu": "gold"},
        "/staff/publishing": {"do": "now", "confirm": sent},
    }.items():
        assert site.post(client, path, data).status_code < 500, path


@pytest.mark.parametrize("number", [HUGE, "9" * 30, str(2**63), str(2**31), "٣"])
def test_a_number_in_an_address_that_no_row_has(site: Site, number: str) -> None:
    client = site.as_(Role.ADMIN)
    for path in ("publishing/history", "rules"):
        assert client.get(f"/staff/{path}/{number}").status_code == 404
