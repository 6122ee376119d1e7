"""Invented people for the demo: at least one of each task, none with a password.

Surnames are trees, so that nobody takes them for real.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from portal.accounts.services import demo as services
from portal.accounts.services.demo import Extra
from portal.domain.actor import PORTAL, Role

GIVEN = (
    "Arif", "Bayu", "Citra", "Dewi", "Eka", "Fajar", "Gita", "Hadi", "Indah", "Joko", "Kartika",
    "Lestari", "Made", "Nanda", "Oki", "Putri", "Rahmat", "Sari", "Tono", "Wulan", "Yoga", "Zainal",
)  # fmt: skip
TREES = (
    "Meranti", "Cendana", "Trembesi", "Gaharu", "Damar", "Ulin", "Beringin", "Kenanga", "Sengon",
    "Pinus", "Mahoni", "Jati", "Sungkai", "Bungur", "Ketapang", "Kemiri", "Asam", "Waru", "Randu",
)  # fmt: skip
SEVERAL = {Role.BLOCK_OFFICER: 4, Role.CASE_WORKER: 2, Role.PRESS_EDITOR: 2, Role.ADMINISTRATOR: 2}


def demo(facility_id: int, random: Random, today: date) -> None:
    """Load the people of one facility; ``today`` is not needed, they are there from the start."""
    del today
    services.load(PORTAL, facility_id, tuple(_people(random)))


def _people(random: Random) -> Iterator[Extra]:
    names = [f"{given} {tree}" for given in GIVEN for tree in TREES]
    random.shuffle(names)
    for role in Role:
        if role is Role.KIOSK:
            continue
        for number in range(1, SEVERAL.get(role, 1) + 1):
            yield Extra(names.pop(), role, number)
