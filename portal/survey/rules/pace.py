"""How often one sender may come: counted in windows, by each process for itself."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True)
class Pace:
    """At most so many calls of one sender in each window; the count begins anew with the next."""

    most: int
    window: timedelta
    _counted: dict[int, tuple[datetime, int]] = field(default_factory=dict)

    def allows(self, sender: int, now: datetime) -> bool:
        """Count one call, and tell whether it is still within the measure."""
        began, number = self._counted.get(sender, (now, 0))
        if not began <= now < began + self.window:
            began, number = now, 0
        self._counted[sender] = (began, number + 1)
        return number < self.most
