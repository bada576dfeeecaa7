"""How long somebody waits: plain functions of what happened and when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import rules
from members.rules import Window

NOW = datetime(2026, 4, 1, 3, 0, tzinfo=UTC)


def ago(*seconds):
    """Newest first."""
    return [NOW - timedelta(seconds=s) for s in sorted(seconds)]


def seconds(wait):
    return wait.total_seconds()


@pytest.mark.parametrize(
    ("happened", "wait"),
    [((), 0), ((0,), 30), ((10,), 20), ((30,), 0), ((5, 40), 55), ((0, 40, 200), 120),
     ((0, 1, 2, 3), 300), ((0, 1, 2, 3, 4, 5, 6, 7, 8), 3600), ((10_800,), 0), ((0, 10_801), 30)],
)  # fmt: skip
def test_the_pause_between_codes(happened, wait):
    assert seconds(rules.wait_for_resend(ago(*happened), NOW)) == wait


@pytest.mark.parametrize(
    ("happened", "wait"),
    [((), 0), ((0,), 0), ((0, 1), 59), ((0, 59), 1), ((0, 60), 0), ((0, 30, 50), 3550),
     ((70, 80, 3000), 600), ((70, 80, 3601), 0)],
)  # fmt: skip
def test_windows_say_when_the_next_is_allowed(happened, wait):
    windows = (Window(2, timedelta(minutes=1)), Window(3, timedelta(hours=1)))
    assert seconds(rules.wait_for_windows(ago(*happened), windows, NOW)) == wait


@pytest.mark.parametrize(
    ("failures", "wait"),
    [(0, 0), (4, 0), (5, 60), (6, 120), (7, 240), (10, 1920), (11, 3600), (300, 3600)],
)
def test_log_in_waits_by_growing_minutes(failures, wait):
    assert seconds(rules.wait_for_login([NOW] * failures, NOW)) == wait


def test_the_lock_opens_by_itself():
    failures = ago(*range(60, 65))
    assert rules.wait_for_login(failures, NOW) == rules.NO_WAIT
    assert seconds(rules.wait_for_login(failures, NOW - timedelta(seconds=1))) == 1


@given(st.lists(st.integers(0, 90_000), max_size=40))
def test_no_wait_is_ever_negative_or_without_end(happened):
    times = ago(*happened)
    for wait in (
        rules.wait_for_resend(times, NOW),
        rules.wait_for_windows(times, rules.CODES_PER_NUMBER, NOW),
        rules.wait_for_login(times, NOW),
    ):
        assert timedelta(0) <= wait <= timedelta(days=1)


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=30))
def test_once_the_wait_is_over_there_is_none(happened):
    times = ago(*happened)
    wait = rules.wait_for_windows(times, rules.CODES_PER_NUMBER, NOW)
    assert rules.wait_for_windows(times, rules.CODES_PER_NUMBER, NOW + wait) == rules.NO_WAIT


@pytest.mark.parametrize(("attempts", "after"), [(1, 5), (2, 10), (3, 20), (8, 600), (1000, 600)])
def test_asking_again_slows_down(attempts, after):
    assert rules.next_try(attempts, NOW) == NOW + timedelta(seconds=after)
