"""Dates of one sentence: expiry, the three fractions, what follows the expiry, credit.

Sources stand in the rows named by ``count.*``, ``fraction.*``, ``detention.*``, ``substitute.*``.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from portal.remissions.rules.facts import Substitute
from portal.remissions.rules.found import Found, Rows, found, joined
from portal.remissions.rules.ruleset import Piece, Ruleset
from portal.remissions.rules.tenor import (
    Tenor,
    add,
    hits_leap_day,
    later,
    norm,
    part,
    rounded,
    scale_days,
    total,
)
from portal.remissions.rules.trace import Plain, Recorder, Step

FRACTIONS = ("one_third", "half", "two_thirds")


@dataclass(frozen=True, slots=True)
class Term:
    """One chain of sentences from its first day, all parts known."""

    start: date
    sentences: tuple[Tenor, ...]
    tenor: Tenor = field(init=False)  # as one length: added, then converted when it is counted

    def __post_init__(self) -> None:
        object.__setattr__(self, "tenor", total(self.sentences))


@dataclass(frozen=True, slots=True)
class Deduction:
    """What moves the net dates, in days; the credit with the rows it rests on."""

    credit_days: int
    days_outside: int
    remission_days: int
    credit_rests: Rows = ()

    @property
    def days(self) -> int:
        """Return by how many days the net dates lie before the gross ones."""
        return self.credit_days - self.days_outside + self.remission_days


def expiry_gross(term: Term, law: Ruleset, rec: Recorder) -> Found:
    """Return the day after the last of the bare sentence: the anniversary itself."""
    piece, day = _settled(law, lambda at: add(term.start, term.tenor, at.convention))
    names = [*_counting(term, term.tenor, piece), "count.expiry_day"]
    inputs = (_start(term), _tenor(term))
    return found(rec, Step("sentence.expiry_gross", _rows(piece, names), inputs, day))


def fraction_gross(term: Term, name: str, law: Ruleset, rec: Recorder) -> Found:
    """Return the day a fraction of the full sentence is reached, before any deduction."""
    piece, day = _settled(law, lambda at: _fraction_day(term, name, at))
    inputs = (_start(term), _tenor(term))
    rows = _rows(piece, _fraction_names(term, name, piece))
    return found(rec, Step(f"sentence.{name}_gross", rows, inputs, day))


def expiry_net(term: Term, deduction: Deduction, law: Ruleset, rec: Recorder) -> Found:
    """Return the gross expiry less credit and remission, plus days outside."""
    piece, day = _settled(
        law, lambda at: later(add(term.start, term.tenor, at.convention), -deduction.days)
    )
    names = [*_counting(term, term.tenor, piece), "count.expiry_day"]
    rows = joined(_rows(piece, names), deduction.credit_rests, _moved(deduction, law, day))
    gross = add(term.start, term.tenor, piece.convention)
    inputs = (("expiry_gross", gross, ""), *_deducted(deduction))
    return found(rec, Step("sentence.expiry_net", rows, inputs, day))


def fraction_net(term: Term, name: str, deduction: Deduction, law: Ruleset, rec: Recorder) -> Found:
    """Return the day a fraction of the full sentence is reached, remission counted as served.

    The fraction is taken of the FULL sentence; credit and remission are then deducted in full.
    """
    piece, day = _settled(law, lambda at: later(_fraction_day(term, name, at), -deduction.days))
    names = _fraction_names(term, name, piece)
    if deduction.days:
        names.append("count.order")
    rows = joined(_rows(piece, names), deduction.credit_rests, _moved(deduction, law, day))
    inputs = ((f"{name}_gross", _fraction_day(term, name, piece), ""), *_deducted(deduction))
    return found(rec, Step(f"sentence.{name}", rows, inputs, day))


def net_days(term: Term, deduction: Deduction, law: Ruleset) -> tuple[date, date]:
    """Return the net expiry and the day of two thirds, without their reasons."""
    less = -deduction.days
    _, expiry = _settled(law, lambda at: later(add(term.start, term.tenor, at.convention), less))
    _, two_thirds = _settled(law, lambda at: later(_fraction_day(term, "two_thirds", at), less))
    return expiry, two_thirds


def custody_end(net: Found, substitute: Substitute, law: Ruleset, rec: Recorder) -> Found:
    """Return the day custody ends: the net expiry, or the end of an unpaid substitute term."""
    if substitute.paid or substitute.tenor == Tenor():
        branch = "paid" if substitute.tenor != Tenor() else "no_substitute"
        step = Step("sentence.custody_end", (), (("expiry_net", net.day, ""),), net.day, branch)
        return found(rec, step, net.rests)
    piece = law.piece(net.day)
    day = add(net.day, substitute.tenor, piece.convention)
    names = _counting(Term(net.day, (substitute.tenor,)), substitute.tenor, piece)
    rows = joined((("substitute.place", law.row("substitute.place", day)),), _rows(piece, names))
    inputs = (("expiry_net", net.day, ""), ("substitute", substitute.tenor, "substitute"))
    return found(rec, Step("sentence.custody_end", rows, inputs, day, "unpaid"), net.rests)


def arrest_credit(kind: str, days: int, law: Ruleset, rec: Recorder) -> Found:
    """Return the days credited for ``house`` or ``city`` arrest, each by itself.

    The short form does not say when the days were, so all rows must agree.

    :raise Ambiguous: if they do not, or if the rounding is not stated.
    """
    share, rows = law.any_day(f"detention.credit.{kind}")
    rounding = law.params["detention.credit.rounding"].rows[-1]
    exact = days * share
    if exact.denominator != 1:
        rows = (*rows, ("detention.credit.rounding", rounding))
    name = f"{kind}_arrest_days"
    credit = rounded(exact, str(rounding.value))
    return found(rec, Step(f"detention.credit.{kind}", rows, ((name, days, name),), credit))


def two_thirds_scale_days(term: Term, law: Ruleset, day: date) -> int:
    """Return two thirds of the full sentence in days of the 360 scale, before any deduction."""
    piece = law.piece(day)
    return scale_days(
        part(term.tenor, piece.fraction("two_thirds"), piece.convention), piece.convention
    )


def _settled(law: Ruleset, due: Callable[[Piece], date]) -> tuple[Piece, date]:
    """Return the first stretch of law under which the day falls into that stretch.

    A milder law is met on its first day. The day is never solved for.
    """
    first, *others = law.pieces
    piece, day = first, due(first)
    for following in others:
        if day < piece.until:
            break
        piece = following
        if not piece.like_the_last:
            day = due(piece)
    return piece, max(day, piece.since)


def _fraction_day(term: Term, name: str, piece: Piece) -> date:
    share = part(term.tenor, piece.fraction(name), piece.convention)
    return add(term.start, share, piece.convention)


def _fraction_names(term: Term, name: str, piece: Piece) -> list[str]:
    how, fraction = piece.convention, piece.fraction(name)
    names = [f"fraction.{name}", *_counting(term, part(term.tenor, fraction, how), piece)]
    if (scale_days(term.tenor, how) * fraction).denominator != 1:
        names.append("count.rounding")
    return names


def _counting(term: Term, length: Tenor, piece: Piece) -> list[str]:
    whole = norm(length, piece.convention)
    names = []
    if whole.months:
        names.append("count.month")
    if whole.years:
        names.append("count.year")
        if hits_leap_day(term.start, whole.years):
            names.append("count.leap_day")
    if norm(term.tenor, piece.convention).years > term.tenor.years:
        names.append("count.months_of_year")
    if len(term.sentences) > 1:
        names.append("count.consecutive")
    return names


def _moved(deduction: Deduction, law: Ruleset, day: date) -> Rows:
    names = []
    if deduction.credit_days:
        names.append("detention.credit.in_gross")
    if deduction.days_outside:
        names.append("detention.days_outside")
    return tuple((name, law.row(name, day)) for name in names)


def _rows(piece: Piece, names: list[str]) -> Rows:
    return tuple((name, piece.rows[name]) for name in names)


def _start(term: Term) -> tuple[str, Plain, str]:
    return ("start_date", term.start, "start_date")


def _tenor(term: Term) -> tuple[str, Plain, str]:
    path = "sentences" if len(term.sentences) > 1 else "sentence"
    return ("sentence", term.tenor, path)


def _deducted(deduction: Deduction) -> tuple[tuple[str, Plain, str], ...]:
    return (
        ("credit_days", deduction.credit_days, "credit_days"),
        ("days_outside", deduction.days_outside, "days_outside"),
        ("remission_days", deduction.remission_days, "remission_days"),
    )
