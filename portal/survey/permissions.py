"""What may be done in the survey, and who may."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.actor import Role


class Permission(StrEnum):
    """The acts of this room; the same words stand in the trail."""

    READ_RESULTS = "survey.results.read"
    READ_DEVICES = "survey.device.read"
    ENROL_DEVICE = "survey.device.enrol"
    REVOKE_DEVICE = "survey.device.revoke"
    ENTER_VISITS = "survey.visits.enter"
    STORE_ANSWERS = "survey.answers.store"


_OFFICER = frozenset({Role.SURVEY_OFFICER})

GRANTS: Mapping[Permission, frozenset[Role]] = {
    Permission.READ_RESULTS: _OFFICER | {Role.PRISON_HEAD, Role.REGIONAL_VIEWER},
    Permission.READ_DEVICES: _OFFICER | {Role.PRISON_HEAD},
    Permission.ENROL_DEVICE: _OFFICER,
    Permission.REVOKE_DEVICE: _OFFICER | {Role.PRISON_HEAD},
    Permission.ENTER_VISITS: _OFFICER,
    Permission.STORE_ANSWERS: frozenset({Role.KIOSK}),
}
