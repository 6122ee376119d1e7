"""Reads ``security/access.toml``, and says what the code itself would write there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from portal.domain.actor import Role
from portal.kernel.module import grants
from portal.kernel.web import STATIC, Opening

FILE = Path(__file__).parents[2] / "security" / "access.toml"
TABLE = tomllib.loads(FILE.read_text("utf-8"))
GROUPS: Mapping[str, list[str]] = TABLE["groups"]
OBJECTS: Mapping[str, str] = TABLE["objects"]
EVERYBODY = frozenset(Role)


@dataclass(frozen=True)
class Row:
    """One door: to whom it opens, and which of the things behind it."""

    opening: str
    roles: frozenset[Role]
    object: str = ""
    refuses: bool = False  # the rule of the object may refuse even who has the role
    foreign: int = 404  # what another facility's object answers


def rows() -> dict[str, Row]:
    """Return the file, by endpoint."""
    return {
        f"{room}.{name}": Row(
            row["opening"],
            _expanded(row.get("roles", []))
            if row["opening"] == "permission"
            else _others(row["opening"]),
            row.get("object", ""),
            row.get("refuses", False),
            row.get("foreign", 404),
        )
        for room, doors in TABLE["doors"].items()
        for name, row in doors.items()
    }


def _others(opening: str) -> frozenset[Role]:
    return frozenset({Role.KIOSK}) if opening == "device" else EVERYBODY


def _expanded(names: list[str]) -> frozenset[Role]:
    flat = [one for name in names for one in GROUPS.get(name, [name])]
    return frozenset(map(Role, flat))


def endpoints(app: Flask) -> list[str]:
    """Return every door there is, the demo's own apart: it is not in a production start."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules()} - STATIC)


def of_code(app: Flask, endpoint: str) -> Row:
    """Return what the code says of one door."""
    opening: Opening = app.view_functions[endpoint].opening  # type: ignore[attr-defined]
    if opening.kind != "permission":
        return Row(opening.kind, EVERYBODY)
    with app.app_context():
        roles = grants().get(opening.permission, frozenset())
    return Row("device" if roles == {Role.KIOSK} else "permission", frozenset(roles))


def written(endpoint: str, row: Row) -> str:
    """Write a line of the file, so that it can be copied, read and judged."""
    names = sorted(role.value for role in row.roles)
    for group, members in sorted(GROUPS.items(), key=lambda item: -len(item[1])):
        if set(members) <= set(names):
            names = [group, *(name for name in names if name not in members)]
    roles = f", roles = {names}".replace("'", '"') if row.opening == "permission" else ""
    return f'{endpoint.rpartition(".")[2]} = {{ opening = "{row.opening}"{roles} }}'
