"""What a report holds once it is issued: values, stored as JSON and never computed again."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any  # what JSON gives has no type until it is read

from portal.domain.figures import Chart, Figure, ReportSection, Table, Value
from portal.domain.months import Month
from portal.reports.rules.change import UNKNOWN, Change, Direction, Interval, compare
from portal.reports.rules.sentences import Sentence, narrate
from portal.reports.rules.suppression import hidden

SCHEMA = 1
ENDS = ("_low", "_high")


@dataclass(frozen=True, slots=True)
class Place:
    """The facility as it was called when the report was made."""

    slug: str
    name: str
    short_name: str
    town: str
    region: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A figure beside the one of the month before; a hidden one has no value anywhere."""

    figure: Figure
    before: Value = None
    change: Change = UNKNOWN
    interval: Interval | None = None

    def as_told(self) -> Iterator[Figure]:
        """Give the figure as its room told it, the ends of its interval behind it."""
        yield self.figure
        if self.interval:
            ends = zip(ENDS, (self.interval.low, self.interval.high), strict=True)
            for end, value in ends:
                yield replace(self.figure, key=self.figure.key + end, value=value)


@dataclass(frozen=True, slots=True)
class Section:
    """One module's part, compared and narrated."""

    key: str
    title: str
    lines: tuple[Line, ...]
    tables: tuple[Table, ...] = ()
    charts: tuple[Chart, ...] = ()
    sentences: tuple[Sentence, ...] = ()

    def as_told(self) -> ReportSection:
        """Return its figures as they were issued, for the comparison of the month after."""
        figures = [figure for line in self.lines for figure in line.as_told()]
        return ReportSection(self.key, self.title, tuple(figures))


@dataclass(frozen=True, slots=True)
class Content:
    """A whole report."""

    kind: str
    month: Month
    number: str
    place: Place
    sections: tuple[Section, ...]
    revision: int = 1
    schema: int = field(default=SCHEMA)


def section(now: ReportSection, before: ReportSection | None) -> Section:
    """Compare a section with the one of the month before, hide small cells, tell it in words.

    Figures called ``x_low`` and ``x_high`` are the interval of ``x`` and no lines of their own.
    """
    told = {figure.key: figure for figure in now.figures}
    earlier = {figure.key: figure for figure in before.figures} if before else {}
    lines = tuple(_line(key, told, earlier) for key in told if not _is_end(key, told))
    sentences = narrate((line.figure.key, line.change) for line in lines)
    own = tuple(Sentence(text) for text in now.sentences)
    charts = tuple(replace(chart, series=dict(chart.series)) for chart in now.charts)
    return Section(now.key, now.title, lines, now.tables, charts, sentences + own)


def number(month: Month, slug: str, revision: int = 1) -> str:
    """Return the number a report is known by, such as ``LAP-2026-10-muara-enim``."""
    base = f"LAP-{month}-{slug}"
    return base if revision == 1 else f"{base}-R{revision}"


def to_json(content: Content) -> dict[str, object]:
    """Turn a report into what JSON can hold; exact numbers stay text."""
    told: dict[str, object] = _plain(asdict(content))
    return told | {"month": str(content.month)}


def canonical(document: Mapping[str, object]) -> bytes:
    """Write JSON in one way only: the same report always has the same bytes."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def from_json(document: Mapping[str, Any]) -> Content:
    """Read a report back as it was issued."""
    return Content(
        kind=document["kind"],
        month=Month.parse(document["month"]),
        number=document["number"],
        place=Place(**document["place"]),
        sections=tuple(_section(told) for told in document["sections"]),
        revision=document["revision"],
        schema=document["schema"],
    )


def _line(key: str, told: Mapping[str, Figure], earlier: Mapping[str, Figure]) -> Line:
    figure, before = told[key], earlier.get(key)
    interval = _interval(key, told)
    change = compare(figure, before, interval, _interval(key, earlier))
    if figure.suppressed:
        return Line(hidden(figure))
    known = before is not None and not before.suppressed
    return Line(figure, before.value if before and known else None, change, interval)


def _is_end(key: str, told: Mapping[str, Figure]) -> bool:
    return any(key.endswith(end) and key.removesuffix(end) in told for end in ENDS)


def _interval(key: str, told: Mapping[str, Figure]) -> Interval | None:
    low, high = (told[key + end].value if key + end in told else None for end in ENDS)
    if isinstance(low, int | Decimal) and isinstance(high, int | Decimal):
        return Interval(low, high)
    return None


def _section(told: Mapping[str, Any]) -> Section:
    return Section(
        key=told["key"],
        title=told["title"],
        lines=tuple(
            Line(
                figure=_figure(line["figure"]),
                before=_value(line["before"]),
                change=Change(
                    Direction(line["change"]["direction"]),
                    _number(line["change"]["difference"]),
                ),
                interval=_ends(line["interval"]),
            )
            for line in told["lines"]
        ),
        tables=tuple(_table(table) for table in told["tables"]),
        charts=tuple(_chart(chart) for chart in told["charts"]),
        sentences=tuple(Sentence(**sentence) for sentence in told["sentences"]),
    )


def _figure(told: Mapping[str, Any]) -> Figure:
    known = {item.name for item in fields(Figure)}
    values = {name: told[name] for name in told if name in known}
    as_of = _value(told["as_of"])
    return Figure(
        **values
        | {"value": _value(told["value"]), "as_of": as_of if isinstance(as_of, date) else None}
    )


def _table(told: Mapping[str, Any]) -> Table:
    return Table(
        key=told["key"],
        label=told["label"],
        columns=tuple(told["columns"]),
        rows=tuple(tuple(_value(cell) for cell in row) for row in told["rows"]),
    )


def _chart(told: Mapping[str, Any]) -> Chart:
    series: Mapping[str, Sequence[float]] = dict(told["series"])
    return Chart(
        key=told["key"],
        label=told["label"],
        kind=told["kind"],
        labels=tuple(told["labels"]),
        series={name: tuple(row) for name, row in series.items()},
    )


def _plain(value: Any) -> Any:
    """Give JSON's own kinds; decimals and days are tagged, so that they come back as such."""
    match value:
        case Mapping():
            # A list of pairs, where order has a meaning: jsonb forgets the order of keys.
            pairs = [[name, list(row)] for name, row in value.get("series", {}).items()]
            told = {key: _plain(item) for key, item in value.items()}
            return told | {"series": pairs} if "series" in value else told
        case list() | tuple():
            return [_plain(item) for item in value]
        case Decimal():
            return {"decimal": str(value)}
        case date():
            return {"day": value.isoformat()}
    return value


def _value(told: Any) -> Value:
    match told:
        case {"decimal": text}:
            return Decimal(text)
        case {"day": text}:
            return date.fromisoformat(text)
        case int() | str():
            return told
        case _:
            return None


def _number(told: Any) -> int | Decimal | None:
    value = _value(told)
    return value if isinstance(value, int | Decimal) else None


def _ends(told: Any) -> Interval | None:
    low, high = (_number(told[end]) for end in ("low", "high")) if told else (None, None)
    return Interval(low, high) if low is not None and high is not None else None
