"""Every setting, where it is read from, and what it is for.

Read from the environment and from `.env`, checked at start; every problem is named at once, and
no secret is ever printed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LANGUAGES = ("ja", "en", "zh-Hant", "th")


class BadSettings(Exception):
    """The environment is not one we can start in. Names every problem, not only the first."""


def _origin(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must begin with https:// (or http:// on this machine)")
    return url.rstrip("/")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as e:
        raise ValueError("is not a time zone name such as Asia/Tokyo") from e
    return name


def _optional_origin(url: str) -> str:
    return _origin(url) if url else ""


Url = Annotated[str, AfterValidator(_origin)]
OptionalUrl = Annotated[str, AfterValidator(_optional_origin)]
Zone = Annotated[str, AfterValidator(_zone)]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_file=None, extra="ignore", frozen=True)

    # The LINE account
    line_channel_id: str = Field(
        "",
        description="Messaging API channel: its channel ID. Needed when no long-lived access token is given",
    )
    line_channel_secret: SecretStr = Field(
        description="Messaging API channel: its channel secret; verifies webhooks"
    )
    line_channel_access_token: SecretStr = Field(
        SecretStr(""),
        description="Messaging API channel: a long-lived access token. Empty: short stateless tokens are issued from the ID and the secret, as LINE advises",
    )
    line_login_channel_id: str = Field(
        description="LINE Login channel under the same provider: its channel ID"
    )
    line_login_channel_secret: SecretStr = Field(
        description="LINE Login channel: its channel secret"
    )
    liff_id: str = Field(
        description="The LIFF app on the LINE Login channel, such as 1234567890-AbCdEfGh",
        pattern=r"^\d+-\w+$",
    )

    # Where we are
    public_url: Url = Field(
        description="Where the world reaches us, such as https://line.example.com; the webhook is <this>/webhook, the LIFF endpoint <this>/liff"
    )
    secret_key: SecretStr = Field(
        description="At least 32 random characters; signs cookies and codes. Changing it signs everybody out"
    )
    secure_cookies: bool = Field(
        True, description="Send cookies over HTTPS only. false only on a developer's machine"
    )
    trusted_proxies: int = Field(
        0,
        description="How many reverse proxies stand before us and set X-Forwarded-For",
        ge=0,
        le=5,
    )
    frame_ancestors: str = Field(
        "'none'", description="Who may show our pages in a frame (Content-Security-Policy)"
    )

    # Storage
    database_url: str = Field(
        "sqlite:///var/musubi.db",
        description="SQLAlchemy URL of the database: sqlite:///… or postgresql://…",
    )
    redis_url: str = Field(
        "",
        description="Redis, when there are several hosts: carries bells, limits and counters. Losing its contents loses nothing",
    )
    run_dir: Path = Field(
        Path("var"),
        description="A folder of our own for what need not be kept: bells, rate limits, metrics of the processes",
    )

    # The brand
    brand_name: str = Field(
        "Musubi", description="Shown on the pages and said in the chat", min_length=1, max_length=60
    )
    brand_color: str = Field(
        "#0b6e4f",
        description="The main colour of the pages; white text on it must be readable",
        pattern=r"^#[0-9a-fA-F]{6}$",
    )
    brand_logo_url: OptionalUrl = Field(
        "", description="An image for the top of the pages. Empty: the name is written"
    )
    site_url: OptionalUrl = Field("", description="The brand's own site")
    terms_url: OptionalUrl = Field("", description="Terms of membership, agreed to on registering")
    privacy_url: OptionalUrl = Field("", description="Privacy policy, agreed to on registering")
    time_zone: Zone = Field("Asia/Tokyo", description="The zone people read and type times in")
    default_language: Literal["ja", "en", "zh-Hant", "th"] = Field(
        "ja", description="For people whose language we do not know or do not speak"
    )
    phone_region: str = Field(
        "JP",
        description="The country of phone numbers typed without a country code",
        pattern=r"^[A-Z]{2}$",
    )
    register_open: bool = Field(
        True, description="Whether people who are no members may register on the page"
    )
    welcome_coupon: str = Field(
        "",
        description="Said once per member, ever, after the first link: a LINE coupon ID, or a text that begins with text:",
    )

    # The staff site
    staff_openid_url: OptionalUrl = Field(
        "",
        description="Sign-in of staff at the company's own OpenID Connect provider: the address of its discovery document, …/.well-known/openid-configuration. Empty: there is no such button",
    )
    staff_openid_client_id: str = Field(
        "", description="The client ID there; its redirect URI is <PUBLIC_URL>/staff/openid/back"
    )
    staff_openid_client_secret: SecretStr = Field(
        SecretStr(""), description="The client secret there"
    )
    staff_openid_domain: str = Field(
        "",
        description="The domain of the staff's e-mail addresses, such as example.com: only those are recognised by their address",
    )

    # Short messages
    sms_sender: Literal["none", "webhook", "twilio"] = Field(
        "none", description="Who carries one-time codes. none: nobody, and the phone door says so"
    )
    sms_webhook_url: OptionalUrl = Field(
        "", description="sms_sender=webhook: where each message is posted to"
    )
    sms_webhook_secret: SecretStr = Field(
        SecretStr(""), description="sms_sender=webhook: signs what is posted"
    )
    twilio_account_sid: str = Field("", description="sms_sender=twilio: account SID")
    twilio_auth_token: SecretStr = Field(SecretStr(""), description="sms_sender=twilio: auth token")
    twilio_from: str = Field(
        "", description="sms_sender=twilio: the sending number or messaging service SID"
    )
    twilio_api_url: Url = Field("https://api.twilio.com", description="Twilio's API")

    # Processes
    host: str = Field("127.0.0.1", description="The address gunicorn listens on")
    port: int = Field(8000, description="The port gunicorn listens on", ge=1, le=65535)
    web_workers: int = Field(2, description="gunicorn: processes, one for each core", ge=1, le=64)
    web_threads: int = Field(16, description="gunicorn: threads in each process", ge=1, le=64)
    worker_threads: int = Field(4, description="Threads of the background worker", ge=1, le=64)
    webhook_max_bytes: int = Field(1_000_000, description="A larger webhook is refused", ge=10_000)
    inbox_retention_days: int = Field(
        30, description="How long events from LINE are kept once they are dealt with", ge=1
    )
    menus_dir: Path = Field(
        Path("richmenus/menus"), description="The folder of the rich menus and their rules"
    )
    menu_fonts: str = Field(
        "",
        description="Font files for pictures that are composed on the staff site, separated by commas; tried in this order, before the machine's own",
    )
    metrics_token: SecretStr = Field(
        SecretStr(""), description="Bearer token for /metrics. Empty: /metrics is not there"
    )
    log_format: Literal["json", "text"] = Field(
        "json", description="json for machines, text for people"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="What is logged at the least"
    )

    # Where LINE is
    line_api_url: Url = Field("https://api.line.me", description="LINE's API")
    line_data_url: Url = Field("https://api-data.line.me", description="LINE's API for images")
    line_liff_url: Url = Field("https://liff.line.me", description="Where LIFF URLs begin")
    line_liff_sdk_url: Url = Field(
        "https://static.line-scdn.net/liff/edge/2/sdk.js",
        description="LINE's LIFF SDK, always from LINE's own address",
    )

    @property
    def liff_url(self) -> str:
        """The LIFF URL: what a chat or a menu opens our page by."""
        return f"{self.line_liff_url}/{self.liff_id}"

    @property
    def font_files(self) -> tuple[Path, ...]:
        """What MENU_FONTS names, in its order."""
        named = (each.strip() for each in self.menu_fonts.split(","))
        return tuple(Path(each) for each in named if each)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _problems(self) -> list[str]:
        found = []
        if len(self.secret_key.get_secret_value()) < 32:
            found.append(
                'SECRET_KEY is too short: make one with python -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        if not self.line_channel_secret.get_secret_value():
            found.append("LINE_CHANNEL_SECRET is empty: copy it from the channel's Basic settings")
        if not self.line_channel_access_token.get_secret_value() and not self.line_channel_id:
            found.append(
                "LINE_CHANNEL_ID is not set, and neither is LINE_CHANNEL_ACCESS_TOKEN: one of them is needed"
            )
        if not self.liff_id.startswith(f"{self.line_login_channel_id}-"):
            found.append(
                "LIFF_ID does not begin with LINE_LOGIN_CHANNEL_ID: the LIFF app must be on that LINE Login channel"
            )
        if self.line_channel_id and self.line_channel_id == self.line_login_channel_id:
            found.append(
                "LINE_CHANNEL_ID and LINE_LOGIN_CHANNEL_ID are the same: they are two channels under one provider"
            )
        wanted = {
            "webhook": ("sms_webhook_url", "sms_webhook_secret"),
            "twilio": ("twilio_account_sid", "twilio_auth_token", "twilio_from"),
        }.get(self.sms_sender, ())
        found += self._empty(wanted, f"SMS_SENDER={self.sms_sender}")
        if self.staff_openid_url:
            needed = ("staff_openid_client_id", "staff_openid_domain")
            found += self._empty(needed, "STAFF_OPENID_URL")
        missing = [each for each in self.font_files if not each.is_file()]
        return found + [f"MENU_FONTS names {each}, which is not there" for each in missing]

    def _empty(self, names: tuple[str, ...], needed_by: str) -> list[str]:
        values = {name: getattr(self, name) for name in names}
        return [
            f"{name.upper()} is empty, and {needed_by} needs it"
            for name, value in values.items()
            if not (value.get_secret_value() if isinstance(value, SecretStr) else value)
        ]

    @classmethod
    def load(cls, env_file: Path | None = Path(".env"), **given: Any) -> "Settings":
        """From the environment over `.env`; `given` beats both. Raises BadSettings."""
        try:
            return cls(_env_file=env_file, **given)  # type: ignore[call-arg]  # pydantic's own
        except ValidationError as e:
            raise BadSettings("\n".join(_sentences(e))) from None


def _sentences(error: ValidationError) -> list[str]:
    """One line for each problem, without the value that was given: it may be a secret."""
    lines = []
    for problem in error.errors(include_input=False, include_url=False):
        said = str(problem["msg"]).removeprefix("Value error, ")
        if not problem["loc"]:
            lines += said.splitlines()
            continue
        name = str(problem["loc"][0])
        about = Settings.model_fields[name].description if name in Settings.model_fields else ""
        what = "is not set" if problem["type"] == "missing" else f"cannot be used ({said})"
        lines.append(f"{name.upper()} {what}: {about}")
    return lines


def described() -> Mapping[str, tuple[str, str]]:
    """Each setting by its name in the environment: its default ("" when needed) and its purpose."""
    table = {}
    for name, field in Settings.model_fields.items():
        default = "" if field.is_required() else field.get_default()
        shown = default.get_secret_value() if isinstance(default, SecretStr) else str(default)
        table[name.upper()] = (shown, field.description or "")
    return table
