"""How many sheets a period needs, and how sure its index is.

Source of the sample: Krejcie & Morgan (1970), to which Permenpan RB 14/2017 points.
Source of the interval: Student's t with the finite-population factor; the quantile is the expansion
of Abramowitz & Stegun 26.7.5. These are measures beside the index, so floats will do here.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

from portal.survey.rules.scoring import half_up

CHI_SQUARE = Fraction(3841, 1000)  # one degree of freedom, 5 %
SHARE = Fraction(1, 2)  # P = Q: the most cautious
ERROR = Fraction(5, 100)  # d
CONFIDENCE = 0.95
LEAST_SHEETS = 30  # a monthly index is published from here on (survey.publish.min_n)


def sample_target(population: int) -> int:
    """Return how many sheets a population of users a year asks for, rounded half-up; 0 for none.

    :raise ValueError: if the population is negative.
    """
    if population < 0:
        raise ValueError("a population is 0 or more")
    variance = CHI_SQUARE * SHARE * (1 - SHARE)
    return int(
        half_up(variance * population / (ERROR**2 * (population - 1) + variance), 0)
        if population
        else 0
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval of the IKM, 25-100; ``finite``: the number of visitors served was known."""

    low: Decimal
    high: Decimal
    finite: bool


def t_quantile(freedom: int) -> float:
    """Return Student's t for a two-sided 95 %, good to five decimals from 20 degrees on."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def interval(sheet_sums: Mapping[int, int], elements: int, served: int | None) -> Interval | None:
    """Return the interval of the mean person score; None where it would say nothing.

    ``sheet_sums`` tells how many complete sheets have which sum of scores (9-36). It says nothing
    below thirty sheets, and where all sheets are equal. ``served`` is the number of visitors the
    sheets stand for; fewer than there are sheets means that nobody is left out.
    """
    count = sum(sheet_sums.values())
    if count < LEAST_SHEETS or len([s for s, n in sheet_sums.items() if n]) == 1:
        return None
    mean = Fraction(sum(s * n for s, n in sheet_sums.items()), count)
    squares = sum((n * (s - mean) ** 2 for s, n in sheet_sums.items()), Fraction())
    scale = Fraction(100, 4 * elements)  # a sum of scores to 25-100
    deviation = math.sqrt(squares / (count - 1)) * float(scale)
    half = t_quantile(count - 1) * deviation / math.sqrt(count) * _finite_factor(count, served)
    middle = float(mean * scale)
    return Interval(
        half_up(Decimal(max(middle - half, 25.0)), 2),
        half_up(Decimal(min(middle + half, 100.0)), 2),
        finite=served is not None,
    )


def _finite_factor(count: int, served: int | None) -> float:
    if served is None:
        return 1.0
    if served <= count:
        return 0.0
    return math.sqrt((served - count) / (served - 1))
