"""Waiting for what others do in their own time."""

import time
from collections.abc import Callable
from typing import TypeVar

import urllib3

PATIENCE = 30.0
"""Seconds, on a machine with other work, too; most things take a hundredth of one."""
OFTEN, SELDOM = 0.005, 0.1

T = TypeVar("T")


def until(what: Callable[[], T], why: str = "", patience: float = PATIENCE) -> T:
    """Wait for something to become true, and give it back."""
    deadline, pause = time.monotonic() + patience, OFTEN
    while not (found := what()):
        if time.monotonic() > deadline:
            raise TimeoutError(why or "it did not happen in time")
        time.sleep(pause)
        pause = min(pause * 1.5, SELDOM)
    return found


def answers(url: str, within: float = 5.0) -> bool:
    """Whether somebody is there and content, asked on a connection of its own."""
    try:
        with urllib3.PoolManager(retries=False, timeout=within) as asking:
            return asking.request("GET", url).status == 200
    except urllib3.exceptions.HTTPError:
        return False
