"""What a module says in numbers: for the monthly report, the public home page and open data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Value = int | Decimal | str | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One number with what is needed to trust it; ``value`` None is "not known", never 0.

    ``label``, ``definition`` and ``note`` are message ids. ``as_of`` is the day the figure stands
    for. ``suppressed`` hides a small cell: readers see "<5".
    """

    key: str
    label: str
    value: Value
    unit: str = ""
    numerator: int | None = None
    denominator: int | None = None
    definition: str = ""
    as_of: date | None = None
    source: str = ""
    note: str = ""
    suppressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings; headings are message ids, cells plain values."""

    key: str
    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A picture of numbers: one value a label and series."""

    key: str
    label: str
    kind: Literal["bars", "lines"]
    labels: tuple[str, ...]
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportSection:
    """One module's part of the monthly report."""

    key: str
    title: str
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    sentences: tuple[str, ...] = ()
