"""What a figure says beside the one of the month before."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from portal.domain.figures import Figure

CRITICAL = Fraction(196, 100)
"""The normal quantile for 95 % from both sides."""


SHARE = "%"
"""The unit of shares; a count with a denominator beside it is still a count."""


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


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which values the true one lies, 95 times of 100."""

    low: int | Decimal
    high: int | Decimal

    @property
    def half(self) -> Decimal:
        """Half its width."""
        return Decimal(self.high - self.low) / 2


UNKNOWN = Change(Direction.UNKNOWN)


def compare(
    now: Figure,
    before: Figure | None,
    spread_now: Interval | None = None,
    spread_before: Interval | None = None,
) -> Change:
    """Compare two months of one figure.

    Hidden values are never compared: the difference would tell them. What chance alone could give
    is "unclear": scores with an interval in both months, and shares with their parts (95 %).
    """
    if before is None or now.suppressed or before.suppressed or now.unit != before.unit:
        return UNKNOWN
    if not isinstance(now.value, int | Decimal) or not isinstance(before.value, int | Decimal):
        return UNKNOWN
    difference = now.value - before.value
    if difference == 0:
        return Change(Direction.SAME, difference)
    if spread_now and spread_before:
        clear = difference**2 > spread_now.half**2 + spread_before.half**2
    else:
        clear = now.unit != SHARE or shares_differ(now, before)
    if not clear:
        return Change(Direction.UNCLEAR, difference)
    return Change(Direction.UP if difference > 0 else Direction.DOWN, difference)


def shares_differ(now: Figure, before: Figure) -> bool:
    """Tell whether two shares differ by more than chance (z-test of two proportions, 95 %).

    What is no share, or comes without its parts, always does.
    """
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
