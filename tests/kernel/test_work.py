"""The unit of work, the trail and the outbox."""

import pytest
import sqlalchemy as sa

from portal.domain.actor import PORTAL
from portal.domain.errors import Conflict
from portal.kernel import audit
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.kernel.receipts import receipt, remember
from portal.kernel.work import unit_of_work
from portal.register.models import Block
from tests.conftest import asked_for, trail


def _block(at: Facility, code: str) -> Block:
    return Block(facility_id=at.id, code=code, name=code)


def test_what_leaves_no_note_changes_nothing(prison: Facility) -> None:
    with pytest.raises(RuntimeError, match="left no note"), unit_of_work(PORTAL, "t.t.t") as work:
        work.add(_block(prison, "A"))

    assert db.session.scalars(sa.select(Block)).all() == []


def test_what_fails_leaves_neither_row_nor_note_nor_job(prison: Facility) -> None:
    def fail() -> None:
        with unit_of_work(PORTAL, "t.t.t") as work:
            work.note(work.add(_block(prison, "A")))
            work.ask("kernel.heartbeat")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert (trail(), asked_for()) == ([], [])


def test_a_service_called_inside_joins_in(prison: Facility) -> None:
    with unit_of_work(PORTAL, "t.outer.do") as outer:
        outer.note("outer")
        with unit_of_work(PORTAL, "t.inner.do") as inner:
            inner.note(inner.add(_block(prison, "A")))

    assert [action for action, _, _ in trail()] == ["t.outer.do", "t.outer.do"]


def test_the_trail_is_a_chain_that_holds(prison: Facility) -> None:
    for number in range(5):
        with unit_of_work(PORTAL, "t.t.t") as work:
            work.note(prison, facility_id=prison.id, number=number, text="«é»", nothing=None)

    assert list(audit.verify()) == []
    assert len(trail()) == 5


def test_verify_finds_an_entry_that_was_changed(prison: Facility) -> None:
    for _ in range(3):
        with unit_of_work(PORTAL, "t.t.t") as work:
            work.note(prison, facility_id=prison.id)
    entries = db.session.scalars(sa.select(audit.AuditEntry).order_by(audit.AuditEntry.id)).all()

    parts = [entries[1].chain, "2", str(prison.id), "0", "", "portal", "t.t.other", "x", "1", "{}"]

    assert audit.digest(entries[0].digest, *parts) != entries[1].digest


def test_sent_twice_is_done_once(prison: Facility) -> None:
    with unit_of_work(PORTAL, "t.t.t") as work:
        work.note("first")
        assert receipt(work, "a" * 32, "same") is None
        remember(work, "a" * 32, "17")

    with unit_of_work(PORTAL, "t.t.t") as work:
        work.note("second")
        assert receipt(work, "a" * 32, "same") == "17"


def test_the_same_key_with_other_content_is_refused(prison: Facility) -> None:
    with unit_of_work(PORTAL, "t.t.t") as work:
        work.note("first")
        receipt(work, "b" * 32, "same")

    with pytest.raises(Conflict), unit_of_work(PORTAL, "t.t.t") as work:
        receipt(work, "b" * 32, "other")
