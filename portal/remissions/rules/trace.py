"""What a calculation did, step by step: values, the case taken, and the rows it rests on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.domain.law import Certainty, Row
from portal.remissions.rules.tenor import Tenor

Plain = date | Tenor | int | str | bool | None


@dataclass(frozen=True, slots=True)
class Step:
    """One value and how it came about; a path says where an input stands in the facts."""

    rule: str
    params: tuple[tuple[str, Row], ...]  # (parameter, row): citations and certainty
    inputs: tuple[tuple[str, Plain, str], ...]  # (name, value, path)
    value: Plain
    branch: str = ""

    @property
    def certainty(self) -> Certainty:
        """Return the weakest among the rows that took effect."""
        return weakest(row.certainty for _, row in self.params)


class Recorder:
    """Keeps the steps in the order they were taken."""

    def __init__(self) -> None:
        self.steps: list[Step] = []

    def step(self, step: Step) -> None:
        """Keep one step."""
        self.steps.append(step)


class _Null(Recorder):
    def step(self, step: Step) -> None:
        """Keep nothing."""


NULL: Recorder = _Null()


def weakest(certainties: Iterable[Certainty]) -> Certainty:
    """Return the least certain, ``text`` if there is none."""
    return max(certainties, key=lambda certainty: certainty.weakness, default=Certainty.TEXT)
