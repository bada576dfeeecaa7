"""The whole story on one machine: LINE played here, a phone in the browser, sample members.

Everything it makes stands in one folder, which each start makes anew. Nothing leaves this machine.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from simulator.settings import Settings

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "var" / "demo"
MUSUBI = [str(Path(sys.executable).parent / "musubi")]
BRAND = "結びコーヒー"
PASSWORD = "hanako-1234"
WAIT = 60.0
"""Seconds a part may take to come up."""


def main() -> int:
    line_port, port = _free_port(9000), _free_port(8000)
    line, web = f"http://127.0.0.1:{line_port}", f"http://127.0.0.1:{port}"
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    env = {**os.environ, **_settings(line, web, port)}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as parts, contextlib.suppress(KeyboardInterrupt):
        _say("Playing LINE …")
        parts.enter_context(_running(_simulator(line_port, web), env, "line.log"))
        _wait_for(f"{line}/healthz")
        _say("Making the database and 8 sample members …")
        _do("db", "upgrade", env=env)
        _do("members", "import", str(_sample_members()), env=env)
        _say("Publishing the rich menus …")
        _do("menus", "apply", env=env)
        _say("Starting web and worker …")
        product = parts.enter_context(_running([*MUSUBI, "run"], env, "musubi.log"))
        _wait_for(f"{web}/readyz")
        _tell(line, web)
        product.wait()
        _say(f"Musubi has ended by itself: see {FOLDER / 'musubi.log'}")
        return 1
    return 0


def _settings(line: str, web: str, port: int) -> Mapping[str, str]:
    """Only settings point the product here; it has no line of code that knows this program."""
    played = Settings()
    return {
        "LINE_CHANNEL_ID": played.channel_id,
        "LINE_CHANNEL_SECRET": played.channel_secret,
        "LINE_LOGIN_CHANNEL_ID": played.login_channel_id,
        "LINE_LOGIN_CHANNEL_SECRET": played.login_channel_secret,
        "LIFF_ID": played.liff_id,
        "LINE_API_URL": line,
        "LINE_DATA_URL": line,
        "LINE_LIFF_URL": line,
        "LINE_LIFF_SDK_URL": f"{line}/liff/edge/2/sdk.js",
        "FRAME_ANCESTORS": line,
        "PUBLIC_URL": web,
        "PORT": str(port),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "SECURE_COOKIES": "false",
        "DATABASE_URL": f"sqlite:///{FOLDER / 'musubi.db'}",
        "RUN_DIR": str(FOLDER / "run"),
        "BRAND_NAME": BRAND,
        "BRAND_COLOR": "#0b6e4f",
        "TERMS_URL": f"{line}/phone/static/brand.html#terms",
        "PRIVACY_URL": f"{line}/phone/static/brand.html#privacy",
        "WELCOME_COUPON": "text:連携ありがとうございます。ドリンク100円引きクーポン: MUSUBI100",
        "SMS_SENDER": "webhook",
        "SMS_WEBHOOK_URL": f"{line}/sms",
        "SMS_WEBHOOK_SECRET": played.sms_secret,
        "WEB_WORKERS": "1",
        "METRICS_TOKEN": "demo",
        "LOG_FORMAT": "text",
    }


def _simulator(port: int, web: str) -> list[str]:
    return [
        sys.executable, "-m", "simulator", "--port", str(port),
        "--webhook-url", f"{web}/webhook", "--liff-endpoint", f"{web}/liff",
        "--account-name", BRAND,
    ]  # fmt: skip


def _sample_members() -> Path:
    """The sample file, with one member whose birthday is this month."""
    month = datetime.now(UTC).strftime("%m")
    text = (Path(__file__).parent / "samples" / "members.csv").read_text("utf-8")
    made = FOLDER / "members.csv"
    made.write_text(text.replace("{month}", month), "utf-8")
    return made


def _free_port(wished: int) -> int:
    """The wished port, or any other when it is taken."""
    for port in (wished, 0):
        with socket.socket() as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(s.getsockname()[1])
    raise OSError("no port is free")


@contextlib.contextmanager
def _running(
    command: list[str], env: Mapping[str, str], log: str
) -> Iterator[subprocess.Popen[bytes]]:
    with (FOLDER / log).open("wb") as out:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=out, stderr=out)  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(25)
        process.kill()
        process.wait()


def _do(*words: str, env: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603
        [*MUSUBI, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"musubi {' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + WAIT
    said = "nothing"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
                return
        except urllib.error.HTTPError as e:
            said = json.dumps(json.load(e), ensure_ascii=False)
        except OSError as e:
            said = str(e)
        time.sleep(0.1)
    sys.exit(f"{url} did not come up: {said}\nThe logs are in {FOLDER}")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _tell(line: str, web: str) -> None:
    _say(f"""
  Ready. Open the phone:  {line}/phone/

  Be 佐藤 花子: add the account, tap 会員証を連携 in the menu, enter 090-1234-5678, and type
  the code that arrives by SMS. The gold menu appears in the chat.

  Others to be     phone number      what happens
  鈴木 一郎         080-9876-5432     his birthday is this month: the birthday menu
  Emma Brown       080-1111-2222     two members share it: her birthday, 1985-08-30, decides
  陳 美玲           090-3333-4444     a platinum member
  สมชาย ใจดี       070-5555-6666     no member yet: registers
  Log in instead:  member number M0001, password {PASSWORD}

  The page itself, outside of LINE:  {web}/liff
  Everything is in {FOLDER}; the next start makes it anew. Stop with Ctrl-C.
""")


if __name__ == "__main__":
    sys.exit(main())
