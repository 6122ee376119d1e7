"""Every column has a class, every facility's table its wall."""

import sqlalchemy as sa
from flask import Flask

from portal.kernel.db import DATA_CLASSES, Base
from portal.kernel.facility import FacilityScoped

# A table without facility_id, and why.
WITHOUT_FACILITY = {
    "kernel_region": "the regions themselves",
    "kernel_facility": "the facilities themselves",
    "kernel_audit_entry": "acts of the portal belong to none; a policy shows the rest by facility",
    "kernel_audit_head": "the ends of the chains; no content",
    "kernel_job": "asked for by name and numbers; the task enters its own scope",
    "kernel_heartbeat": "of processes",
    "kernel_submission_key": "random keys and hashes; no content",
    "kernel_outgoing_mail": "sent by the portal, also to people of no facility",
    "accounts_person": "a person may work in several facilities",
    "accounts_role": "says in which facilities; also in whole regions",
    "accounts_session": "of a person",
    "accounts_recovery_code": "of a person",
    "accounts_passkey": "of a person",
    "accounts_invitation": "of a person to be",
    "accounts_factor_reset": "of a person",
    "accounts_known_device": "of a person",
}


def _scoped() -> set[str]:
    return {
        mapper.local_table.name  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, FacilityScoped)
    }


def test_every_column_has_a_data_class() -> None:
    unclassed = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.info.get("data_class") not in DATA_CLASSES
    ]
    assert unclassed == [], "declare them through public(), internal(), personal() …"


def test_every_table_belongs_to_a_facility_or_says_why_not() -> None:
    tables = {table.name for table in Base.metadata.sorted_tables}
    assert tables - _scoped() - set(WITHOUT_FACILITY) == set()
    assert set(WITHOUT_FACILITY) - tables == set(), "no such table any more"


def test_every_table_of_a_facility_has_its_second_wall(app: Flask) -> None:
    engine = sa.create_engine(app.config["OWNER_URL"], poolclass=sa.NullPool)
    with engine.connect() as connection:
        walls = sa.text(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid"
            " WHERE c.relrowsecurity AND c.relforcerowsecurity"
        )
        held = {name for (name,) in connection.execute(walls)}
    assert _scoped() - held == set(), "ENABLE and FORCE ROW LEVEL SECURITY, CREATE POLICY facility"
