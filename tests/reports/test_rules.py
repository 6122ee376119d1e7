"""The plain middle of the report: periods, states, comparison, words, what is stored."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.figures import Chart, Figure, ReportSection, Table
from portal.domain.months import Month
from portal.reports.rules import content, periods, states
from portal.reports.rules.change import UNKNOWN, Change, Direction, Interval, compare
from portal.reports.rules.letterhead import letterhead
from portal.reports.rules.sentences import MOST, narrate
from portal.reports.rules.states import State

JAKARTA, MAKASSAR, JAYAPURA = "Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"
OCTOBER = Month(2026, 10)


# periods


@pytest.mark.parametrize(
    ("now", "zone", "month"),
    [
        ("2026-10-31T14:59:59+00:00", JAYAPURA, "2026-09"),
        ("2026-10-31T15:00:00+00:00", JAYAPURA, "2026-10"),  # midnight in Jayapura, WIT
        ("2026-10-31T15:00:00+00:00", MAKASSAR, "2026-09"),
        ("2026-10-31T16:00:00+00:00", MAKASSAR, "2026-10"),  # WITA
        ("2026-10-31T16:59:59+00:00", JAKARTA, "2026-09"),
        ("2026-10-31T17:00:00+00:00", JAKARTA, "2026-10"),  # WIB
        ("2026-12-31T16:59:59+00:00", JAKARTA, "2026-11"),
        ("2026-12-31T16:59:59+00:00", JAYAPURA, "2026-12"),  # the new year has begun there
        ("2028-02-29T16:59:59+00:00", JAKARTA, "2028-01"),
    ],
)
def test_a_month_is_over_when_it_is_over_in_the_facility(now: str, zone: str, month: str) -> None:
    assert str(periods.last_complete(datetime.fromisoformat(now), zone)) == month


@given(hours=st.integers(0, 87_600))
def test_a_report_is_asked_for_exactly_when_its_month_has_ended(hours: int) -> None:
    now = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    for zone in (JAKARTA, MAKASSAR, JAYAPURA):
        month = periods.last_complete(now, zone)
        assert periods.ended_at(month, zone) <= now < periods.ended_at(month.next, zone)


def test_a_new_facility_begins_with_the_month_that_has_just_ended() -> None:
    now = datetime(2026, 11, 23, tzinfo=UTC)

    assert periods.missing(now, JAKARTA, ()) == (OCTOBER,)


def test_months_missed_while_the_portal_stood_still_are_caught_up_oldest_first() -> None:
    now = datetime(2027, 2, 2, tzinfo=UTC)

    wanted = periods.missing(now, JAKARTA, {OCTOBER, Month(2026, 12)})

    assert [str(month) for month in wanted] == ["2026-11", "2027-01"]


def test_nothing_is_missing_twice() -> None:
    now = datetime(2026, 11, 1, 3, tzinfo=UTC)

    assert periods.missing(now, JAKARTA, {OCTOBER}) == ()


def test_a_report_of_a_later_month_asks_for_nothing() -> None:
    assert periods.missing(datetime(2026, 11, 1, 3, tzinfo=UTC), JAKARTA, {Month(2026, 12)}) == ()


# states


NOW = datetime(2026, 11, 1, tzinfo=UTC)
BEFORE, AFTER = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "attempts", "lease", "may", "given_up"),
    [
        (State.SCHEDULED, 0, BEFORE, True, False),
        (State.RUNNING, 1, AFTER, False, False),
        (State.RUNNING, 1, NOW, True, False),
        (State.RUNNING, 2, BEFORE, True, False),
        (State.RUNNING, 3, BEFORE, False, True),
        (State.RUNNING, 3, AFTER, False, False),
        (State.DONE, 1, BEFORE, False, False),
        (State.FAILED, 3, BEFORE, False, False),
    ],
)
def test_a_builder_takes_what_nobody_holds_three_times_at_most(
    state: State, attempts: int, lease: datetime, may: bool, given_up: bool
) -> None:
    assert states.may_start(state, attempts, lease, NOW) is may
    assert states.is_given_up(state, attempts, lease, NOW) is given_up


@pytest.mark.parametrize(
    ("state", "asked", "lease", "wanted"),
    [
        (State.RUNNING, BEFORE - states.LEASE, BEFORE, True),
        (State.RUNNING, BEFORE - states.LEASE, AFTER, False),
        (State.RUNNING, NOW, BEFORE, False),
        (State.SCHEDULED, BEFORE, BEFORE, False),
        (State.SCHEDULED, NOW - states.FORGOTTEN, BEFORE, True),
        (State.DONE, NOW - states.FORGOTTEN, BEFORE, False),
    ],
)
def test_a_builder_is_asked_for_again_once_after_each_lease(
    state: State, asked: datetime, lease: datetime, wanted: bool
) -> None:
    assert states.wants_asking(state, asked, lease, NOW) is wanted


def test_a_failure_has_a_short_code_that_stays_the_same() -> None:
    code = states.failure_code(7, 3)

    assert code == states.failure_code(7, 3) != states.failure_code(8, 3)
    assert code.startswith("L-")
    assert len(code) == 5


# comparison


def figure(value: object, **more: object) -> Figure:
    return Figure(key="k", label="Complaints", value=value, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        (figure(5), figure(3), Change(Direction.UP, 2)),
        (figure(3), figure(5), Change(Direction.DOWN, -2)),
        (figure(0), figure(0), Change(Direction.SAME, 0)),
        (figure(Decimal("82.5")), figure(Decimal("80.0")), Change(Direction.UP, Decimal("2.5"))),
        (figure(5), None, UNKNOWN),
        (figure(None), figure(5), UNKNOWN),
        (figure(5), figure(None), UNKNOWN),
        (figure("B"), figure("A"), UNKNOWN),
        (figure(5, unit="days"), figure(5), UNKNOWN),
        (figure(2, suppressed=True), figure(9), UNKNOWN),
        (figure(9), figure(2, suppressed=True), UNKNOWN),
    ],
)
def test_two_months_of_a_figure_are_compared(
    now: Figure, before: Figure | None, change: Change
) -> None:
    assert compare(now, before) == change


def share(numerator: int, denominator: int) -> Figure:
    value = Decimal(100 * numerator) / denominator if denominator else None
    return figure(value, unit="%", numerator=numerator, denominator=denominator)


@pytest.mark.parametrize(
    ("now", "before", "direction"),
    [
        (share(52, 100), share(48, 100), Direction.UNCLEAR),
        (share(70, 100), share(48, 100), Direction.UP),
        (share(480, 1000), share(540, 1000), Direction.DOWN),
        (share(100, 100), share(50, 50), Direction.SAME),
        (share(5, 5), share(0, 5), Direction.UP),
        (share(249, 100), share(230, 100), Direction.UP),  # occupancy: a ratio, not a share
        (share(3, 0), share(2, 9), Direction.UNKNOWN),
        (figure(3, unit="%", numerator=3, denominator=0), share(2, 900), Direction.UP),
        (figure(3, unit="%", numerator=3), figure(2, unit="%"), Direction.UP),
        (
            figure(879, numerator=879, denominator=911),  # a count, whatever stands beside it
            figure(870, numerator=870, denominator=911),
            Direction.UP,
        ),
    ],
)
def test_a_small_sample_does_not_rise_by_chance(
    now: Figure, before: Figure, direction: Direction
) -> None:
    assert compare(now, before).direction is direction


@pytest.mark.parametrize(
    ("value", "direction"),
    [
        ("82.0", Direction.UNCLEAR),
        ("81.4", Direction.UNCLEAR),
        ("82.5", Direction.UP),
        ("79.5", Direction.DOWN),
    ],
)
def test_a_score_changes_only_by_more_than_both_intervals(value: str, direction: Direction) -> None:
    def told(score: Decimal) -> ReportSection:
        ends = {"": 0, "_low": -1, "_high": 1}  # two half widths of 1: the limit is 1.41
        figures = tuple(
            Figure(key=f"ikm{end}", label="IKM", value=score + by) for end, by in ends.items()
        )
        return ReportSection("survey", "Survey", figures)

    now, before = told(Decimal(value)), told(Decimal(81))
    (line,) = content.section(now, before).lines

    assert line.change.direction is direction
    assert line.interval == Interval(Decimal(value) - 1, Decimal(value) + 1)
    assert content.section(now, content.section(before, None).as_told()).lines == (line,)


def test_only_the_first_comparable_figures_are_told() -> None:
    changes = [("a", UNKNOWN)] + [(f"f{n}", Change(Direction.UP, n)) for n in range(1, 9)]

    told = narrate(changes)

    assert [sentence.figure for sentence in told] == ["f1", "f2", "f3"]
    assert len(told) == MOST


@pytest.mark.parametrize(
    ("day", "region", "lines"),
    [
        (date(2024, 10, 20), "Kanwil", 0),
        (date(2026, 11, 1), "", 2),
        (date(2026, 11, 1), "Kanwil", 3),
    ],
)
def test_the_offices_of_the_day_stand_above_the_report(day: date, region: str, lines: int) -> None:
    assert len(letterhead(day, region)) == lines


# what is stored


SECTION = ReportSection(
    "tours",
    "Block tours",
    (
        Figure(
            key="heard", label="Heard", value=26, definition="All of them", numerator=26,
            denominator=30, as_of=date(2026, 10, 31), source="portal", note="n",
        ),
        Figure(key="index", label="Index", value=Decimal("82.50"), unit="points"),
        Figure(key="index_low", label="From", value=Decimal("81.50"), unit="points"),
        Figure(key="index_high", label="To", value=Decimal("83.50"), unit="points"),
        Figure(key="grade", label="Grade", value="B"),
        Figure(key="since", label="Since", value=date(2026, 10, 1)),
        Figure(key="unknown", label="Unknown", value=None),
    ),
    tables=(Table(key="t", label="By block", columns=("Block", "Heard"),
                  rows=(("A", 3), ("B", None))),),
    charts=(Chart(key="c", label="Trend", kind="lines", labels=("Sep", "Okt"),
                  series={"z": (1.5, 2.0), "a": (3.0, 4.0)}),),
    sentences=("All stops were made.",),
)  # fmt: skip
PLACE = content.Place(
    "muara-enim", "Lapas Kelas IIB Muara Enim", "Lapas Muara Enim", "Muara Enim", "", JAKARTA
)


def whole(*sections: content.Section) -> content.Content:
    return content.Content("monthly", OCTOBER, content.number(OCTOBER, PLACE.slug), PLACE, sections)


def test_what_is_stored_comes_back_as_it_was() -> None:
    report = whole(content.section(SECTION, SECTION), content.section(SECTION, None))
    stored = json.loads(json.dumps(content.to_json(report)))

    assert content.from_json(stored) == report
    assert list(content.from_json(stored).sections[0].charts[0].series) == ["z", "a"]


def test_the_same_report_has_the_same_bytes_whatever_order_the_database_gives() -> None:
    told = content.to_json(whole(content.section(SECTION, None)))

    assert content.canonical(dict(reversed(told.items()))) == content.canonical(told)


def test_what_is_hidden_is_not_stored_anywhere() -> None:
    def secret(value: int) -> ReportSection:
        hidden = Figure(
            key="p", label="P", value=value, numerator=value, denominator=7654, note="x",
            suppressed=True,
        )  # fmt: skip
        return ReportSection("s", "S", (hidden,))

    told = content.canonical(content.to_json(whole(content.section(secret(3), secret(4321)))))

    assert (b":3" in told, b"4321" in told, b"7654" in told, b'"x"' in told) == (False,) * 4


def test_the_month_before_stays_hidden_when_only_it_was_small() -> None:
    now = ReportSection("s", "S", (figure(9),))
    before = ReportSection("s", "S", (figure(4321, suppressed=True),))

    assert content.section(now, before).lines[0].before is None


@pytest.mark.parametrize(
    ("revision", "number"),
    [
        (1, "LAP-2026-10-muara-enim"),
        (2, "LAP-2026-10-muara-enim-R2"),
    ],
)
def test_a_report_is_numbered_by_month_and_place(revision: int, number: str) -> None:
    assert content.number(OCTOBER, "muara-enim", revision) == number


def test_the_fixed_time_of_a_report_is_the_end_of_its_month() -> None:
    assert periods.ended_at(OCTOBER, JAKARTA) == datetime(2026, 11, 1, tzinfo=ZoneInfo(JAKARTA))
