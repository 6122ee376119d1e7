"""Counts that give nobody away: small groups are hidden, and what would reveal them too."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

LEAST = 5
"""Groups of fewer people are not shown (decision D13, ``stats.min_cell``)."""


def is_small(count: int) -> bool:
    """Tell whether a count is one that could point to somebody; none at all points to nobody."""
    return 0 < count < LEAST


def hide_small(counts: Mapping[str, int]) -> Mapping[str, int | None]:
    """Hide small groups, and if one alone is hidden, the next smallest with it.

    Otherwise the total would give the hidden one away. Hidden is None.
    """
    hidden = {name for name, count in counts.items() if is_small(count)}
    others = sorted((count, name) for name, count in counts.items() if count and name not in hidden)
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return {name: None if name in hidden else count for name, count in counts.items()}


def share(part: int, whole: int) -> Fraction | None:
    """Return a share of 1; None of nothing, or of a group too small to be shown."""
    return Fraction(part, whole) if whole >= LEAST else None
