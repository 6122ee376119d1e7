"""How often a tablet may come."""

from datetime import UTC, datetime, timedelta

from portal.survey.rules.pace import Pace

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_a_sender_may_come_so_often_in_a_window_and_anew_in_the_next() -> None:
    pace = Pace(most=2, window=timedelta(seconds=30))

    assert [pace.allows(7, NOON) for _ in range(3)] == [True, True, False]
    assert pace.allows(8, NOON)
    assert pace.allows(7, NOON + timedelta(seconds=30))
    assert pace.allows(7, NOON - timedelta(hours=1))
