"""States and kinds that rows carry, and how a stored sentence becomes facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.remissions.rules.case import Case
from portal.remissions.rules.engine import Result
from portal.remissions.rules.facts import Category, Facts, Substitute
from portal.remissions.rules.tenor import Tenor, days_between


class ImportState(StrEnum):
    """How far an import came."""

    DRY_RUN = "dry_run"
    APPLIED = "applied"
    REFUSED = "refused"


class Quality(StrEnum):
    """What a projection could say."""

    COMPUTED = "computed"
    INTERVAL = "interval"  # some date depends on a fact that is not known
    UNKNOWN = "unknown"  # the net expiry cannot be said


class Source(StrEnum):
    """Where a milestone's day comes from."""

    COMPUTED = "computed"
    OVERRIDDEN = "overridden"
    IMPORTED = "imported"


class View(StrEnum):
    """Which persons a list shows."""

    ALL = "all"
    OVERDUE = "overdue"  # the end of custody has passed
    REACHED = "reached"  # two thirds served
    SOON = "soon"  # two thirds within 90 days
    INCOMPLETE = "incomplete"  # some date is open


class Comparison(StrEnum):
    """How an imported date of the register stands to ours."""

    SAME = "same"
    SAME_GROSS = "same_gross"  # the register shows the date before credit and remission
    DIFFERENT = "different"
    NOT_COMPARABLE = "not_comparable"


COMPARED: tuple[str, ...] = ("expiry", "one_third", "half", "two_thirds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A person's sentence as it is stored; ``None``: the register does not say."""

    years: int | None
    months: int | None
    days: int | None
    start_date: date | None
    credit_days: int
    days_outside: int
    remission_days: int | None
    last_remission_days: int | None
    substitute_months: int | None
    substitute_days: int
    substitute_paid: bool | None
    category: Category | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One date of the register beside ours."""

    kind: str
    register: date
    ours: date | None
    gross: date | None
    outcome: Comparison

    @property
    def difference(self) -> int | None:
        """Return by how many days ours is later; ``None`` if there is none of ours."""
        return None if self.ours is None else days_between(self.register, self.ours)


def case_of(row: Sentence, on: date | None = None) -> Case:
    """Return the question a stored sentence asks.

    The export holds neither credited detention nor days outside: they count as none, and the
    result says so.
    """
    terms = None
    if row.years is not None and row.months is not None and row.days is not None:
        terms = (Tenor(row.years, row.months, row.days),)
    substitute = None
    if row.substitute_months is not None:
        term = Tenor(months=row.substitute_months, days=row.substitute_days)
        substitute = Substitute(term, row.substitute_paid)
    last = 0 if row.remission_days == 0 else row.last_remission_days
    facts = Facts(
        start_date=row.start_date,
        sentences=None if terms == (Tenor(),) else terms,
        credit_days=row.credit_days,
        days_outside=row.days_outside,
        remission_days=row.remission_days,
        remissions=None,
        last_remission_days=last,
        substitute=substitute,
        category=row.category,
    )
    assumed = [(name, 0) for name in ("credit_days", "days_outside") if not getattr(row, name)]
    return Case(facts=facts, on=on, assumes=tuple(assumed))


def quality(result: Result) -> Quality:
    """Return what the dates are worth: an open expiry makes the whole unknown."""
    net = result.milestone("expiry_net")
    if net is None or net.due is None:
        return Quality.UNKNOWN
    open_dates = any(each.due_lo is not None for each in result.milestones)
    return Quality.INTERVAL if open_dates else Quality.COMPUTED


def compare(result: Result, register: Mapping[str, date | None]) -> tuple[Compared, ...]:
    """Put each date of the register beside ours; those the register lacks are left out."""
    return tuple(
        _compared(result, kind, day) for kind in COMPARED if (day := register.get(kind)) is not None
    )


def _compared(result: Result, kind: str, register: date) -> Compared:
    names = ("expiry_net", "expiry_gross") if kind == "expiry" else (kind, f"{kind}_gross")
    ours, gross = (each.due if (each := result.milestone(name)) else None for name in names)
    outcome = Comparison.DIFFERENT
    if ours is None:
        outcome = Comparison.NOT_COMPARABLE
    elif register == ours:
        outcome = Comparison.SAME
    elif register == gross:
        outcome = Comparison.SAME_GROSS
    return Compared(kind, register, ours, gross, outcome)


def stops(different: int, comparable: int, percent: int) -> bool:
    """Tell whether so many differing persons stop an import (decision 16)."""
    return different * 100 > comparable * percent
