"""The whole story on one machine: LINE played here, a phone in the browser, sample members.

Everything it makes stands in one folder, which each start makes anew. Nothing leaves this machine.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from simulator import crowd, pointing
from simulator.child import ROOT, Child, Ended
from simulator.settings import Settings
from simulator.waiting import answers

FOLDER = ROOT / "var" / "demo"
OURS = "this-folder-is-made-anew-by-the-demo"
MUSUBI = [str(Path(sys.executable).parent / "musubi")]
BRAND = "結びコーヒー"
PASSWORD = "hanako-1234"
STAFF, STAFF_PASSWORD = "admin@example.com", "musubi-coffee-demo"


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, prog="python -m simulator.demo")
    asked.add_argument("--folder", type=Path, default=FOLDER, help="where everything is kept")
    folder = _anew(asked.parse_args().folder.absolute())
    line_port, port = _free_port(9000), _free_port(8000)
    line, web = f"http://127.0.0.1:{line_port}", f"http://127.0.0.1:{port}"
    env = {**os.environ, **_settings(folder, line, web, port)}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as parts, contextlib.suppress(KeyboardInterrupt):
        _say("Playing LINE …")
        _start(parts, _simulator(line_port, web), f"{line}/healthz", env, folder / "line.log")
        _say("Making the database and 22 sample members …")
        _do("db", "upgrade", env=env)
        _do("members", "import", str(sample_members(folder)), env=env)
        as_staff = env | {"MUSUBI_STAFF_PASSWORD": STAFF_PASSWORD}
        _do("staff", "add", STAFF, "--name", "店長", env=as_staff)
        _say("Publishing the rich menus …")
        _do("menus", "apply", env=env)
        _say("Starting web and worker …")
        product = _start(parts, [*MUSUBI, "run"], f"{web}/readyz", env, folder / "musubi.log")
        _tell(folder, line, web)
        threading.Thread(target=_crowd, args=(folder, line, web), daemon=True).start()
        product.wait()
        _say(f"Musubi has ended by itself: see {folder / 'musubi.log'}")
        return 1
    return 0


def _anew(folder: Path) -> Path:
    """An empty folder. One that somebody else has filled is left alone."""
    if folder.exists() and any(folder.iterdir()) and not (folder / OURS).exists():
        sys.exit(f"{folder} holds something that is not the demo's: name another with --folder")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / OURS).touch()
    return folder


def _settings(folder: Path, line: str, web: str, port: int) -> Mapping[str, str]:
    """Only settings point the product here; it has no line of code that knows this program."""
    return {
        **pointing.everything(Settings(), line),
        "PUBLIC_URL": web,
        "HOST": "127.0.0.1",  # its passwords are everybody's
        "PORT": str(port),
        "SECRET_KEY": secrets.token_urlsafe(32),
        "SECURE_COOKIES": "false",
        "DATABASE_URL": f"sqlite:///{folder / 'musubi.db'}",
        "RUN_DIR": str(folder / "run"),
        "REDIS_URL": "",
        "BRAND_NAME": BRAND,
        "BRAND_COLOR": "#0b6e4f",
        "TERMS_URL": f"{line}/phone/static/brand.html#terms",
        "PRIVACY_URL": f"{line}/phone/static/brand.html#privacy",
        "WELCOME_COUPON": "text:連携ありがとうございます。ドリンク100円引きクーポン: MUSUBI100",
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


def sample_members(folder: Path) -> Path:
    """The sample file, with members whose birthday is this month."""
    month = datetime.now(UTC).strftime("%m")
    text = (Path(__file__).parent / "samples" / "members.csv").read_text("utf-8")
    made = folder / "members.csv"
    made.write_text(text.replace("{month}", month), "utf-8")
    return made


def _crowd(folder: Path, line: str, web: str) -> None:
    """Others come meanwhile, so that the staff site has something to show."""
    wrong = crowd.arrive(line, web)
    (folder / "crowd.log").write_text("\n".join([*wrong, "All have come."]), "utf-8")


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


def _start(
    parts: contextlib.ExitStack, command: list[str], url: str, env: Mapping[str, str], log: Path
) -> Child:
    """Something that serves: it ends when we do. When it does not come up, we end."""
    try:
        return parts.enter_context(Child(command, lambda: answers(url), log=log, env=env))
    except (Ended, TimeoutError) as e:
        sys.exit(str(e))


def _do(*words: str, env: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603
        [*MUSUBI, *words], env=env, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"musubi {' '.join(words)} failed:\n{done.stdout}{done.stderr}")


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


def _tell(folder: Path, line: str, web: str) -> None:
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

  The staff site:  {web}/staff
  sign in with {STAFF} and {STAFF_PASSWORD}; 24 more people add the account right now

  The page itself, outside of LINE:  {web}/liff
  Everything is in {folder}; the next start makes it anew. Stop with Ctrl-C.
""")


if __name__ == "__main__":
    sys.exit(main())
