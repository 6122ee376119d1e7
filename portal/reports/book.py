"""The workbook of a report: every figure as a number, with what is needed to trust it."""

from __future__ import annotations

from portal.domain.figures import Value
from portal.kernel.sheets import Cell, Sheet, workbook
from portal.kernel.text import _, said
from portal.reports.rules.content import Content, Line
from portal.reports.rules.periods import ended_at
from portal.reports.rules.suppression import HIDDEN
from portal.reports.words import SHORT_CHANGES, ReportWords, value_words

WIDTHS = (26, 6, 36, 12, 12, 12, 12, 18, 12, 12, 12, 12, 44, 30, 12, 30)


def make_book(content: Content, words: ReportWords) -> bytes:
    """Write a report as XLSX; its only time is the end of the month."""
    return workbook(
        [_about(content, words), _figures(content, words), *_tables(content, words)],
        ended_at(content.month, content.place.time_zone),
    )


def _about(content: Content, words: ReportWords) -> Sheet:
    rows: list[tuple[Cell, ...]] = [
        (_("Report"), words.title),
        (_("Office"), content.place.name),
        (_("Report number"), content.number),
        (_("Status"), _("Provisional figures")),
        (_("First day"), content.month.first),
        (_("Last day"), content.month.last),
        ("<5", _("Groups of fewer than five people are hidden, so that nobody is recognised.")),
    ]
    return Sheet(_("Report"), (_("What"), _("Value")), rows, (20, 70))


def _figures(content: Content, words: ReportWords) -> Sheet:
    headings = (
        _("Section"),
        _("No."),
        _("Figure"),
        _("This month"),
        _("Unit"),
        _("Last month"),
        _("Difference"),
        _("Change since last month"),
        _("Numerator"),
        _("Denominator"),
        _("95 percent interval, from"),
        _("95 percent interval, to"),
        _("Definition"),
        _("Source"),
        _("As of"),
        _("Note"),
    )
    rows = [
        (said_.title, figure.number, *_row(line))
        for section, said_ in zip(content.sections, words.sections, strict=True)
        for line, figure in zip(section.lines, said_.figures, strict=True)
    ]
    return Sheet(_("Figures"), headings, rows, WIDTHS)


def _row(line: Line) -> tuple[Cell, ...]:
    figure = line.figure
    change = SHORT_CHANGES[line.change.direction]
    return (
        _words(figure.label),
        HIDDEN if figure.suppressed else _cell(figure.value),
        _words(figure.unit),
        _cell(line.before),
        line.change.difference,
        said(change, difference="").strip() if change else "",
        figure.numerator,
        figure.denominator,
        line.interval.low if line.interval else None,
        line.interval.high if line.interval else None,
        _words(figure.definition),
        _words(figure.source),
        figure.as_of,
        _words(figure.note),
    )


def _tables(content: Content, words: ReportWords) -> list[Sheet]:
    return [
        Sheet(
            told.label,
            told.columns,
            [tuple(map(_cell, row)) for row in table.rows],
            tuple(
                max(8, min(60, max(map(len, column)) + 2))
                for column in zip(told.columns, *told.rows, strict=True)
            ),
        )
        for section, said_ in zip(content.sections, words.sections, strict=True)
        for table, told in zip(section.tables, said_.tables, strict=True)
    ]


def _cell(value: Value) -> Cell:
    """Keep numbers and days as they are; put texts into words."""
    return value_words(value) if isinstance(value, str) else value


def _words(text: str) -> str:
    return said(text) if text else ""
