"""MATRIX: every role at every door, with things of the own and of another facility behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.domain.actor import Role
from portal.kernel.db import Base, db
from portal.kernel.facility import Facility
from tests.conftest import Client, KnownPerson
from tests.security.conftest import Furnished, undone
from tests.security.matrix import OBJECTS, Row, endpoints, of_code, rows, written

NOTHING = 999_999
SIGN_IN, ENROL = "/sign-in", "/accounts/factors"
Cell = tuple[str, str, str]


def test_every_door_stands_in_the_file_as_it_stands_in_the_code(app: Flask) -> None:
    known = rows()
    wrong = []
    for endpoint in endpoints(app):
        code = of_code(app, endpoint)
        said = known.get(endpoint)
        opening = "public" if said and said.opening == "half" else said and said.opening
        if said is None or (opening, said.roles) != (code.opening, code.roles):
            room = endpoint.partition(".")[0]
            wrong.append(f"[doors.{room}] {written(endpoint, code)}")
    assert wrong == [], "security/access.toml should say (or the code is wrong):\n" + "\n".join(
        wrong
    )


def test_the_file_names_no_door_that_is_gone(app: Flask) -> None:
    assert set(rows()) - set(endpoints(app)) == set()


def test_every_number_in_an_address_is_explained(app: Flask) -> None:
    columns = {f"{t.name}.{c.name}" for t in Base.metadata.sorted_tables for c in t.columns}
    assert set(OBJECTS.values()) <= columns


# --- The walk -------------------------------------------------------------------------------------


def _values(rule: Rule, place: Facility) -> tuple[dict[str, Any], bool]:
    """Fill an address with things of a facility; tell whether any of them is a facility's own."""
    values: dict[str, Any] = {}
    owned = False
    for name in sorted(rule.arguments):
        found = _object(f"{rule.endpoint.partition('.')[0]}.{name}", place) or _object(name, place)
        owned = owned or found is not None
        values[name] = found or _filling(type(rule._converters[name]).__name__, name, place)
    return values, owned


def _filling(converter: str, name: str, place: Facility) -> int | str | UUID:
    if converter == "IntegerConverter":
        return NOTHING
    if converter == "UUIDConverter":
        return UUID(int=NOTHING)
    return place.slug if name == "place" else "none"


def _object(name: str, place: Facility) -> int | str | None:
    """Return the number of one thing of the facility, as ``[objects]`` says where to find it."""
    table_name, _dot, column = OBJECTS.get(name, "").partition(".")
    if not table_name:
        return None
    table = Base.metadata.tables[table_name]
    wanted = sa.select(sa.func.min(table.c[column])).where(table.c.facility_id == place.id)
    return db.session.scalar(wanted)


def _doors(app: Flask) -> Iterator[tuple[str, str, Rule, Row]]:
    known = rows()
    for rule in app.url_map.iter_rules():
        if rule.endpoint not in known:
            continue
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield rule.endpoint, method, rule, known[rule.endpoint]


def _ask(client: Client, method: str, rule: Rule, values: dict[str, Any]) -> TestResponse:
    built = rule.build(values)
    assert built is not None, rule
    return client.open(built[1], method=method)


def _turned_away(answer: TestResponse, to: str = SIGN_IN) -> bool:
    """Tell whether the gate sent somebody away."""
    elsewhere = (answer.location or "").startswith(to)
    return answer.status_code in {401, 403} or (answer.status_code == 303 and elsewhere)


def test_nobody_in_particular_passes_public_doors_alone(furnished: Furnished) -> None:
    wrong: list[Cell] = []
    for endpoint, method, rule, row in _doors(furnished.app):
        values, _owned = _values(rule, furnished.place)
        with undone():
            answer = _ask(furnished.client(), method, rule, values)
        if _turned_away(answer) != (row.opening != "public") and endpoint != "accounts.sign_out":
            wrong.append((endpoint, method, answer.status))
    assert not wrong, "\n".join(map(str, wrong))


@pytest.mark.parametrize("role", list(Role))
def test_each_role_passes_its_own_doors_alone(furnished: Furnished, role: Role) -> None:
    wrong: list[Cell] = []
    person = furnished.client(furnished.inside[role])
    for endpoint, method, rule, row in _doors(furnished.app):
        if row.opening in {"public", "half"}:
            continue
        values, _owned = _values(rule, furnished.place)
        with undone():
            answer = _ask(person, method, rule, values)
        allowed = role in row.roles
        if not allowed and answer.status_code != 403:
            wrong.append((endpoint, method, f"{answer.status}, but 403 is due"))
        if allowed and _turned_away(answer) and not (row.refuses and answer.status_code == 403):
            wrong.append((endpoint, method, f"{answer.status}, but the role may pass"))
        if answer.status_code >= 500:
            wrong.append((endpoint, method, answer.status))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_belongs_to_another_facility_is_not_there(furnished: Furnished) -> None:
    wrong: list[Cell] = []
    for endpoint, method, rule, row in _doors(furnished.app):
        if row.opening not in {"permission", "device"}:
            continue
        values, owned = _values(rule, furnished.place)
        for role in sorted(row.roles) if owned else ():
            with undone():
                answer = _ask(furnished.client(furnished.outside[role]), method, rule, values)
            if answer.status_code != row.foreign:
                wrong.append((endpoint, f"{method} {role}", answer.status))
    assert not wrong, "\n".join(map(str, wrong))


def test_with_one_factor_the_enrolment_pages_alone_open(furnished: Furnished) -> None:
    person = furnished.client(furnished.inside[Role.PRISON_HEAD])
    wrong: list[Cell] = []
    KnownPerson.both_factors = False
    try:
        for endpoint, method, rule, row in _doors(furnished.app):
            if row.opening in {"public", "half", "one_factor"}:
                continue
            values, _owned = _values(rule, furnished.place)
            if not _turned_away(_ask(person, method, rule, values), ENROL):
                wrong.append((endpoint, method, "open"))
    finally:
        KnownPerson.both_factors = True
    assert not wrong, "\n".join(map(str, wrong))
