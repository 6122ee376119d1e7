from datetime import UTC, datetime, timedelta

import pytest

from portal.accounts.rules.lockout import LONGEST_WAIT, Tries, after_failure, may_try, wait_after

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (0, 0),
        (4, 0),
        (5, 15),
        (6, 30),
        (7, 60),
        (8, 120),
        (10, 480),
        (11, 900),
        (12, 900),
        (5000, 900),
    ],
)
def test_five_tries_are_free_then_the_wait_doubles_to_a_quarter_of_an_hour(
    failures: int, seconds: int
) -> None:
    assert wait_after(failures) == timedelta(seconds=seconds)


def test_the_first_failures_make_nobody_wait() -> None:
    assert after_failure(Tries(), NOW) == Tries(1, None)


def test_fifty_failures_lock_for_a_quarter_of_an_hour_and_no_longer() -> None:
    tries = Tries()
    for _ in range(50):
        tries = after_failure(tries, NOW)

    assert not may_try(tries, NOW + LONGEST_WAIT - timedelta(seconds=1))
    assert may_try(tries, NOW + LONGEST_WAIT)


def test_without_failures_one_may_try() -> None:
    assert may_try(Tries(), NOW)
