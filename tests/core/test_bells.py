"""Bells are heard by whoever listens, once each, whatever died before."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.bells import LocalBells, NobodyHears, RedisBells
from simulator.waiting import until

LISTEN = """
import sys
from pathlib import Path
from core.bells import LocalBells
bells = LocalBells("test", Path(sys.argv[1]))
while True:
    bells.dequeue()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a length that no socket's address may have."""
    return tmp_path / ("long" * 40) / "run"


def bells(folder: Path) -> LocalBells:
    return LocalBells("test", folder)


def listening(folder: Path) -> LocalBells:
    made = bells(folder)
    assert made.dequeue() is None
    return made


def ears(folder: Path) -> list[str]:
    return [each.name for each in (folder / "bells").iterdir()]


def test_each_bell_is_heard_once_by_everybody(folder):
    one, other = listening(folder), listening(folder)
    web = bells(folder)
    for _ in range(3):
        web.enqueue(b"inbox")
        web.enqueue(b"menus\n\0")
    for worker in (one, other):
        assert [worker.dequeue() for _ in range(3)] == [b"inbox", b"menus\n\0", None]
        worker.close()
    assert ears(folder) == []


def test_whoever_rings_is_told_when_nobody_listens(folder):
    web = bells(folder)
    with pytest.raises(NobodyHears):
        web.enqueue(b"inbox")
    worker = listening(folder)
    web.enqueue(b"inbox")
    worker.close()
    with pytest.raises(NobodyHears):
        web.enqueue(b"inbox")


def test_what_a_killed_process_leaves_behind_is_taken_away(folder):
    worker = subprocess.Popen([sys.executable, "-c", LISTEN, folder])
    web = bells(folder)
    until(lambda: (folder / "bells").is_dir() and any(n.endswith(".ear") for n in ears(folder)))
    web.enqueue(b"inbox")
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    with pytest.raises(NobodyHears):
        web.enqueue(b"inbox")
    assert ears(folder) == []


def test_more_bells_than_fit_harm_nobody(folder):
    worker, web = listening(folder), bells(folder)
    for n in range(2000):
        web.enqueue(f"{n:0100}".encode())
    heard = list(iter(worker.dequeue, None))
    assert heard[0] == f"{0:0100}".encode()
    assert 100 < len(heard) < 2000
    web.enqueue(b"inbox")
    assert worker.dequeue() == b"inbox"
    worker.close()


def test_a_bell_wakes_one_of_many_threads(folder):
    worker, web, heard = listening(folder), bells(folder), []
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            if bell := worker.dequeue():
                heard.append(bell)

    threads = [threading.Thread(target=listen) for _ in range(4)]
    for thread in threads:
        thread.start()
    for n in range(20):
        web.enqueue(f"{n}".encode())
        time.sleep(0.001)
    until(lambda: len(heard) == 20)
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(heard, key=int) == [f"{n}".encode() for n in range(20)]
    worker.close()


def test_in_redis_a_bell_stands_once(redis_url):
    carrier = RedisBells("once", url=redis_url, read_timeout=1)
    for _ in range(3):
        carrier.enqueue(b"inbox")
        carrier.enqueue(b"menus")
    assert [carrier.dequeue(), carrier.dequeue()] == [b"inbox", b"menus"]
    assert carrier.queue_size() == 0
    carrier.conn.close()
