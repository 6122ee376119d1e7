"""Plain sentences about figures; message ids, put into words where they are read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.domain.text import message
from portal.reports.rules.change import Change, Direction

MOST = 3

TEXTS: Mapping[Direction, str] = MappingProxyType(
    {
        Direction.UP: message("%(label)s rose from %(before)s to %(now)s."),
        Direction.DOWN: message("%(label)s fell from %(before)s to %(now)s."),
        Direction.SAME: message("%(label)s stayed at %(now)s."),
        Direction.UNCLEAR: message(
            "%(label)s is %(now)s, not clearly different from %(before)s last month."
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A message id; ``figure`` is the key of the figure that fills it, or empty."""

    text: str
    figure: str = ""


def narrate(changes: Iterable[tuple[str, Change]]) -> tuple[Sentence, ...]:
    """Say of the first figures that can be compared what became of them, in their order."""
    told = [
        Sentence(TEXTS[change.direction], key)
        for key, change in changes
        if change.direction in TEXTS
    ]
    return tuple(told[:MOST])
