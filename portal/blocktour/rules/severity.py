"""Two questions that are always asked, and what else makes a case serious.

Source: Mandela Rule 71 (verified) for death, disappearance and serious injury; the list and the two
questions are the portal's own (handbook, section 11). Anyone may raise; nobody inside the block may
lower.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.blocktour.rules.categories import ClockClass
from portal.domain.text import message


class Reply(StrEnum):
    """What was said to a question; "not asked" is an honest reply."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"


class Trigger(StrEnum):
    """What makes a case serious whatever was replied."""

    DEATH = "death"
    DISAPPEARANCE = "disappearance"
    INJURY = "injury"
    TORTURE = "torture"
    SEXUAL = "sexual"
    WEAPON = "weapon"
    SELF_HARM = "self_harm"
    HUNGER_STRIKE = "hunger_strike"
    REFUSED_CARE = "refused_care"
    ISOLATION = "isolation"
    CHILD = "child"
    PRESSURE = "pressure"


TRIGGER_NAMES: Mapping[Trigger, str] = MappingProxyType(
    {
        Trigger.DEATH: message("Death"),
        Trigger.DISAPPEARANCE: message("Somebody has disappeared"),
        Trigger.INJURY: message("Injury that needs care"),
        Trigger.TORTURE: message("Blows or torture"),
        Trigger.SEXUAL: message("Sexual act or demand"),
        Trigger.WEAPON: message("Threat with a weapon"),
        Trigger.SELF_HARM: message("Wish to die or self-harm"),
        Trigger.HUNGER_STRIKE: message("Hunger strike"),
        Trigger.REFUSED_CARE: message("Urgent care refused"),
        Trigger.ISOLATION: message("Isolation beyond the limit"),
        Trigger.CHILD: message("A person under 18"),
        Trigger.PRESSURE: message("Pressure about an earlier complaint"),
    }
)


def is_serious(hurt: Reply, safe: Reply, triggers: Collection[Trigger] = ()) -> bool:
    """Tell whether a case is serious: somebody hurt, not safe tonight, or any trigger."""
    return hurt is Reply.YES or safe is Reply.NO or bool(triggers)


def clock_class(default: ClockClass, *, serious: bool, was: ClockClass | None = None) -> ClockClass:
    """Return the class to run under; what was serious once stays serious inside the block."""
    if serious or was is ClockClass.SERIOUS:
        return ClockClass.SERIOUS
    return default
