"""What an import leaves empty: a known value is never emptied, and the file's reader is told."""

from collections.abc import Collection, Mapping, Sequence

from portal.remissions.rules.sdp import Record
from portal.remissions.rules.sdp_columns import COLUMNS, MOST_PROBLEMS, STAYS, Problem, Weight


def kept(row: object, record: Record, values: Mapping[str, object]) -> dict[str, object]:
    """Return what ``row``, the sentence stored, knows and the file leaves empty."""
    empty = {name for name, value in values.items() if value in (None, "")}
    if record.substitute_months is None:
        empty.add("substitute_months")
    return {
        name: value
        for name in values
        if name in empty and (value := getattr(row, name, None)) not in (None, "", values[name])
    }


def stays(row: int, kept: Collection[str], missing: Collection[str]) -> list[Problem]:
    """Say of each cell that is empty what stays; a column that is missing is told once, elsewhere.

    Days of remission stand in two columns and the sentence in three: the first is named.
    """
    names = {"remission_days": "remission_months"} | dict.fromkeys(("months", "days"), "years")
    columns = (COLUMNS[names.get(name, name.removeprefix("register_"))][0] for name in kept)
    return [
        Problem(row, column, STAYS, (), Weight.WARNING)
        for column in dict.fromkeys(columns)
        if column not in missing
    ]


def merged(own: Sequence[Problem], found: Sequence[Problem]) -> tuple[Problem, ...]:
    """Put what the comparison says beside the file's own problems, row by row.

    What the portal knows is not missing: the file's warning about that cell goes.
    """
    known = {(each.row, each.column) for each in found if each.text == STAYS}
    left = [
        each for each in own if each.weight is Weight.ERROR or (each.row, each.column) not in known
    ]
    first = sorted((*left, *found), key=lambda each: each.weight is Weight.WARNING)[:MOST_PROBLEMS]
    return tuple(sorted(first, key=lambda each: each.row))
