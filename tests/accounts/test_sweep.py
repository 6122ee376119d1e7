from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from portal.accounts.models import KnownDevice, SessionRow
from portal.accounts.tasks import forget
from portal.domain.actor import Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from tests.accounts.conftest import Browser, make_person
from tests.conftest import trail

NOON = datetime(2026, 11, 23, 5, 0, 10, tzinfo=UTC)


def count(model: type[SessionRow] | type[KnownDevice]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_old_sessions_and_browsers_are_forgotten(
    browse: Callable[[], Browser], prison: Facility
) -> None:
    with clock.fixed(NOON):
        browse().sign_in(make_person(Role.CASE_WORKER, at=prison))
        forget()
        assert (count(SessionRow), count(KnownDevice)) == (1, 1)
    with clock.fixed(NOON + timedelta(minutes=16)):
        forget()
        assert (count(SessionRow), count(KnownDevice)) == (0, 1)
    with clock.fixed(NOON + timedelta(days=181)):
        forget()
        forget()
        assert count(KnownDevice) == 0
    assert len(trail("accounts.session.forget")) == 2
