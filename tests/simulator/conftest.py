"""One platform for all these tests, put back to its beginning before each."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import urllib3
from linebot.v3.messaging import ApiClient, Configuration, MessagingApi, MessagingApiBlob

from simulator.running import Simulator
from tests.simulator.inbox import Inbox


@pytest.fixture(scope="session")
def the_inbox() -> Iterator[Inbox]:
    with Inbox() as running:
        yield running


@pytest.fixture(scope="session")
def the_simulator(the_inbox: Inbox) -> Iterator[Simulator]:
    url = the_inbox.url
    with Simulator(webhook_url=url, bulk_delay=0.05, redelivery_delay=0.05) as running:
        yield running


@pytest.fixture
def sim(the_simulator: Simulator, the_inbox: Inbox) -> Simulator:
    the_simulator.reset()
    the_inbox.clear()
    return the_simulator


@pytest.fixture
def inbox(sim: Simulator, the_inbox: Inbox) -> Inbox:
    return the_inbox


@pytest.fixture(scope="session")
def client(the_simulator: Simulator) -> Iterator[ApiClient]:
    token = the_simulator.settings.access_token
    configuration = Configuration(access_token=token, host=the_simulator.url)
    configuration.retries = urllib3.Retry(0)
    with ApiClient(configuration) as client:
        yield client
        client.rest_client.pool_manager.clear()


@pytest.fixture
def api(client: ApiClient) -> MessagingApi:
    return MessagingApi(client)


@pytest.fixture
def blob(client: ApiClient) -> MessagingApiBlob:
    return MessagingApiBlob(client)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def faults(self) -> dict[str, str]:
        """What was wrong, by property."""
        return {each["property"]: each["message"] for each in self.json.get("details", [])}


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def ask(the_simulator: Simulator) -> Iterator[Ask]:
    """A plain request, as the account unless told otherwise: `body` is JSON, `form` a form."""
    http = urllib3.PoolManager(retries=False, timeout=10)
    token = the_simulator.settings.access_token

    def asked(
        method: str,
        path: str,
        body: Any = None,
        *,
        form: dict[str, str] | None = None,
        raw: bytes | None = None,
        headers: dict[str, str] | None = None,
        token: str | None = token,
    ) -> Answer:
        sent: dict[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            raw, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        if form is not None:
            found = http.request(
                method,
                the_simulator.url + path,
                fields=form,
                encode_multipart=False,
                headers=sent | (headers or {}),
                redirect=False,
            )
        else:
            found = http.request(
                method,
                the_simulator.url + path,
                body=raw,
                headers=sent | (headers or {}),
                redirect=False,
            )
        return Answer(found.status, found.headers, found.data)

    yield asked
    http.clear()


@pytest.fixture
def hanako(sim: Simulator) -> str:
    """A friend of the account."""
    return sim.add_person("佐藤 花子", friend=True, phone="+819011112222")


@pytest.fixture
def stranger(sim: Simulator) -> str:
    return sim.add_person("鈴木 一郎")
