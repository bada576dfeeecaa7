"""What the played platform is told at start: its channels, its ports and the account it plays."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """The defaults are fixed, so that a product can be pointed here by copying them."""

    host: str = "127.0.0.1"
    port: int = 9000
    fd: int | None = None
    """A listening socket handed down by the parent process, instead of host and port."""
    tls_port: int | None = None
    tls_fd: int | None = None
    tls_cert: Path | None = None
    tls_key: Path | None = None
    state_file: Path | None = None

    webhook_url: str = ""
    liff_endpoint: str = "http://127.0.0.1:8000/liff"

    channel_id: str = "2000000001"
    channel_secret: str = "simulator-messaging-channel-secret"
    access_token: str = "simulator-long-lived-access-token"
    login_channel_id: str = "2000000002"
    login_channel_secret: str = "simulator-login-channel-secret"
    liff_id: str = "2000000002-simulate"
    sms_secret: str = "simulator-sms-secret"
    twilio_account: str = "ACsimulator"
    twilio_token: str = "simulator-twilio-token"

    account_name: str = "Musubi"
    bot_user_id: str = "U" + "b0" * 16
    basic_id: str = "@000simul"
    quota: int | None = 30_000
    """Messages a month; None is unlimited."""
    bulk_delay: float = 0.3
    """Seconds until a bulk link, bulk unlink or batch shows in the chats."""
    redelivery_delay: float = 1.0
    """Seconds until the first redelivery of a webhook; each further one waits twice as long."""
    threads: int = 48

    @property
    def secrets(self) -> dict[str, str]:
        """The secret of each channel, by channel id."""
        return {
            self.channel_id: self.channel_secret,
            self.login_channel_id: self.login_channel_secret,
        }
