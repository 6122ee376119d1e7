"""Who may do what in the newsroom; each value is also the action's name in the trail."""

from collections.abc import Mapping
from enum import StrEnum

from portal.domain.actor import Role


class Permission(StrEnum):
    """The acts of the newsroom."""

    READ = "media.item.read"
    WRITE = "media.item.write"
    SUBMIT = "media.item.submit"
    APPROVE = "media.item.approve"
    TAKE_BACK = "media.item.take_back"
    WITHDRAW = "media.item.withdraw"
    DISCARD = "media.item.discard"


_EDITOR = frozenset({Role.PRESS_EDITOR})
_EDITOR_OR_HEAD = frozenset({Role.PRESS_EDITOR, Role.PRISON_HEAD})

GRANTS: Mapping[Permission, frozenset[Role]] = {
    Permission.READ: _EDITOR_OR_HEAD,
    Permission.WRITE: _EDITOR,
    Permission.SUBMIT: _EDITOR,
    Permission.APPROVE: _EDITOR_OR_HEAD,
    Permission.TAKE_BACK: _EDITOR_OR_HEAD,
    Permission.WITHDRAW: _EDITOR_OR_HEAD,
    Permission.DISCARD: _EDITOR,
}
