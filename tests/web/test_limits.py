"""One address cannot ask for ever; machines that bring their own proof can."""

from collections.abc import Callable

from flask import Flask

from tests.web.reading import read
from texts import text

FEW = "3 per minute"


def test_an_address_that_asks_too_often_is_told(make_shop: Callable[..., Flask]) -> None:
    client = make_shop(FEW, trusted_proxies=1).test_client()
    asked = [client.get("/shop/who", headers={"X-Forwarded-For": "203.0.113.1"}) for _ in range(4)]
    assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
    assert read(asked[3].text).one("h1").text == text("web.429.title", "ja")
    assert int(asked[3].headers["Retry-After"]) > 0
    other = client.get("/shop/who", headers={"X-Forwarded-For": "203.0.113.2"})
    assert other.status_code == 200


def test_a_household_of_ipv6_is_one_address(make_shop: Callable[..., Flask]) -> None:
    client = make_shop(FEW, trusted_proxies=1).test_client()

    def ask(address: str) -> int:
        return client.get("/shop/who", headers={"X-Forwarded-For": address}).status_code

    assert [ask(f"2001:db8:1:2::{n:x}") for n in range(1, 5)] == [200, 200, 200, 429]
    assert ask("2001:db8:1:3::1") == 200, "the neighbours"
    assert [ask(f"::ffff:203.0.113.{n}") for n in range(5)] == [200] * 5, "IPv4, written so"


def test_machines_are_not_counted_and_carry_no_form_token(
    make_shop: Callable[..., Flask],
) -> None:
    client = make_shop(FEW).test_client()
    assert {client.post("/machine").status_code for _ in range(10)} == {200}


def test_several_processes_count_together(make_shop: Callable[..., Flask], redis_url: str) -> None:
    one, other = (make_shop(FEW, redis_url=redis_url).test_client() for _ in range(2))
    asked = [client.get("/shop/who").status_code for client in (one, other, one, other)]
    assert asked == [200, 200, 200, 429]


def test_without_redis_the_pages_go_on(make_shop: Callable[..., Flask]) -> None:
    client = make_shop(FEW, redis_url="redis://127.0.0.1:9/0").test_client()
    assert client.get("/shop/who").status_code == 200
