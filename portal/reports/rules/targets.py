"""Target sets: what a programme asked for, when, and which points touch this prison."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any  # what TOML gives has no type until it is read

from portal.domain.text import message

TABLE = Path(__file__).with_name("targets.toml")


class Mark(StrEnum):
    """How sure a statement is."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"
    PROPOSAL = "proposal"


class Applicable(StrEnum):
    """Whether a point touches a prison of this kind."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"


WORDS: Mapping[Applicable, str] = MappingProxyType(
    {
        Applicable.YES: message("Applies here"),
        Applicable.NO: message("Does not apply here"),
        Applicable.CONDITIONAL: message("Applies in some months"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetPoint:
    """One point; ``national`` is the figure for the whole country, in the decree's own words."""

    number: int
    code: str
    text: str
    national: str
    local_unit: str
    applicable: Applicable
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetSet:
    """One programme with its points; an empty one waits for the decree."""

    code: str
    version: int
    title: str
    instrument: str
    instrument_mark: Mark
    points_mark: Mark
    valid_from: date
    valid_to: date
    valid_mark: Mark
    source: str
    points: tuple[TargetPoint, ...]

    def in_force(self, day: date) -> bool:
        """Tell whether the set holds on ``day``; otherwise it is history, or to come."""
        return self.valid_from <= day <= self.valid_to


def read_targets(path: Path = TABLE) -> tuple[TargetSet, ...]:
    """Read the sets, oldest first.

    :raise ValueError: if a mark is unknown, or a point that does not apply gives no reason.
    """
    with path.open("rb") as file:
        told: list[dict[str, Any]] = tomllib.load(file)["set"]
    return tuple(sorted(map(_set, told), key=lambda one: (one.valid_from, one.code)))


def _set(told: dict[str, Any]) -> TargetSet:
    marks = {name: Mark(told[name]) for name in told if name.endswith("_mark")}
    points = tuple(_point(point) for point in told["point"])
    return TargetSet(**{key: told[key] for key in told if key != "point"} | marks, points=points)


def _point(told: dict[str, Any]) -> TargetPoint:
    point = TargetPoint(**told | {"applicable": Applicable(told["applicable"])})
    if point.applicable is not Applicable.YES and not point.reason:
        raise ValueError(f"{point.code} does not apply: say why")
    return point
