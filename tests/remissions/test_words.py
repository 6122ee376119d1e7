from fractions import Fraction

import pytest

from portal.domain.law import Value
from portal.remissions.rules import words
from portal.remissions.services.calculating import law

THEMSELVES = "Islam, Kristen, Katolik, Hindu, Buddha, Konghucu"  # a list of names


def test_every_number_of_the_law_has_a_name() -> None:
    assert set(words.NAMES) == {*law().params, *law().tables}


def test_every_choice_has_words_and_none_is_left_over() -> None:
    values = {
        row.value
        for dated in law().params.values()
        for row in dated.rows
        if isinstance(row.value, bool | str)
    }
    assert values - {THEMSELVES} <= set(words.CHOICES)
    assert set(words.CHOICES) - {True} <= values


@pytest.mark.parametrize(
    ("value", "told"),
    [(False, "No"), (1, "1"), (0, "0"), (Fraction(2, 3), "2/3"), (THEMSELVES, THEMSELVES)],
)
def test_numbers_and_names_stand_for_themselves(value: Value, told: str) -> None:
    assert words.value(value) == told
