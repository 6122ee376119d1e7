"""What a figure says beside the one of the month before."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from portal.domain.figures import Figure

CRITICAL = Fraction(196, 100)
"""The normal quantile for 95 % from both sides."""


class Direction(StrEnum):
    """Up, down, the same; not clearly different; or there is nothing to compare."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    UNCLEAR = "unclear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Change:
    """The direction and, unless unknown, the difference in the figure's own unit."""

    direction: Direction
    difference: int | Decimal | None = None


UNKNOWN = Change(Direction.UNKNOWN)


def compare(now: Figure, before: Figure | None) -> Change:
    """Compare two months of one figure.

    Hidden values are never compared: the difference would tell them. Two shares that a sample of
    their size could give by chance are "unclear" (z-test of two proportions, 95 %).
    """
    if before is None or now.suppressed or before.suppressed or now.unit != before.unit:
        return UNKNOWN
    if not isinstance(now.value, int | Decimal) or not isinstance(before.value, int | Decimal):
        return UNKNOWN
    difference = now.value - before.value
    if difference == 0:
        return Change(Direction.SAME, difference)
    if not differs_clearly(now, before):
        return Change(Direction.UNCLEAR, difference)
    return Change(Direction.UP if difference > 0 else Direction.DOWN, difference)


def differs_clearly(now: Figure, before: Figure) -> bool:
    """Tell whether two shares differ by more than chance; counts and scores always do."""
    if now.numerator is None or before.numerator is None:
        return True
    if not now.denominator or not before.denominator:
        return True
    shares = (
        Fraction(now.numerator, now.denominator),
        Fraction(before.numerator, before.denominator),
    )
    pooled = Fraction(now.numerator + before.numerator, now.denominator + before.denominator)
    spread = (
        pooled * (1 - pooled) * (Fraction(1, now.denominator) + Fraction(1, before.denominator))
    )
    if spread <= 0:  # all or none in both months; or a ratio above 1, which is no share
        return True
    return (shares[0] - shares[1]) ** 2 > CRITICAL**2 * spread
