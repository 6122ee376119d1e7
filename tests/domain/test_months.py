"""Months as values."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.months import Month

MONTHS = st.builds(Month, st.integers(2, 9000), st.integers(1, 12))


@given(MONTHS)
def test_next_and_previous_undo_each_other(month: Month) -> None:
    assert month.next.previous == month == month.previous.next
    assert month.previous < month < month.next


@given(MONTHS)
def test_its_text_reads_back(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(st.dates(date(2, 1, 1), date(9000, 12, 31)))
def test_each_day_lies_in_exactly_one_month(day: date) -> None:
    month = Month.of(day)

    assert day in month
    assert month.first <= day <= month.last
    assert day not in month.next
    assert day not in month.previous


@pytest.mark.parametrize("text", ["2026-13", "2026-00", "2026-1", "26-01", "x", "2026-01-01"])
def test_what_is_no_month_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="month"):
        Month.parse(text)
