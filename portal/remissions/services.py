"""What can be done with sentences and their dates."""

from datetime import date
from functools import cache

from portal.remissions.rules import case, engine, plain, ruleset
from portal.remissions.rules.case import Unfit
from portal.remissions.rules.engine import Result
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.trace import NULL, Recorder

__all__ = ["Result", "Unfit", "calculate", "law", "told"]


@cache
def law() -> Ruleset:
    """Return the rule-set in force; it is read once."""
    return ruleset.load()


def calculate(text: str, *, on: date | None = None, trace: bool = False) -> Result:
    """Calculate one case from JSON text; nothing is stored.

    :raise Unfit: naming every path that does not fit.
    """
    asked = case.parse(text, law())
    if on is not None:
        asked = case.at(asked, on)
    return engine.calculate(asked, law(), Recorder() if trace else NULL)


def told(result: Result, *, trace: bool = False) -> plain.Json:
    """Return a result in plain values, in the format ``remissions.result/1``."""
    return plain.plain(result, law(), trace=trace)
