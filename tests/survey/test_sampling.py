"""Sample targets and intervals, against printed tables."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.survey.rules.sampling import interval, sample_target, t_quantile

TABLE = {
    10: 10, 20: 19, 30: 28, 50: 44, 75: 63, 100: 80, 150: 108, 200: 132, 300: 169, 400: 196,
    500: 217, 600: 234, 800: 260, 1000: 278, 1500: 306, 2000: 322, 3000: 341, 4000: 351,
    5000: 357, 10000: 370, 100000: 383,
}  # fmt: skip


@pytest.mark.parametrize(("population", "target"), TABLE.items())
def test_the_sample_target_is_krejcie_and_morgans(population: int, target: int) -> None:
    assert sample_target(population) == target


def test_nobody_to_ask_is_a_target_of_nought_and_less_is_a_mistake() -> None:
    assert sample_target(0) == 0
    with pytest.raises(ValueError, match="0 or more"):
        sample_target(-1)


@pytest.mark.parametrize(
    ("freedom", "t"), [(29, 2.04523), (59, 2.00100), (99, 1.98422), (999, 1.96234)]
)
def test_the_t_quantile_is_the_printed_one(freedom: int, t: float) -> None:
    assert t_quantile(freedom) == pytest.approx(t, abs=2e-5)


def _with_deviation_ten(count: int) -> Counter[int]:
    # half the sheets a little over two and a half points of sum apart on each side of the mean
    return Counter({24 - 4: count // 2, 24 + 4: count - count // 2})


@pytest.mark.parametrize(("count", "half"), [(30, 4.1), (60, 2.8), (100, 2.0), (234, 1.1)])
def test_the_interval_narrows_with_sheets_and_with_the_share_of_visitors_asked(
    count: int, half: float
) -> None:
    found = interval(_with_deviation_ten(count), 9, 600)
    open_ended = interval(_with_deviation_ten(count), 9, None)

    assert found is not None
    assert open_ended is not None
    assert float(found.high - found.low) / 2 == pytest.approx(half, abs=0.06)
    assert open_ended.high - open_ended.low > found.high - found.low
    assert (found.finite, open_ended.finite) == (True, False)


def test_an_interval_that_would_say_nothing_is_not_given() -> None:
    assert interval({20: 10, 25: 19}, 9, 600) is None
    assert interval({36: 400}, 9, 600) is None


def test_when_everybody_was_asked_nothing_is_left_open() -> None:
    found = interval({20: 20, 30: 20}, 9, 30)

    assert found is not None
    assert found.low == found.high


@given(st.integers(0, 2**32))
def test_the_interval_stays_on_the_scale_and_around_the_index(seed: int) -> None:
    random = Random(seed)
    sums = Counter(random.choices(range(9, 37), k=random.randint(30, 200)))
    mean = 100 * sum(s * n for s, n in sums.items()) / (36 * sum(sums.values()))

    found = interval(sums, 9, random.choice([None, 1000]))

    if found is not None:
        assert 25 <= found.low <= mean + 0.01
        assert mean - 0.01 <= found.high <= 100
