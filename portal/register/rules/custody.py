"""Who counts as being in custody, and the two rates of crowding that must never be mixed."""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction


class Custody(StrEnum):
    """Why a person is held: on remand, or under a sentence."""

    DETAINEE = "detainee"
    SENTENCED = "sentenced"


class Sex(StrEnum):
    """As the register writes it."""

    MALE = "male"
    FEMALE = "female"


class Evidence(StrEnum):
    """How well a fact is known; travels with the fact to every reader."""

    VERIFIED = "verified"
    SECONDARY = "secondary"
    UNVERIFIED = "unverified"


def occupancy(population: int, capacity: int) -> Fraction:
    """Return population / capacity as a share of 1: 1,209 in 486 places is 2.49.

    :raise ValueError: if there is no capacity to divide by.
    """
    if capacity <= 0:
        raise ValueError("occupancy needs a capacity above 0")
    return Fraction(population, capacity)


def excess(population: int, capacity: int) -> Fraction:
    """Return (population - capacity) / capacity as a share of 1: 1,209 in 486 places is 1.49.

    :raise ValueError: if there is no capacity to divide by.
    """
    return occupancy(population, capacity) - 1
