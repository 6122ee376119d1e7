"""What is known of one person, as plain values; ``None`` means: not known.

The engine has no default values. What counts as none says so: zero, an empty tuple, no term.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum

from portal.remissions.rules.tenor import Tenor


class Category(StrEnum):
    """Legal group of the sentence, as the register labels it."""

    NORMAL = "normal"
    PP28 = "pp28"
    PP99 = "pp99"


class RemissionType(StrEnum):
    """What a remission was, or would be, granted for."""

    GENERAL = "general"
    RELIGIOUS = "religious"
    ADDITIONAL = "additional"
    DECENNIAL = "decennial"
    HUMANITARIAN = "humanitarian"


@dataclass(frozen=True, slots=True)
class Remission:
    """A remission that was granted; ``days`` holds its months too."""

    type: RemissionType
    event_date: date
    days: int
    grant_number: int | None = None  # None: counted


@dataclass(frozen=True, slots=True)
class Event:
    """A day on which we ask what would be granted."""

    type: RemissionType
    event_date: date


@dataclass(frozen=True, slots=True)
class Substitute:
    """A term in place of an unpaid fine, and whether the fine is paid."""

    tenor: Tenor
    paid: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the engine reads of one person. Days are local; lengths are as spoken."""

    start_date: date | None  # first day of the last uninterrupted detention: day 0
    sentences: tuple[Tenor, ...] | None  # consecutive, in order
    credit_days: int | None
    days_outside: int | None
    remission_days: int | None  # all that was granted, in days
    remissions: tuple[Remission, ...] | None  # the same, one by one, by day
    last_remission_days: int | None
    substitute: Substitute | None
    category: Category | None
    events: tuple[Event, ...] = ()
    house_arrest_days: int = 0
    city_arrest_days: int = 0

    def canonical(self) -> str:
        """Return the same text for the same facts, whatever their order was."""
        return json.dumps(asdict(self), sort_keys=True, default=str)

    @property
    def input_hash(self) -> str:
        """Return the SHA-256 of the canonical form."""
        return "sha256:" + hashlib.sha256(self.canonical().encode()).hexdigest()
