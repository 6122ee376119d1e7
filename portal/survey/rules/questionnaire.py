"""The questionnaires and their bands, as dated data with stable codes."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


class Order(StrEnum):
    """What the places of a list of nine values mean."""

    LIST = "list"  # as the rule lists its elements: pengaduan is 8, sarana 9
    FORM = "form"  # as the printed form asks: sarana is 8, pengaduan 9
    POSITION = "position"  # nobody knows: fit for a sum, not for naming an element


@dataclass(frozen=True, slots=True)
class Element:
    """One element of service (unsur); question and answers are official wording, or empty."""

    code: str
    name: str
    question: str = ""
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One decreed questionnaire; scores run from ``lowest`` to ``highest``."""

    id: str
    bands: str
    since: date
    lowest: int
    highest: int
    conversion: int
    printed_weight: Decimal
    short_weight: Decimal
    list_order: tuple[str, ...]
    form_order: tuple[str, ...]
    elements: Mapping[str, Element]

    @property
    def size(self) -> int:
        """How many elements there are; one element weighs 1/size."""
        return len(self.list_order)

    def number(self, code: str) -> str:
        """Return the element's number in the rule's list, such as ``U9`` for ``sarana``."""
        return f"U{self.list_order.index(code) + 1}"


@dataclass(frozen=True, slots=True)
class Grade:
    """One band: from which IKM on it holds, its letter and its word."""

    start: Decimal
    mutu: str
    kinerja: str


@dataclass(frozen=True, slots=True)
class Bands:
    """The bands of one questionnaire, lowest first; ``top`` is the highest IKM there is."""

    id: str
    questionnaire: str
    since: date
    top: Decimal
    grades: tuple[Grade, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """What a kiosk asks, by the number that travels with each sheet."""

    number: int
    questionnaire: str
    since: date


# Any: a row of our own TOML file; the dataclass it becomes says what is in it.
def _table(name: str) -> dict[str, Any]:
    with (FOLDER / name).open("rb") as file:
        return tomllib.load(file)


def _questionnaire(row: Mapping[str, Any]) -> Questionnaire:
    elements = (
        Element(e["code"], e["name"], e.get("question", ""), tuple(e.get("answers", ())))
        for e in row["element"]
    )
    return Questionnaire(
        id=row["id"],
        bands=row["bands"],
        since=row["since"],
        lowest=row["lowest"],
        highest=row["highest"],
        conversion=row["conversion"],
        printed_weight=Decimal(row["printed_weight"]),
        short_weight=Decimal(row["short_weight"]),
        list_order=tuple(row["list_order"]),
        form_order=tuple(row["form_order"]),
        elements={e.code: e for e in elements},
    )


def _bands(row: Mapping[str, Any]) -> Bands:
    grades = (Grade(Decimal(g["from"]), g["mutu"], g["kinerja"]) for g in row["grades"])
    return Bands(row["id"], row["questionnaire"], row["since"], Decimal(row["top"]), tuple(grades))


_TABLE = _table("questionnaire.toml")
QUESTIONNAIRES: Mapping[str, Questionnaire] = {
    row["id"]: _questionnaire(row) for row in _TABLE["questionnaire"]
}
BANDS: Mapping[str, Bands] = {row["id"]: _bands(row) for row in _table("bands.toml")["bands"]}
EDITIONS: Mapping[int, Edition] = {
    row["number"]: Edition(row["number"], row["questionnaire"], row["since"])
    for row in _TABLE["edition"]
}
NEWEST = max(EDITIONS)
ACCEPTED_BACK: int = _TABLE["editions"]["accepted_back"]


def accepted_editions(newest: int = NEWEST, back: int = ACCEPTED_BACK) -> tuple[int, ...]:
    """Return the edition numbers a server whose newest is ``newest`` still takes, newest first."""
    return tuple(number for number in range(newest, newest - back - 1, -1) if number > 0)


def asked_by(edition: int = NEWEST) -> Questionnaire:
    """Return the questionnaire that an edition asks."""
    return QUESTIONNAIRES[EDITIONS[edition].questionnaire]
