from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blocktour.rules import clocks
from portal.blocktour.rules.categories import ClockClass
from portal.blocktour.rules.clocks import (
    Level,
    Limit,
    Pause,
    PauseReason,
    Unit,
    age_days,
    breached,
    due,
    escalation,
    is_working_day,
    may_pause,
    read_clocks,
)

WIB = ZoneInfo("Asia/Jakarta")
NOW = clocks.VERSIONS[-1]
# Nyepi, Idul Fitri and the joint leave around them in 2026; 21 and 22 March are a weekend.
OFF = frozenset(date(2026, 3, day) for day in (18, 19, 20, 23, 24))


def at(day: str, hour: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}:00").replace(tzinfo=WIB)


def limit(text: str) -> Limit:
    unit = text.lstrip("0123456789")
    return Limit(int(text.removesuffix(unit)), Unit(unit), (), "proposal")


@pytest.mark.parametrize(
    ("told", "amount", "end"),
    [
        ("2026-11-23", "3wd", "2026-11-26"),  # Monday
        ("2026-11-26", "3wd", "2026-12-01"),  # Thursday, over a weekend
        ("2026-11-28", "1wd", "2026-11-30"),  # told on a Saturday
        ("2026-03-17", "3wd", "2026-03-27"),  # the holiday week: 25, 26, 27 March count
        ("2026-03-17", "14wd", "2026-04-13"),
        ("2026-11-23", "3d", "2026-11-26"),
        ("2026-03-17", "3d", "2026-03-20"),  # calendar days know no holidays
        ("2026-12-30", "60d", "2027-02-28"),
    ],
)
def test_days_end_with_the_last_second_of_their_last_day(told: str, amount: str, end: str) -> None:
    assert due(at(told), limit(amount), WIB, OFF) == at(end, "23:59") + timedelta(seconds=59)


def test_hours_run_through_nights_and_holidays() -> None:
    assert due(at("2026-03-17", "22:30"), limit("24h"), WIB, OFF) == at("2026-03-18", "22:30")


def test_the_day_of_the_telling_is_that_of_the_facility() -> None:
    late_in_utc = datetime.fromisoformat("2026-11-22T17:30:00+00:00")  # Monday 00:30 in Muara Enim

    assert due(late_in_utc, limit("1wd"), WIB) == at("2026-11-24", "23:59") + timedelta(seconds=59)


def pause(since: datetime, until: datetime | None) -> Pause:
    return Pause(since, until, PauseReason.AWAITING_COMPLAINANT)


def test_a_pause_moves_days_by_the_nights_it_covers() -> None:
    held = pause(at("2026-11-24"), at("2026-11-26", "10:00"))

    assert due(at("2026-11-23"), limit("3d"), WIB, (), [held]) == (
        at("2026-11-28", "23:59") + timedelta(seconds=59)
    )


def test_a_pause_moves_hours_by_its_length() -> None:
    start = at("2026-11-23")
    held = [
        pause(at("2026-11-23", "12:00"), at("2026-11-23", "15:00")),
        pause(at("2026-11-30"), at("2026-12-01")),  # begins after the end: moves nothing
        pause(at("2026-11-01"), at("2026-11-02")),  # before the telling: moves nothing
    ]

    assert due(start, limit("24h"), WIB, (), held) == start + timedelta(hours=27)


def test_while_a_pause_lasts_no_end_is_known() -> None:
    assert due(at("2026-11-23"), limit("3wd"), WIB, (), [pause(at("2026-11-24"), None)]) is None


def test_serious_never_pauses() -> None:
    assert {one for one in ClockClass if not may_pause(one)} == {ClockClass.SERIOUS}


instants = st.dates(date(2020, 1, 1), date(2035, 1, 1)).map(
    lambda day: datetime.combine(day, time(9), WIB)
)


@given(
    instants,
    st.integers(1, 30),
    st.frozensets(st.dates(date(2020, 1, 1), date(2035, 12, 31)), max_size=8),
)
def test_working_days_hold_as_many_as_they_say(
    start: datetime, amount: int, holidays: frozenset[date]
) -> None:
    end = due(start, Limit(amount, Unit.WORKING_DAYS, (), "proposal"), WIB, holidays)

    assert end is not None
    days = [start.date() + timedelta(days=n + 1) for n in range((end.date() - start.date()).days)]
    assert sum(is_working_day(day, holidays) for day in days) == amount
    assert is_working_day(end.date(), holidays)


def test_a_limit_is_missed_by_doing_late_or_not_at_all() -> None:
    end = at("2026-11-26", "23:59")
    before, later = end - timedelta(hours=1), end + timedelta(hours=1)

    assert not breached(end, None, before)
    assert breached(end, None, later)
    assert not breached(end, before, later)
    assert breached(end, later, later)
    assert not breached(None, None, later)


@pytest.mark.parametrize(
    ("hours", "told"),
    [
        (0, ()),
        (74, ()),
        (75, (Level.HANDLER,)),
        (100, (Level.HANDLER, Level.SUPERIOR)),
        (125, (Level.HANDLER, Level.SUPERIOR, Level.HEAD)),
        (150, tuple(Level)),
    ],
)
def test_a_late_decision_climbs_and_skips_nobody(hours: int, told: tuple[Level, ...]) -> None:
    start = at("2026-11-23")
    end = start + timedelta(hours=100)

    assert escalation(start, end, start + timedelta(hours=hours), NOW) == told


@given(st.sampled_from(ClockClass))
def test_every_class_hears_first_and_is_decided_later(one: ClockClass) -> None:
    start = at("2026-11-23")
    first = due(start, NOW.first_answer[one], WIB)
    last = due(start, NOW.decision[one], WIB)

    assert first is not None
    assert last is not None
    assert first <= last


def test_versions_are_found_by_day_and_by_number() -> None:
    assert clocks.current(date(2026, 11, 23)) is clocks.version(1)
    assert clocks.current(date(1999, 1, 1)) is clocks.VERSIONS[0]


def test_every_limit_names_its_source() -> None:
    for one in (*NOW.first_answer.values(), *NOW.decision.values(), NOW.delivery, NOW.appeal):
        assert one.cite
        assert one.certainty in {"verified", "secondary", "unverified", "proposal"}


def test_a_limit_that_is_none_is_refused_at_start(tmp_path: Path) -> None:
    text = Path(clocks.__file__).with_name("clocks.toml").read_text()
    file = tmp_path / "clocks.toml"
    file.write_text(text.replace('"6h"', '"soon"'))

    with pytest.raises(ValueError, match="soon"):
        read_clocks(file)


def test_the_age_runs_from_the_first_telling() -> None:
    assert age_days(at("2026-11-01", "23:00"), at("2026-11-23", "01:00"), WIB) == 22
