"""Try every credential against LINE, and say what to fix and where."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click

from cli.parts import Parts, pass_parts
from core.settings import Settings
from line.gateway import BadToken, Line, LineError, LineUnavailable, Login
from members import friendship

CONSOLE = "https://developers.line.biz/console/"


@dataclass(frozen=True)
class Finding:
    good: bool | None
    """None: it cannot be told from here, or not yet."""
    what: str
    fix: str = ""


Look = Callable[[], Iterator[Finding]]


def findings(parts: Parts) -> Iterator[Finding]:
    """Each is looked at even when those before it failed."""
    settings, line, login = parts.settings, parts.line, parts.login
    looks: list[tuple[str, str, Look]] = [
        ("Messaging API channel", _MESSAGING_FIX, lambda: _messaging(line)),
        ("Webhook", "Switch on the Messaging API channel first.", lambda: _webhook(line, settings)),
        ("LINE Login channel and LIFF app", _LOGIN_FIX, lambda: _liff(login, settings)),
        ("Provider", "", lambda: _provider(parts)),
        ("Proxy", "", lambda: _proxy(settings)),
    ]
    for name, fix, look in looks:
        try:
            yield from look()
        except LineUnavailable as e:
            yield Finding(False, f"{name}: LINE did not answer ({e})", "Try again in a minute.")
        except (LineError, BadToken) as e:
            yield Finding(False, f"{name}: LINE refused ({e})", fix)


_MESSAGING_FIX = (
    "Compare LINE_CHANNEL_ID, LINE_CHANNEL_SECRET and LINE_CHANNEL_ACCESS_TOKEN with the "
    f"Messaging API channel's Basic settings and Messaging API tabs at {CONSOLE}"
)
_LOGIN_FIX = (
    "Compare LINE_LOGIN_CHANNEL_ID and LINE_LOGIN_CHANNEL_SECRET with the LINE Login channel's "
    f"Basic settings tab at {CONSOLE}"
)


def _messaging(line: Line) -> Iterator[Finding]:
    bot = line.bot_info()
    yield Finding(True, f"Messaging API channel: the account is {bot.name} ({bot.basic_id})")
    yield Finding(
        bot.chat_mode == "bot",
        f"Response mode is {bot.chat_mode}",
        "LINE Official Account Manager > Settings > Response settings: switch Chat off, "
        "or people will be answered twice.",
    )
    limit, used = line.quota()
    room = limit is None or used < limit
    shown = "without limit" if limit is None else f"of {limit}"
    yield Finding(room, f"Messages this month: {used} {shown}", "Buy more, or wait for the month.")


def _webhook(line: Line, settings: Settings) -> Iterator[Finding]:
    wanted = f"{settings.public_url}/webhook"
    endpoint = line.webhook_endpoint()
    if endpoint is None:
        yield Finding(False, "Webhook URL: none is set", f"Set it to {wanted} on the channel.")
        return
    yield Finding(
        endpoint.url == wanted,
        f"Webhook URL: {endpoint.url}",
        f"Set it to {wanted} (Messaging API tab), or run: musubi check --set-webhook",
    )
    yield Finding(
        endpoint.active, "Use webhook: on", "Switch “Use webhook” on (Messaging API tab)."
    )
    tried = line.try_webhook()
    yield Finding(
        tried.ok,
        f"LINE reaches the webhook: {tried.reason} {tried.status or ''}".rstrip(),
        f"{tried.detail} Is Musubi running, and is {settings.public_url} reachable over HTTPS with "
        "a public certificate? 401 means that LINE_CHANNEL_SECRET is of another channel.",
    )


def _liff(login: Login, settings: Settings) -> Iterator[Finding]:
    apps = {app.liff_id: app for app in login.liff_apps()}
    yield Finding(True, "LINE Login channel: the ID and the secret are right")
    app = apps.get(settings.liff_id)
    if app is None:
        yield Finding(
            False,
            f"LIFF app {settings.liff_id} is not on this channel",
            "Copy the LIFF ID from the LINE Login channel's LIFF tab, or add a LIFF app there.",
        )
        return
    endpoint = f"{settings.public_url}/liff"
    yield Finding(
        app.endpoint_url.rstrip("/") == endpoint,
        f"LIFF endpoint URL: {app.endpoint_url}",
        f"Set it to {endpoint} (LIFF tab).",
    )
    yield Finding(
        "openid" in app.scopes,
        f"LIFF scopes: {', '.join(app.scopes)}",
        "Tick openid (LIFF tab): without it nobody can be recognised.",
    )
    yield Finding(
        app.bot_prompt in ("normal", "aggressive"),
        f"Add-friend option: {app.bot_prompt}",
        "Set it to On (Aggressive) and link the official account under Basic settings > "
        "Linked LINE Official Account, so that people who open the page can become friends.",
    )


def _provider(parts: Parts) -> Iterator[Finding]:
    with parts.database.read() as db:
        signed_in, also_friends = friendship.seen_on_both_channels(db)
    if not signed_in:
        yield Finding(
            None,
            "Same provider: it cannot be told before somebody has opened the LIFF page",
            "Both channels must stand under one provider in the console, or the same person has "
            "two ids. Open the page once as a friend of the account, then run this again.",
        )
        return
    yield Finding(
        also_friends > 0,
        f"Same provider: {also_friends} of {signed_in} who opened the page are known in the chat",
        "Nobody who opened the page is known in the chat: the two channels are probably under "
        "different providers. Channels cannot be moved: make the LINE Login channel anew under the "
        "provider of the Messaging API channel.",
    )


def _proxy(settings: Settings) -> Iterator[Finding]:
    """TLS nearly always ends at a proxy; whether it does here, nobody told us."""
    if not settings.public_url.startswith("https:"):
        return
    hops = settings.trusted_proxies
    if hops:
        yield Finding(True, f"Proxies in front (TRUSTED_PROXIES): {hops}")
        return
    yield Finding(
        None,
        "Proxies in front: PUBLIC_URL is https, yet TRUSTED_PROXIES is 0",
        "If a reverse proxy ends TLS before Musubi, set TRUSTED_PROXIES=1 (one for each proxy). "
        "Until then everybody seems to come from the proxy's address: they share one allowance of "
        "tries, so that one person can lock the others out, and the audit log names the proxy.",
    )


@click.command(help=__doc__)
@click.option("--set-webhook", is_flag=True, help="First set the webhook URL on LINE's side.")
@pass_parts
def command(parts: Parts, *, set_webhook: bool) -> None:
    settings = parts.settings
    click.echo("Settings: complete")
    if set_webhook:
        parts.line.set_webhook_endpoint(f"{settings.public_url}/webhook")
        click.echo("Webhook URL set; LINE may take a minute to use it.")
    broken = 0
    for finding in findings(parts):
        mark = {True: "✓", False: "✗", None: "?"}[finding.good]
        click.echo(f"{mark} {finding.what}")
        if not finding.good and finding.fix:
            click.echo(f"    {finding.fix}")
        broken += finding.good is False
    sys.exit(1 if broken else 0)
