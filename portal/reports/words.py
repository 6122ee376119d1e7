"""An issued report in words: labels, numbers and changes as its readers write them.

Page, PDF and workbook are made of this, so that they cannot differ.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from babel.dates import format_date

from portal.domain.figures import Chart, Figure, Table, Value
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import charts
from portal.kernel.text import _, current_language, day, number, said
from portal.reports.rules.change import Change, Direction
from portal.reports.rules.content import Content, Line, Section
from portal.reports.rules.sentences import Sentence
from portal.reports.rules.suppression import HIDDEN
from portal.reports.rules.targets import WORDS, Applicable

UNKNOWN = "–"
MAIN_NUMBERS = 6
PERCENT = "%"

CHANGES: Mapping[Direction, str] = {
    Direction.UP: message("Up %(difference)s from last month"),
    Direction.DOWN: message("Down %(difference)s from last month"),
    Direction.SAME: message("Same as last month"),
    Direction.UNCLEAR: message("Not clearly different from last month"),
    Direction.UNKNOWN: message("No comparison"),
}
SHORT_CHANGES: Mapping[Direction, str] = {
    Direction.UP: message("Up %(difference)s"),
    Direction.DOWN: message("Down %(difference)s"),
    Direction.SAME: message("Same"),
    Direction.UNCLEAR: message("Not clearly different"),
    Direction.UNKNOWN: UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class FigureWords:
    """A figure as it is read; ``basis`` is where it comes from and what day it stands for."""

    number: str
    label: str
    value: str
    unit: str
    before: str
    change: str
    short_change: str
    definition: str
    basis: str


@dataclass(frozen=True, slots=True)
class ChartWords:
    """A chart: its caption, its values in words, and what draws it."""

    key: str
    label: str
    description: str
    draw: Callable[[bool], str]


@dataclass(frozen=True, slots=True)
class TableWords:
    """A table as it is read; ``numbers`` tells which columns hold numbers, ``muted`` which rows."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[bool, ...]
    muted: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class SectionWords:
    """One module's part as it is read."""

    key: str
    title: str
    figures: tuple[FigureWords, ...]
    charts: tuple[ChartWords, ...]
    tables: tuple[TableWords, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportWords:
    """A whole report as it is read."""

    title: str
    month: str
    main: tuple[FigureWords, ...]
    sections: tuple[SectionWords, ...]


def in_words(content: Content) -> ReportWords:
    """Put a report into the words of the reader's language."""
    sections = tuple(_section(place, section) for place, section in enumerate(content.sections, 1))
    return ReportWords(
        title=_("Monthly report %(month)s", month=month_words(content.month)),
        month=month_words(content.month),
        main=tuple(itertools.islice(_main(content, sections), MAIN_NUMBERS)),
        sections=sections,
    )


def failure_letter(place: str, month: Month, code: str, step: str) -> tuple[str, str]:
    """Write subject and body of the mail about a report that could not be made."""
    subject = _(
        "Report %(month)s of %(place)s is not ready: %(code)s",
        month=month_words(month),
        place=place,
        code=code,
    )
    body = _(
        "The report was tried three times. It stopped at: %(step)s.\n"
        "Other reports can still be opened. Open the report and choose Try again.\n"
        "If it stops again, tell the administrator the code %(code)s.",
        step=said(step) if step else UNKNOWN,
        code=code,
    )
    return subject, body


def month_words(month: Month) -> str:
    """Write a month: ``Oktober 2026``."""
    return str(format_date(month.first, "MMMM y", locale=current_language()))


def value_words(value: Value) -> str:
    """Write a value: numbers and days as people do, texts by the catalogue."""
    match value:
        case None:
            return UNKNOWN
        case Decimal():
            exponent = value.as_tuple().exponent
            return number(value, max(0, -exponent) if isinstance(exponent, int) else None)
        case int():
            return number(value)
        case date():
            return day(value)
    return said(value) if value else ""


def change_words(change: Change, unit: str, texts: Mapping[Direction, str] = CHANGES) -> str:
    """Say what became of a figure; shares change by points, not by percent."""
    text = texts[change.direction]
    if text is UNKNOWN:
        return UNKNOWN
    if change.difference is None or change.direction not in {Direction.UP, Direction.DOWN}:
        return said(text)
    size = change.difference if change.difference > 0 else -change.difference
    difference = value_words(size)
    if unit == PERCENT:
        difference = _("%(number)s points", number=difference)
    return said(text, difference=difference)


def _main(content: Content, sections: Sequence[SectionWords]) -> Iterator[FigureWords]:
    """Give the first figures of all sections, then the second ones: no room stands before another.

    What is not known is no main number.
    """
    for row in itertools.zip_longest(
        *(
            [
                words
                for line, words in zip(section.lines, said_.figures, strict=True)
                if line.figure.value is not None or line.figure.suppressed
            ]
            for section, said_ in zip(content.sections, sections, strict=True)
        )
    ):
        yield from (words for words in row if words is not None)


def _section(place: int, section: Section) -> SectionWords:
    figures = tuple(
        _figure(f"{place}.{index}", line) for index, line in enumerate(section.lines, 1)
    )
    by_key = {line.figure.key: line for line in section.lines}
    return SectionWords(
        key=section.key,
        title=said(section.title),
        figures=figures,
        charts=tuple(_chart(section.key, chart) for chart in section.charts),
        tables=tuple(_table(table) for table in section.tables),
        sentences=tuple(_sentence(sentence, by_key) for sentence in section.sentences),
    )


def _figure(place: str, line: Line) -> FigureWords:
    figure = line.figure
    value, unit = _with_unit(figure.value, figure)
    before, _unit = _with_unit(line.before, figure)
    return FigureWords(
        number=place,
        label=said(figure.label),
        value=HIDDEN if figure.suppressed else value,
        unit=unit,
        before=before,
        change=change_words(line.change, figure.unit),
        short_change=change_words(line.change, figure.unit, SHORT_CHANGES),
        definition=said(figure.definition) if figure.definition else "",
        basis=" · ".join(_basis(line)),
    )


def _with_unit(value: Value, figure: Figure) -> tuple[str, str]:
    """Write the value and the unit beside it; a percent sign belongs to the number itself."""
    words = value_words(value)
    if figure.unit == PERCENT:
        return (words if value is None else f"{words}%"), ""
    return words, said(figure.unit) if figure.unit else ""


def _basis(line: Line) -> Iterator[str]:
    figure = line.figure
    if line.interval:
        ends = {"low": value_words(line.interval.low), "high": value_words(line.interval.high)}
        yield said(message("Between %(low)s and %(high)s, 95 times of 100"), **ends)
    if figure.numerator is not None and figure.denominator is not None:
        share = figure.numerator <= figure.denominator
        text = message("%(part)s of %(whole)s") if share else message("%(part)s against %(whole)s")
        yield said(text, part=number(figure.numerator), whole=number(figure.denominator))
    if figure.as_of:
        yield _("As of %(day)s", day=day(figure.as_of))
    if figure.source:
        yield _("Source: %(source)s", source=said(figure.source))
    if figure.note:
        yield said(figure.note)


def _sentence(sentence: Sentence, lines: Mapping[str, Line]) -> str:
    line = lines.get(sentence.figure)
    if line is None:
        return said(sentence.text)
    figure = line.figure
    now, unit = _with_unit(figure.value, figure)
    before, _unit = _with_unit(line.before, figure)
    return said(
        sentence.text,
        label=said(figure.label),
        now=f"{now} {unit}".strip(),
        before=f"{before} {unit}".strip(),
    )


def _chart(section: str, chart: Chart) -> ChartWords:
    label = said(chart.label)
    labels = [said(one) if one else "" for one in chart.labels]
    series = {said(name) if name else label: row for name, row in chart.series.items()}
    description = _chart_description(labels, series)
    key = f"{section}-{chart.key}"

    def draw(headed: bool) -> str:  # noqa: FBT001  handed on as it is
        caption = charts.Caption(key, label, description, _("No data yet"), headed)
        return (charts.lines if chart.kind == "lines" else charts.bars)(labels, series, caption)

    return ChartWords(key, label, description, draw)


def _chart_description(labels: Sequence[str], series: Mapping[str, Sequence[float]]) -> str:
    """Say every value of a chart, for those who hear it."""
    told = []
    for name, row in series.items():
        pairs = zip(labels, row, strict=False)
        values = "; ".join(f"{label} {_number(value)}" for label, value in pairs)
        told.append(f"{name}: {values}.")
    return " ".join(told) or _("No data yet")


def _number(value: float) -> str:
    return number(round(Decimal(str(value)), 2)) if value == value else UNKNOWN  # noqa: PLR0124  NaN


def _table(table: Table) -> TableWords:
    columns = list(zip(*table.rows, strict=True)) or [() for _column in table.columns]
    not_here = WORDS[Applicable.NO]
    return TableWords(
        label=said(table.label),
        columns=tuple(said(column) if column else "" for column in table.columns),
        rows=tuple(tuple(value_words(cell) for cell in row) for row in table.rows),
        numbers=tuple(
            bool(column) and all(cell is None or isinstance(cell, int | Decimal) for cell in column)
            for column in columns
        ),
        muted=tuple(not_here in row for row in table.rows),
    )
