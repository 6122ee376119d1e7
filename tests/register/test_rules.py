"""Crowding is told in two rates, and a missing capacity in none."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.register.rules.calendar import NamedDay, split_names
from portal.register.rules.custody import excess, occupancy
from portal.register.rules.statements import fact_problem, holiday_problem


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_the_two_rates_differ_by_one_whole(population: int, capacity: int) -> None:
    assert occupancy(population, capacity) - excess(population, capacity) == 1


def test_the_rates_of_april_2022() -> None:
    assert occupancy(1209, 486) == Fraction(1209, 486)
    assert round(excess(1209, 486) * 100) == 149


@pytest.mark.parametrize("capacity", [0, -1])
def test_without_a_capacity_there_is_no_rate(capacity: int) -> None:
    with pytest.raises(ValueError, match="above 0"):
        occupancy(5, capacity)


def test_two_holidays_on_one_day_are_two_and_an_estimate_is_marked_once() -> None:
    day = date(2034, 6, 1)

    assert split_names(day, "Hari Lahir Pancasila; Hari Raya Waisak (perkiraan)") == (
        NamedDay(day, "Hari Lahir Pancasila", estimated=False),
        NamedDay(day, "Hari Raya Waisak", estimated=True),
    )


TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("key", "value", "as_of", "field"),
    [
        ("capacity", "486", TODAY, None),
        ("capacity", "banyak", TODAY, "value"),
        ("capacity", "0", TODAY, "value"),
        ("contact.press", "Humas, 0800-000-0000", TODAY, None),
        ("contact.press", "Humas", TODAY, "value"),
        ("contact.hours", "08.00", date(9999, 12, 31), "as_of"),
        ("contact.hours", "08.00", date(1, 1, 1), "as_of"),
        ("contact.hours", "08.00", TODAY, None),
    ],
)
def test_a_statement_about_the_facility_can_be_true(
    key: str, value: str, as_of: date, field: str | None
) -> None:
    wrong = fact_problem(key, value, as_of, TODAY)

    assert (wrong[0] if wrong else None) == field


@pytest.mark.parametrize(
    ("day", "fits"),
    [(date(2027, 8, 17), True), (date(1, 1, 1), False), (date(9999, 12, 31), False)],
)
def test_a_holiday_lies_in_these_years(day: date, fits: bool) -> None:
    assert (holiday_problem(day, TODAY) is None) is fits
