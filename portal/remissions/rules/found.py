"""A value the engine found, with the rows of the law that took effect."""

from dataclasses import dataclass
from datetime import date

from portal.domain.law import Certainty, Row
from portal.remissions.rules.trace import Recorder, Step, weakest

Rows = tuple[tuple[str, Row], ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A day or a number of days; ``reason`` says why a program is not offered."""

    value: date | int
    rests: Rows
    reason: str = ""

    @property
    def certainty(self) -> Certainty:
        """Return the weakest among the rows that took effect."""
        return weakest(row.certainty for _, row in self.rests)

    @property
    def rests_on(self) -> tuple[str, ...]:
        """Return the ids of the weakest rows, sorted; none if all is text of the law."""
        worst = self.certainty
        if worst is Certainty.TEXT:
            return ()
        return tuple(sorted({name for name, row in self.rests if row.certainty is worst}))

    @property
    def day(self) -> date:
        """Return the value of a day.

        :raise TypeError: if it is a number of days.
        """
        if isinstance(self.value, date):
            return self.value
        raise TypeError("a number of days is not a day")


def joined(*parts: Rows) -> Rows:
    """Return the rows of several values, each once, in order."""
    return tuple({pair[1].key: pair for rows in parts for pair in rows}.values())


def found(rec: Recorder, step: Step, upon: Rows = (), reason: str = "") -> Found:
    """Record a step and return what it found; ``upon`` are the rows of the values it read.

    :raise TypeError: if its value is neither a day nor a number of days.
    """
    rec.step(step)
    if not isinstance(step.value, date | int):
        raise TypeError(f"{step.rule} found no day and no number")
    return Found(step.value, joined(upon, step.params), reason)
