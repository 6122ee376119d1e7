"""Work for later: a row in the same transaction, then the broker, then a worker.

PostgreSQL holds the truth. The broker may be away for days, be wiped, or lose a message: the
sweeper gives every job that is not done to it again. So every task may run twice.
"""

from __future__ import annotations

import functools
import logging
import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ParamSpec

import sqlalchemy as sa
from celery import Celery, Task
from flask import Flask, has_app_context
from kombu.connection import Connection
from kombu.exceptions import OperationalError as BrokerAway
from kombu.pools import producers
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session

from portal.kernel import clock
from portal.kernel.db import Base, db, internal
from portal.settings import Settings, spelling

P = ParamSpec("P")
log = logging.getLogger("portal.jobs")

BROKER_DB = 0
LONGEST = 300
VISIBILITY = 2 * LONGEST  # seconds; of all apps on a broker the shortest wins, hence one value
AGAIN_AFTER = timedelta(seconds=VISIBILITY + LONGEST)
GIVE_UP_AFTER = 20
PATIENCE = 0.3  # seconds a request waits for the broker: its row is written already
STALE_AFTER = timedelta(minutes=3)


class Job(Base):
    """Something asked for: handed to the broker, done, or given up with its reason in the log."""

    __tablename__ = "kernel_job"
    id: Mapped[int] = internal(sa.BigInteger, sa.Identity(), primary_key=True)
    name: Mapped[str] = internal(sa.String(80))
    arguments: Mapped[dict[str, object]] = internal()
    asked_at: Mapped[datetime] = internal()
    handed_over_at: Mapped[datetime | None] = internal()
    tries: Mapped[int] = internal(default=0, server_default="0")
    done_at: Mapped[datetime | None] = internal()
    failed_at: Mapped[datetime | None] = internal()

    __table_args__ = (
        sa.Index(
            "ix_kernel_job_open",
            "id",
            postgresql_where=sa.and_(
                sa.column("done_at").is_(None), sa.column("failed_at").is_(None)
            ),
        ),
    )


class Heartbeat(Base):
    """When a part of the portal last showed that it works."""

    __tablename__ = "kernel_heartbeat"

    name: Mapped[str] = internal(sa.String(40), primary_key=True)
    at: Mapped[datetime] = internal()


class PortalTask(Task):
    """A task inside the application context, or inside the caller's when called directly."""

    flask_app: Flask

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Run; when a worker asks, mark the job as done."""
        if has_app_context() and self.request.id is None:
            self.run(*args, **kwargs)
            return
        with self.flask_app.app_context():
            self.run(*args, **kwargs)
            _mark(self.request.id, done_at=clock.now())

    def on_failure(
        self, exc: Exception, task_id: str, args: object, kwargs: object, einfo: object
    ) -> None:
        """Mark the job as given up: what it was about shows it too."""
        del args, kwargs, einfo
        with self.flask_app.app_context():
            _mark(task_id, failed_at=clock.now())
        log.error("task failed", extra={"task": self.name, "reason": type(exc).__name__})


celery_app = Celery("portal", task_cls=PortalTask, set_as_current=False)


def task(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a task: retried on what passes by itself, redone if its worker dies."""
    made: Callable[[Callable[P, None]], Callable[P, None]] = celery_app.task(
        name=name,
        autoretry_for=(OperationalError, ConnectionError),
        retry_backoff=True,
        retry_jitter=True,
        max_retries=5,
        acks_late=True,
        reject_on_worker_lost=True,
    )
    return made


def init_app(app: Flask, settings: Settings, schedule: Mapping[str, object]) -> None:
    """Set the queue up for this application; ``schedule`` maps task names to times, in UTC."""
    transport = {
        "visibility_timeout": VISIBILITY,
        # The sweep that brings back the task of a killed worker; by default it runs every 100 s.
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
    }
    celery_app.conf.update(
        broker_url=spelling(settings.redis_url, "celery", BROKER_DB),
        broker_transport_options=transport,
        result_backend_transport_options=transport,
        visibility_timeout=VISIBILITY,
        broker_connection_retry_on_startup=True,
        task_ignore_result=True,  # a task's result is a row
        task_serializer="json",
        accept_content=["json"],
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        task_time_limit=LONGEST,
        task_soft_time_limit=LONGEST - 30,
        task_create_missing_queues=True,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=30,
        worker_max_tasks_per_child=500,
        worker_hijack_root_logger=False,
        timezone="UTC",  # beat only says "look"; the service asks each facility's own zone
        enable_utc=True,
        beat_schedule={
            name: {"task": name, "schedule": when}
            for name, when in {**SCHEDULE, **schedule}.items()
        },
    )
    celery_app.set_default()
    PortalTask.flask_app = app
    app.extensions["celery"] = celery_app


@functools.cache
def _producing(url: str, _process: int) -> Connection:
    """Return a connection that gives up soon; one for each process, since it must not be forked."""
    return Connection(  # type: ignore[no-untyped-call]  # kombu brings half its types
        url,
        transport_options={
            "visibility_timeout": VISIBILITY,
            "socket_connect_timeout": PATIENCE,
            "socket_timeout": PATIENCE,
            "max_retries": 0,
        },
    )


def hand_over(job_id: int) -> bool:
    """Give a job to the broker; what it does not take, the sweeper gives it each minute."""
    with _own_transaction() as tx:
        found = tx.get(Job, job_id)
        if found is None or found.done_at or not _send(found):
            return False
        found.handed_over_at, found.tries = clock.now(), found.tries + 1
        tx.commit()
    return True


def _send(job: Job) -> bool:
    connection = _producing(str(celery_app.conf.broker_url), os.getpid())
    try:
        with producers[connection].acquire(block=True, timeout=PATIENCE) as producer:
            celery_app.send_task(
                job.name,
                kwargs=dict(job.arguments),
                task_id=f"job-{job.id}",
                producer=producer,
                retry=False,
            )
    except (BrokerAway, RedisError, OSError):
        return False
    return True


def sweep() -> int:
    """Hand over what the broker did not take, lost, or never brought to an end.

    Returns how many were taken; stops at the first refusal, since the broker is away then.
    """
    late = clock.now() - AGAIN_AFTER
    with _own_transaction() as tx:
        waiting = tx.scalars(
            sa.select(Job.id)
            .where(
                Job.done_at.is_(None),
                Job.failed_at.is_(None),
                Job.tries < GIVE_UP_AFTER,
                sa.or_(Job.handed_over_at.is_(None), Job.handed_over_at < late),
            )
            .order_by(Job.id)
            .limit(500)
        ).all()
    taken = 0
    for job_id in waiting:
        if not hand_over(job_id):
            break
        taken += 1
    return taken


def beat_of_heart(name: str = "worker") -> None:
    """Note that a worker takes tasks: a process that looks alive may have stopped taking any."""
    with _own_transaction() as tx:
        row = tx.merge(Heartbeat(name=name, at=clock.now()))
        tx.add(row)
        tx.commit()


def last_heartbeat(name: str = "worker") -> datetime | None:
    """Return when the part last showed that it works."""
    with _own_transaction() as tx:
        return tx.scalar(sa.select(Heartbeat.at).where(Heartbeat.name == name))


def _mark(task_id: str | None, **values: datetime) -> None:
    kind, _, number = (task_id or "").partition("-")
    if kind != "job" or not number.isdecimal():
        return  # from the schedule: no row asked for it
    with _own_transaction() as tx:
        tx.execute(sa.update(Job).where(Job.id == int(number)).values(**values))
        tx.commit()


def _own_transaction() -> Session:
    """Open a session apart: the caller's transaction must be neither needed nor ended."""
    return Session(db.engine, join_transaction_mode="create_savepoint")


@task("kernel.sweep")
def sweep_outbox() -> None:
    """Hand over what waits."""
    sweep()


@task("kernel.heartbeat")
def heartbeat() -> None:
    """Show that tasks are taken."""
    beat_of_heart()


SCHEDULE: Mapping[str, object] = {
    "kernel.sweep": 60.0,
    "kernel.heartbeat": 60.0,
    "kernel.send_mail": 60.0,
}
