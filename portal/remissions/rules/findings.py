"""What is wrong, unclear or worth a look in the facts of one person; all in one pass."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.remissions.rules.trace import Plain


class Severity(StrEnum):
    """What a finding does to the dates."""

    UNSUPPORTED = "unsupported"  # no date by the portal
    INVALID = "invalid"  # no date until mended
    CHECK = "check"  # a date, with a mark
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: a code, the field it is about, and the values its sentence names."""

    code: str
    severity: Severity
    field: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def told(self) -> dict[str, Plain]:
        """Return the values for the sentence, days as days."""
        return {
            name: date.fromisoformat(value) if name == "day" else value
            for name, value in self.values
        }
