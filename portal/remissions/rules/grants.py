"""What remission would be granted on a day: number of the grant, days served, amount.

Sources: Keppres 174/1999 Pasal 4, 5, 7 and Keppres 120/1955, through the tables and parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.law import Certainty
from portal.remissions.rules.facts import Event, Remission, RemissionType
from portal.remissions.rules.found import Found, Rows, found
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.sentence import Term
from portal.remissions.rules.tenor import days_between, rounded, scale_days
from portal.remissions.rules.trace import Recorder, Step

ASKED = (RemissionType.GENERAL, RemissionType.RELIGIOUS, RemissionType.DECENNIAL)


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer for one day; ``days`` is ``None`` if it cannot be said, and ``missing`` why."""

    type: RemissionType
    event_date: date
    served_days: int | None
    grant_number: int | None  # None: nothing is granted, no number is used up
    days: int | None
    uncapped_days: int | None = None
    missing: tuple[str, ...] = ()
    reason: str = ""
    final: bool | None = None  # kind II: the remission uses up the sentence
    rests: Rows = ()
    near: int | None = None  # the threshold of days served that lies close by

    @property
    def certainty(self) -> Certainty:
        """Return the weakest among the rows that took effect."""
        return Found(0, self.rests).certainty


def next_number(earlier: Sequence[Remission], event: Event) -> int:
    """Return the number the grant would have: those of its type before, and one.

    Source: ``remission.ordinal``; a number that staff have set is counted on from.
    """
    number = 0
    for remission in sorted(earlier, key=lambda each: each.event_date):
        if (
            remission.type is event.type
            and remission.days
            and remission.event_date < event.event_date
        ):
            number = remission.grant_number or number + 1
    return number + 1


def by_table(event: Event, start: date, number: int, law: Ruleset, rec: Recorder) -> Grant:
    """Return a general or religious remission by its table.

    :raise NotInForce: if the day lies before the decree.
    """
    day = event.event_date
    name = f"remission.{event.type.value}"
    table = law.table(name, day)
    served = days_between(start, day)
    line = table.look_up(number, max(served, 0))
    rows: Rows = ((name, table.row), *_counted(law, day))
    days = line.value
    if table.unit == "months":
        rows = (*rows, ("remission.month", law.row("remission.month", day)))
        days *= law.whole("remission.month", day)
    edge = law.whole("remission.edge_days", day)
    near = next((at for at in table.thresholds_of(number) if abs(served - at) <= edge), None)
    inputs = (
        ("event_date", day, "events"),
        ("served_days", served, "start_date"),
        ("grant_number", number, "remissions"),
    )
    reason = "" if days else "served_too_short"
    got = found(rec, Step(name, rows, inputs, days, reason))
    granted = number if days else None
    return Grant(event.type, day, served, granted, days, None, (), reason, None, got.rests, near)


def decennial(event: Event, term: Term, number: int, law: Ruleset, rec: Recorder) -> Grant:
    """Return a ten-year remission: a twelfth of the sentence, within its bounds.

    :raise NotInForce: if the day lies before the decree.
    """
    day = event.event_date
    how = law.piece(day).convention
    exact = scale_days(term.tenor, how) * law.fraction("decennial.share", day)
    uncapped = rounded(exact, str(law.row("decennial.rounding", day).value))
    least, most = law.whole("decennial.min_days", day), law.whole("decennial.max_days", day)
    days = min(max(uncapped, least), most)
    names = ["decennial.share"]
    names += ["decennial.rounding"] if exact.denominator != 1 else []
    names += ["decennial.max_days"] if uncapped > most else []
    names += ["decennial.min_days"] if uncapped < least else []
    rows = tuple((name, law.row(name, day)) for name in names)
    inputs = (("sentence", term.tenor, "sentence"), ("event_date", day, "events"))
    got = found(rec, Step("remission.decennial", rows, inputs, days))
    served = days_between(term.start, day)
    return Grant(event.type, day, served, number, days, uncapped, rests=got.rests)


def _counted(law: Ruleset, day: date) -> Rows:
    return tuple((name, law.row(name, day)) for name in ("remission.served", "remission.ordinal"))
