"""One call that is a whole unit of work, and the pooled connection it goes over."""

from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy.exc import OperationalError

from portal.domain.actor import PORTAL
from portal.kernel.db import at_once, db
from portal.kernel.facility import Facility, UnscopedQuery
from portal.kernel.work import one_call, unit_of_work
from tests.conftest import trail

EMPTY = {"device": 0, "facility": 0, "place": "", "seq": 0, "counts": {}, "sheets": []}


@pytest.fixture
def engine(app: Flask) -> Iterator[sa.Engine]:
    with app.app_context():
        yield db.engine
        db.engine.dispose()


def end_server(servers: dict[str, str], number: int) -> None:
    address = servers["admin_url"].replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(%s, 5000)", [number])


def test_a_call_outside_any_scope_is_refused(world: None) -> None:
    with pytest.raises(UnscopedQuery):
        one_call(PORTAL, "survey.answers.store", "survey_store", EMPTY)


def test_a_call_inside_a_unit_of_work_is_refused(prison: Facility) -> None:
    with pytest.raises(RuntimeError), unit_of_work(PORTAL, "survey.answers.store"):
        one_call(PORTAL, "survey.answers.store", "survey_store", EMPTY)


def test_a_call_that_finds_nothing_to_do_leaves_no_note(prison: Facility) -> None:
    assert one_call(PORTAL, "survey.answers.store", "survey_store", EMPTY) is None
    assert trail("survey.answers.store") == []


def test_a_statement_is_over_when_it_returns_and_the_connection_goes_back(
    engine: sa.Engine,
) -> None:
    with at_once() as cursor:
        cursor.execute("SELECT set_config('portal.facilities', '7', true)")
        assert cursor.connection.info.transaction_status is TransactionStatus.IDLE
        cursor.execute("SELECT current_setting('portal.facilities', true)")
        assert cursor.fetchone() == ("",)
        lent = cursor.connection

    assert not lent.autocommit
    assert engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # of a QueuePool


def test_a_connection_whose_server_ended_is_replaced_before_it_is_used(
    engine: sa.Engine, servers: dict[str, str]
) -> None:
    with at_once() as cursor:
        before = cursor.connection.info.backend_pid
    end_server(servers, before)

    with at_once() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
        assert cursor.connection.info.backend_pid != before


def test_a_connection_lost_in_the_middle_is_told_and_thrown_away(
    engine: sa.Engine, servers: dict[str, str]
) -> None:
    def lose() -> None:
        with at_once() as cursor:
            end_server(servers, cursor.connection.info.backend_pid)
            cursor.execute("SELECT 1")

    with pytest.raises(OperationalError):
        lose()

    with at_once() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
