from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.remissions.rules import case, engine, ruleset
from portal.remissions.rules.tenor import (
    Ambiguous,
    Convention,
    Tenor,
    add,
    anniversary,
    norm,
    part,
    rounded,
    scale_days,
    total,
)
from portal.remissions.rules.trace import Recorder

LAW = ruleset.load()
HOW = LAW.pieces[-1].convention
starts = st.dates(min_value=date(1990, 1, 1), max_value=date(2040, 12, 31))
tenors = st.builds(Tenor, st.integers(0, 20), st.integers(0, 11), st.integers(0, 29)).filter(
    lambda tenor: tenor != Tenor()
)


def dates(start: date, tenor: Tenor, **more: object) -> dict[str, date]:
    plain = {
        "start_date": start.isoformat(),
        "sentence": {"years": tenor.years, "months": tenor.months, "days": tenor.days},
        **more,
    }
    result = engine.calculate(case.read(plain, LAW), LAW)
    return {each.kind: each.due for each in result.milestones if each.due}


def test_months_are_thirty_days_and_years_go_by_the_calendar() -> None:
    assert add(date(2025, 3, 1), Tenor(0, 7, 0), HOW) == date(2025, 9, 27)
    assert add(date(2025, 3, 1), Tenor(1, 0, 0), HOW) == date(2026, 3, 1)
    assert norm(Tenor(0, 13, 31), HOW) == Tenor(1, 2, 1)
    assert part(Tenor(0, 7, 0), Fraction(1, 2), HOW) == Tenor(0, 3, 15)
    assert total([Tenor(1, 2, 3), Tenor(0, 11, 29)]) == Tenor(1, 13, 32)


def test_an_unstated_choice_is_told_and_not_made() -> None:
    silent = Convention(30, 12, rounding="", leap_day="")

    assert rounded(Fraction(4), "") == 4
    with pytest.raises(Ambiguous, match="neither up nor down"):
        rounded(Fraction(1, 3), "")
    with pytest.raises(Ambiguous, match="29 February"):
        anniversary(date(2024, 2, 29), 1, silent)
    assert anniversary(date(2024, 2, 29), 4, silent) == date(2028, 2, 29)
    assert anniversary(date(2024, 2, 29), 1, Convention(30, 12, "up", "1_march")) == date(
        2025, 3, 1
    )


@given(starts, tenors)
def test_the_three_fractions_come_in_order_and_before_the_expiry(start: date, term: Tenor) -> None:
    found = dates(start, term)
    order = [found[kind] for kind in ("one_third", "half", "two_thirds", "expiry_net")]
    assert order == sorted(order)


@given(starts, tenors, st.integers(0, 400))
def test_a_later_start_is_never_earlier(start: date, term: Tenor, days: int) -> None:
    before, after = dates(start, term), dates(start + timedelta(days), term)
    assert all(before[kind] <= after[kind] for kind in before)


@given(starts, tenors, tenors)
def test_a_longer_sentence_ends_strictly_later(start: date, one: Tenor, other: Tenor) -> None:
    short, long = sorted((one, other), key=lambda tenor: scale_days(tenor, HOW))
    if scale_days(short, HOW) < scale_days(long, HOW):
        assert dates(start, short)["expiry_gross"] < dates(start, long)["expiry_gross"]


@given(starts, tenors, st.integers(0, 300), st.integers(1, 300))
def test_days_credited_move_expiry_and_two_thirds_alike(
    start: date, term: Tenor, credit: int, more: int
) -> None:
    less, much = (dates(start, term, credit_days=days) for days in (credit, credit + more))
    for kind in ("expiry_net", "two_thirds", "half", "one_third"):
        assert less[kind] - much[kind] == timedelta(more)
    assert less["expiry_gross"] == much["expiry_gross"]


@given(starts, tenors, st.integers(0, 300), st.integers(1, 300))
def test_more_remission_ends_strictly_earlier(
    start: date, term: Tenor, days: int, more: int
) -> None:
    less, much = (dates(start, term, remission_days=each) for each in (days, days + more))
    assert much["expiry_net"] < less["expiry_net"]
    assert much["two_thirds"] <= less["two_thirds"]


@given(starts, tenors, st.integers(0, 200))
def test_on_the_two_thirds_day_two_thirds_are_served_or_remitted(
    start: date, term: Tenor, remission: int
) -> None:
    day = dates(start, term, remission_days=remission)["two_thirds"]
    served = (day - start).days + remission
    assert served >= Fraction(2, 3) * scale_days(term, HOW)


@given(st.permutations([("general", 60), ("religious", 30), ("general", 90)]))
def test_the_order_of_the_records_is_irrelevant(grants: list[tuple[str, int]]) -> None:
    listed = [
        {"type": kind, "event_date": f"2024-0{days // 30}-17", "months": 0, "days": days}
        for kind, days in grants
    ]
    plain = {"start_date": "2023-01-01", "sentence": {"years": 3}, "remissions": listed}
    first = engine.calculate(case.read(plain, LAW), LAW)
    again = engine.calculate(case.read(plain | {"remissions": sorted(listed, key=str)}, LAW), LAW)
    assert first == again


@given(starts, tenors)
def test_with_and_without_a_trace_the_answer_is_the_same(start: date, term: Tenor) -> None:
    plain = {
        "start_date": start.isoformat(),
        "sentence": {"years": term.years, "months": term.months, "days": term.days},
    }
    asked = case.read(plain, LAW)
    rec = Recorder()

    traced = engine.calculate(asked, LAW, rec)

    assert traced.milestones == engine.calculate(asked, LAW).milestones
    assert rec.steps


def test_a_day_more_of_sentence_may_be_more_than_a_day_of_expiry() -> None:
    start = date(2025, 1, 1)
    assert dates(start, Tenor(0, 11, 29))["expiry_gross"] == date(2025, 12, 26)
    assert dates(start, Tenor(1, 0, 0))["expiry_gross"] == date(2026, 1, 1)


def test_a_later_start_may_end_on_the_same_day() -> None:
    year = Tenor(1, 0, 0)
    on_the_28th = dates(date(2024, 2, 28), year)["expiry_gross"]
    assert on_the_28th == dates(date(2024, 2, 29), year)["expiry_gross"] == date(2025, 2, 28)


def test_fourteen_months_are_a_year_and_two_months() -> None:
    result = engine.calculate(
        case.read({"start_date": "2024-01-10", "sentence": {"months": 14}}, LAW), LAW
    )
    gross = result.milestone("expiry_gross")
    assert gross is not None
    assert gross.due == date(2025, 3, 11)
    assert "count.months_of_year" in gross.rests_on
