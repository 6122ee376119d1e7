"""The few finite unknowns become possible worlds; each is calculated, and what agrees holds."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from portal.remissions.rules.facts import Category, Facts
from portal.remissions.rules.tenor import Tenor

PAID = "substitute.paid"
CATEGORY = "remission_category"


@dataclass(frozen=True, slots=True)
class World:
    """Facts in which the finite unknowns were chosen; ``chosen`` names what was, and how."""

    facts: Facts
    chosen: tuple[tuple[str, object], ...]


def worlds(facts: Facts) -> tuple[World, ...]:
    """Return every possible world of the facts: one, if nothing finite is unknown; at most six."""
    options = [[(name, value) for value in values] for name, values in _open(facts)]
    return tuple(World(_choose(facts, dict(chosen)), chosen) for chosen in product(*options))


def _open(facts: Facts) -> Iterator[tuple[str, tuple[object, ...]]]:
    term = facts.substitute
    if term is not None and term.paid is None and term.tenor != Tenor():
        yield PAID, (True, False)
    if facts.category is None:
        yield CATEGORY, tuple(Category)


def _choose(facts: Facts, chosen: dict[str, object]) -> Facts:
    if CATEGORY in chosen:
        facts = replace(facts, category=Category(str(chosen[CATEGORY])))
    if PAID in chosen and facts.substitute is not None:
        facts = replace(facts, substitute=replace(facts.substitute, paid=bool(chosen[PAID])))
    return facts
