"""`musubi check` tries each credential, and says what to fix."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from cli import main
from cli.parts import Parts
from core import migrations
from core.database import Database, connect
from core.settings import BadSettings, Settings
from members import friendship
from models import Friend
from simulator.running import Simulator
from tests.conftest import pointed_at


@pytest.fixture
def line_side(simulator: Simulator) -> Iterator[Simulator]:
    simulator.reset()
    yield simulator
    simulator.reset()


@pytest.fixture
def check(make_settings, line_side: Simulator, tmp_path) -> Callable[..., Result]:
    def run(*words: str, **other: str) -> Result:
        given = pointed_at(line_side) | {
            "line_channel_access_token": "",
            "public_url": "http://127.0.0.1:8000",
            "database_url": f"sqlite:///{tmp_path / 'check.db'}",
        }
        parts = Parts(make_settings(**(given | other)))
        migrations.upgrade(parts.database)
        return CliRunner().invoke(main, ["check", *words], obj=parts)

    return run


def test_names_what_is_right(check):
    said = check().output
    assert "✓ Messaging API channel: the account is Musubi" in said
    assert "✓ LINE Login channel: the ID and the secret are right" in said
    assert "✓ LIFF endpoint URL: http://127.0.0.1:8000/liff" in said


def test_a_wrong_channel_secret(check):
    result = check(line_channel_secret="not-it")
    assert result.exit_code == 1
    assert "✗ Messaging API channel: LINE refused" in result.output
    assert "LINE_CHANNEL_SECRET" in result.output
    assert "not-it" not in result.output
    assert "✓ LINE Login channel" in result.output, "the others are looked at all the same"


def test_a_wrong_login_secret(check):
    result = check(line_login_channel_secret="not-it")
    assert result.exit_code == 1
    assert "✗ LINE Login channel and LIFF app: LINE refused" in result.output


def test_a_liff_app_of_another_channel(check, line_side):
    result = check(liff_id=f"{line_side.settings.login_channel_id}-notThere")
    assert result.exit_code == 1
    assert "is not on this channel" in result.output


def test_a_webhook_elsewhere_can_be_set(check):
    result = check("--set-webhook", public_url="https://line.example.com")
    assert "✓ Webhook URL: https://line.example.com/webhook" in result.output


def test_a_proxy_that_is_not_told_of(check):
    """It cannot be seen from here whether there is one, so it breaks nothing; but it is said."""
    https = "https://line.example.com"
    said = check("--set-webhook", public_url=https).output
    assert "? Proxies in front: PUBLIC_URL is https, yet TRUSTED_PROXIES is 0" in said
    assert "set TRUSTED_PROXIES=1" in said
    told = check("--set-webhook", public_url=https, trusted_proxies=2).output
    assert "✓ Proxies in front (TRUSTED_PROXIES): 2" in told
    assert "set TRUSTED_PROXIES" not in told
    assert "Proxies" not in check().output, "nobody needs one on a developer's machine"


def test_line_that_does_not_answer(check):
    result = check(line_api_url="http://127.0.0.1:1")
    assert result.exit_code == 1
    assert "LINE did not answer" in result.output


def test_missing_settings_are_named_all_at_once(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    result = CliRunner().invoke(main, ["check"])
    assert result.exit_code == 1
    for name in ("LINE_CHANNEL_SECRET", "LIFF_ID", "PUBLIC_URL", "SECRET_KEY"):
        assert f"{name} is not set" in result.output


class TestProvider:
    """Whether both channels stand under one provider shows in who is known to both."""

    NOW = datetime(2026, 4, 1, tzinfo=UTC)

    @pytest.fixture
    def people(self, tmp_path) -> Iterator[Database]:
        database = connect(f"sqlite:///{tmp_path / 'check.db'}")
        migrations.upgrade(database)
        yield database
        database.close()

    def add(self, database: Database, digit: str, **facts: datetime) -> None:
        with database.begin() as db:
            db.add(Friend(line_user_id="U" + digit * 32, created_at=self.NOW, **facts))

    def test_cannot_be_told_before_anybody_came(self, check):
        assert "? Same provider: it cannot be told" in check().output

    def test_is_good_when_somebody_is_known_on_both(self, check, people):
        self.add(people, "1", signed_in_at=self.NOW, followed_at=self.NOW)
        self.add(people, "2", signed_in_at=self.NOW)
        assert "✓ Same provider: 1 of 2 who opened the page are known in the chat" in check().output

    def test_is_bad_when_nobody_is(self, check, people):
        self.add(people, "1", signed_in_at=self.NOW)
        self.add(people, "2", followed_at=self.NOW)
        result = check()
        assert result.exit_code == 1
        assert "probably under different providers" in result.output

    def test_is_counted_alike_on_both_databases(self, database, now):
        with database.begin() as db:
            for digit, facts in (("1", {"signed_in_at": now, "followed_at": now}),
                                 ("2", {"signed_in_at": now}), ("3", {"followed_at": now})):  # fmt: skip
                db.add(Friend(line_user_id="U" + digit * 32, created_at=now, **facts))
        with database.read() as db:
            assert friendship.seen_on_both_channels(db) == (2, 1)


class TestSettings:
    def test_every_problem_at_once_and_no_secret(self, make_settings):
        with pytest.raises(BadSettings) as e:
            make_settings(
                secret_key="short", public_url="line.example.com", time_zone="Tokyo",
                brand_color="green", sms_sender="twilio",
            )  # fmt: skip
        said = str(e.value)
        assert "PUBLIC_URL cannot be used (must begin with https://" in said
        assert "TIME_ZONE cannot be used (is not a time zone name such as Asia/Tokyo)" in said
        assert "BRAND_COLOR cannot be used" in said
        assert "line.example.com:" not in said

    def test_what_belongs_together(self, make_settings):
        with pytest.raises(BadSettings) as e:
            make_settings(
                secret_key="hush-hush", liff_id="1-abc", line_channel_id="",
                line_channel_access_token="", sms_sender="twilio",
            )  # fmt: skip
        said = str(e.value)
        for piece in ("SECRET_KEY is too short", "LIFF_ID does not begin", "LINE_CHANNEL_ID is not",
                      "TWILIO_ACCOUNT_SID is empty", "TWILIO_FROM is empty"):  # fmt: skip
            assert piece in said
        assert "hush-hush" not in said

    def test_secrets_do_not_show_when_printed(self, settings):
        assert "channel-secret" not in repr(settings)
        assert settings.secret_key.get_secret_value() not in repr(settings)
