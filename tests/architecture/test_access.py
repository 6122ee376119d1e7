"""Every door has an opening, and each opening has somebody who may use it."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from portal.domain.actor import Actor, Role
from portal.kernel.audit import AuditEntry
from portal.kernel.db import Base, db
from portal.kernel.module import grants, modules
from portal.kernel.web import SAFE, STATIC
from tests.conftest import Client

# Addresses that a standard or a browser prescribes, and parts that are names of things.
PRESCRIBED = re.compile(r"^/(kiosk/sw\.js|kiosk/api|healthz|_components|robots\.txt).*$")
KEBAB = re.compile(
    r"^/$|^(/([a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)*|<[a-z]+(\([^)]*\))?:[a-z_]+>|<[a-z_]+>)(\.[a-z]+)?)+/?$"
)


def _rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in STATIC]


def test_every_view_says_to_whom_it_opens(app: Flask) -> None:
    shut = [
        rule.endpoint
        for rule in _rules(app)
        if getattr(app.view_functions[rule.endpoint], "opening", None) is None
    ]
    assert shut == [], "mark them with @access(Permission.X), @signed_in or @public"


def test_every_permission_is_declared_granted_and_used(app: Flask) -> None:
    with app.app_context():
        declared = {
            str(permission) for module in modules() for permission in module.permissions or ()
        }
        granted = {name for name, roles in grants().items() if roles}
    opened = {
        opening.permission
        for view in app.view_functions.values()
        if (opening := getattr(view, "opening", None)) and opening.kind == "permission"
    }
    assert opened - declared == set(), "a view asks for a permission nobody declared"
    assert declared - granted == set(), "nobody may do this: grant it or drop it"


def test_action_names_are_room_noun_verb(app: Flask) -> None:
    with app.app_context():
        names = [str(p) for module in modules() for p in module.permissions or ()]
    odd = [n for n in names if not re.fullmatch(r"[a-z]+(\.[a-z_]+){2}", n)]
    assert odd == []
    assert len(names) == len(set(names))


def test_addresses_are_kebab_case_with_typed_parts(app: Flask) -> None:
    odd = [r.rule for r in _rules(app) if not KEBAB.match(r.rule) and not PRESCRIBED.match(r.rule)]
    assert odd == []


def test_nobody_gets_past_a_door_that_is_not_public(app: Flask, client: Client) -> None:
    answers = {}
    for rule in _rules(app):
        if app.view_functions[rule.endpoint].opening.kind == "public":  # type: ignore[attr-defined]
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            answers[f"{method} {rule.rule}"] = client.open(
                _address(rule), method=method
            ).status_code
    assert {k: v for k, v in answers.items() if v not in {302, 303, 401, 403, 404}} == {}


def test_each_unsafe_door_refuses_a_foreign_page(app: Flask, client: Client) -> None:
    answers = {}
    for rule in _rules(app):
        for method in sorted((rule.methods or set()) - SAFE):
            for name, headers in FOREIGN.items():
                answer = client.open(_address(rule), method=method, headers=headers)
                answers[f"{method} {rule.rule} {name}"] = answer.status_code
    assert {k: v for k, v in answers.items() if v != 403} == {}


FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.KIOSK])
def test_asking_for_a_page_changes_nothing(
    app: Flask, client: Client, actor: Callable[..., Actor], role: Role
) -> None:
    person = client.signed_in(actor(role))
    before = _rows()

    for rule in _rules(app):
        if "GET" in (rule.methods or set()) and not rule.arguments:
            person.get(_address(rule))

    assert _rows() == before


def _rows() -> dict[str, int]:
    db.session.expire_all()
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
        if table.name not in {AuditEntry.__tablename__, "kernel_audit_head", "accounts_session"}
    }


def _address(rule: Rule) -> str:
    return re.sub(
        r"<int(\([^)]*\))?:[^>]+>", "999999", re.sub(r"<(?!int)[^>]+>", "none", rule.rule)
    )
