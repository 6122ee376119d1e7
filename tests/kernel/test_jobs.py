"""What is asked for is done, whatever happens to the broker; done twice, it is still once."""

from datetime import UTC, datetime, timedelta

import pytest
import redis
import sqlalchemy as sa
from flask import Flask

from portal.domain.actor import PORTAL
from portal.kernel import clock, jobs
from portal.kernel.db import db
from portal.kernel.jobs import BROKER_DB, Job, celery_app
from portal.kernel.work import unit_of_work
from portal.settings import spelling

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def _ask() -> Job:
    with unit_of_work(PORTAL, "t.t.t") as work:
        work.note("asked")
        work.ask("kernel.heartbeat")
    return db.session.scalars(sa.select(Job).order_by(Job.id.desc())).first()  # type: ignore[return-value]


@pytest.fixture
def broker_away(app: Flask) -> object:
    kept = celery_app.conf.broker_url
    celery_app.conf.broker_url = "redis+socket:///nowhere/at/all?virtual_host=0"
    yield
    celery_app.conf.broker_url = kept


def test_a_job_is_handed_over_after_the_commit(scope: None) -> None:
    assert _ask().handed_over_at is not None


def test_a_dead_broker_only_delays(scope: None, broker_away: None) -> None:
    assert _ask().handed_over_at is None
    assert jobs.sweep() == 0


def test_the_sweeper_hands_over_what_waits(scope: None, broker_away: None, app: Flask) -> None:
    job = _ask()
    redis_url = app.extensions["portal.settings"].redis_url
    celery_app.conf.broker_url = spelling(redis_url, "celery", BROKER_DB)

    assert jobs.sweep() == 1

    db.session.refresh(job)
    assert (job.tries, job.done_at) == (1, None)


def test_what_the_broker_lost_is_handed_over_again(scope: None) -> None:
    with clock.fixed(NOON):
        job = _ask()
        assert jobs.sweep() == 0
    with clock.fixed(NOON + jobs.AGAIN_AFTER + timedelta(seconds=1)):
        assert jobs.sweep() == 1

    db.session.refresh(job)
    assert job.tries == 2


def test_what_is_done_is_never_handed_over_again(scope: None) -> None:
    with clock.fixed(NOON):
        job = _ask()
        job.done_at = clock.now()
        db.session.commit()
    with clock.fixed(NOON + timedelta(days=1)):
        assert jobs.sweep() == 0


def test_a_heartbeat_written_twice_is_one_row(scope: None) -> None:
    with clock.fixed(NOON):
        jobs.heartbeat()
    with clock.fixed(NOON + timedelta(minutes=1)):
        jobs.heartbeat()

    assert jobs.last_heartbeat() == NOON + timedelta(minutes=1)


def test_a_message_that_is_no_json_is_not_taken(app: Flask) -> None:
    client = redis.Redis.from_url(
        spelling(app.extensions["portal.settings"].redis_url, "redis", BROKER_DB)
    )
    assert client.ping()
    client.close()
    assert set(celery_app.conf.accept_content) == {"json"}
