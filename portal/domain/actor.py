"""Who acts: a person with roles, a device with one right, or the portal by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from portal.domain.text import message


class Role(StrEnum):
    """A task in a prison; held for a facility, several facilities or a region."""

    PRISON_HEAD = "prison_head"
    BLOCK_OFFICER = "block_officer"
    TOUR_COORDINATOR = "tour_coordinator"
    COMPLAINTS_CUSTODIAN = "complaints_custodian"
    CASE_WORKER = "case_worker"
    REGISTRAR = "registrar"
    BOARD_MEMBER = "board_member"
    PRESS_EDITOR = "press_editor"
    SURVEY_OFFICER = "survey_officer"
    MEDIA_PARTNER = "media_partner"
    REGIONAL_VIEWER = "regional_viewer"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    ADMINISTRATOR = "administrator"
    KIOSK = "kiosk"


ROLE_NAMES: Mapping[Role, str] = MappingProxyType(
    {
        Role.PRISON_HEAD: message("Head of prison"),
        Role.BLOCK_OFFICER: message("Block officer"),
        Role.TOUR_COORDINATOR: message("Tour coordinator"),
        Role.COMPLAINTS_CUSTODIAN: message("Complaints custodian"),
        Role.CASE_WORKER: message("Case worker"),
        Role.REGISTRAR: message("Registrar"),
        Role.BOARD_MEMBER: message("Member of the assessment board"),
        Role.PRESS_EDITOR: message("Press editor"),
        Role.SURVEY_OFFICER: message("Survey officer"),
        Role.MEDIA_PARTNER: message("Media partner"),
        Role.REGIONAL_VIEWER: message("Regional viewer"),
        Role.DATA_PROTECTION_OFFICER: message("Data protection officer"),
        Role.ADMINISTRATOR: message("Administrator"),
        Role.KIOSK: message("Kiosk"),
    }
)

NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and where each permission reaches.

    ``reach`` maps a permission to the facilities it is held for. ``fresh`` says that both factors
    were shown within the last minutes. ``id`` is the person's, or None for a device and the portal.
    """

    id: int | None
    name: str
    reach: Mapping[str, frozenset[int]] = field(default_factory=dict)
    roles: frozenset[Role] = frozenset()
    fresh: bool = False
    device_id: int | None = None

    def may(self, permission: str) -> bool:
        """Tell whether the permission is held anywhere."""
        return bool(self.where(permission))

    def where(self, permission: str) -> frozenset[int]:
        """Return the facilities the permission is held for; empty if it is not."""
        return self.reach.get(str(permission), NOWHERE)

    @property
    def facilities(self) -> frozenset[int]:
        """Every facility in which the actor has a task."""
        return NOWHERE.union(*self.reach.values())


PORTAL = Actor(id=None, name="portal")
"""The portal acting by itself: schedules, sweepers, imports at start."""
