"""One case from plain facts, or one that is stored: the same engine, nothing written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from portal.remissions.rules import case, engine, plain, records, ruleset
from portal.remissions.rules.case import Unfit
from portal.remissions.rules.engine import Result
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.trace import NULL, Recorder

__all__ = ["Result", "Unfit", "answer", "calculate", "calculate_plain", "explain", "law", "told"]


@cache
def law() -> Ruleset:
    """Return the rule-set in force; it is read once."""
    return ruleset.load()


def calculate(text: str, *, on: date | None = None, trace: bool = False) -> Result:
    """Calculate one case from JSON text; nothing is stored.

    :raise Unfit: naming every path that does not fit.
    """
    asked = case.parse(text, law())
    return answer(asked if on is None else case.at(asked, on), trace=trace)


def calculate_plain(facts: Mapping[str, object], *, on: date) -> Result:
    """Calculate one case from plain values, with every step; nothing is stored.

    :raise Unfit: naming every path that does not fit.
    """
    return answer(case.at(case.read(dict(facts), law()), on), trace=True)


def explain(sentence: records.Sentence, on: date) -> Result:
    """Calculate a stored sentence again, with every step."""
    return answer(records.case_of(sentence, on), trace=True)


def told(result: Result, *, trace: bool = False) -> plain.Json:
    """Return a result in plain values, in the format ``remissions.result/1``."""
    return plain.plain(result, law(), trace=trace)


def answer(asked: case.Case, *, trace: bool) -> Result:
    """Calculate a case that was read already."""
    return engine.calculate(asked, law(), Recorder() if trace else NULL)
