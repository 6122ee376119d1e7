"""What a complaint is about: two levels, as a versioned list; each case stores its version."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any


class ClockClass(StrEnum):
    """Which set of time limits a case runs under."""

    SERIOUS = "serious"
    BASIC_NEEDS = "basic_needs"
    INFORMATION = "information"
    SERVICE = "service"
    STAFF = "staff"
    FIELD_CHECK = "field_check"


class Lane(StrEnum):
    """Who may come near a case: the desk, or its custodian and the head alone."""

    ORDINARY = "ordinary"
    SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Kind:
    """The second level: what exactly, inside a category."""

    code: str
    names: Mapping[str, str]
    clock_class: ClockClass
    sealed: bool
    asks_severity: bool
    tells_head: bool


@dataclass(frozen=True, slots=True)
class Category:
    """The first level: one tile on the officer's phone; ``names`` by language."""

    code: str
    names: Mapping[str, str]
    clock_class: ClockClass
    sealed: bool
    kinds: tuple[Kind, ...]
    cite: tuple[str, ...]
    certainty: str

    def kind(self, code: str | None) -> Kind | None:
        """Return the second level of that code; None if there is none or none was chosen."""
        return next((kind for kind in self.kinds if kind.code == code), None)


@dataclass(frozen=True, slots=True)
class CategoryList:
    """One version of the list, as it stood from a day on."""

    version: int
    since: date
    categories: tuple[Category, ...]

    def category(self, code: str) -> Category:
        """Return the category of that code.

        :raise KeyError: if this version has none.
        """
        for category in self.categories:
            if category.code == code:
                return category
        raise KeyError(code)

    def lane(self, category: str, kind: str | None = None) -> Lane:
        """Return the lane that the words chosen ask for: sealed, if either level says so."""
        first = self.category(category)
        second = first.kind(kind)
        return Lane.SEALED if first.sealed or (second and second.sealed) else Lane.ORDINARY

    def clock_class(self, category: str, kind: str | None = None) -> ClockClass:
        """Return the clock class taken when nobody chooses another."""
        first = self.category(category)
        second = first.kind(kind)
        return second.clock_class if second else first.clock_class


def _names(row: Mapping[str, Any]) -> Mapping[str, str]:
    return MappingProxyType({"id": row["id"], "en": row["en"]})


def _kind(row: Mapping[str, Any], of: ClockClass) -> Kind:
    return Kind(
        code=row["code"],
        names=_names(row),
        clock_class=ClockClass(row.get("class", of)),
        sealed=row.get("sealed", False),
        asks_severity=row.get("asks_severity", False),
        tells_head=row.get("tells_head", False),
    )


def _category(row: Mapping[str, Any], certainty: str) -> Category:
    clock_class = ClockClass(row["class"])
    return Category(
        code=row["code"],
        names=_names(row),
        clock_class=clock_class,
        sealed=row.get("sealed", False),
        kinds=tuple(_kind(kind, clock_class) for kind in row["kinds"]),
        cite=tuple(row.get("cite", ())),
        certainty=row.get("certainty", certainty),
    )


def read_lists(path: Path) -> tuple[CategoryList, ...]:
    """Read the versions from a TOML file, oldest first."""
    with path.open("rb") as file:
        lists = tomllib.load(file)["list"]
    return tuple(
        CategoryList(
            one["version"],
            one["since"],
            tuple(_category(row, one["certainty"]) for row in one["category"]),
        )
        for one in lists
    )


LISTS = read_lists(Path(__file__).with_name("categories.toml"))
_BY_VERSION: Mapping[int, CategoryList] = MappingProxyType({one.version: one for one in LISTS})


def current(day: date) -> CategoryList:
    """Return the list in force on a day; before the first, the first."""
    begun = [one for one in LISTS if one.since <= day]
    return begun[-1] if begun else LISTS[0]


def version(number: int) -> CategoryList:
    """Return the version a case was recorded with.

    :raise KeyError: if there never was such a version.
    """
    return _BY_VERSION[number]
