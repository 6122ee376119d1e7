"""The unit of work: one use case, one transaction, one note in the trail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import orm

from portal.domain.actor import Actor
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.audit import AuditEntry
from portal.kernel.db import Base, at_once, db
from portal.kernel.facility import UnscopedQuery, current_scope, spelled
from portal.kernel.jobs import Job, hand_over

Row = TypeVar("Row", bound=Base)
_current: ContextVar[Work | None] = ContextVar("work", default=None)


@dataclass
class Work:
    """What is under way: who, which act, what to tell and to ask once it is done."""

    actor: Actor
    action: str
    session: orm.Session
    notes: list[tuple[Base | str, int | None, str | None, dict[str, object]]] = field(
        default_factory=list
    )
    jobs: list[Job] = field(default_factory=list)

    def load(self, model: type[Row], key: object) -> Row:
        """Return the row, locked until the work ends.

        :raise NotFound: if there is none in the scope.
        """
        where = sa.inspect(model).primary_key[0] == key
        found = self.session.scalar(
            sa.select(model)
            .where(where)
            .with_for_update(of=model)
            .execution_options(populate_existing=True)
        )
        if found is None:
            raise NotFound
        return found

    def add(self, row: Row) -> Row:
        """Add a row and give it its number."""
        self.session.add(row)
        self.session.flush()
        return row

    def note(
        self,
        subject: Base | str,
        *,
        facility_id: int | None = None,
        chain: str | None = None,
        **detail: object,
    ) -> None:
        """Leave a line in the trail: plain values only, no names, no words of people.

        ``chain`` is the facility's own unless a busy stream (a kiosk) brings its own.
        """
        self.notes.append((subject, facility_id, chain, detail))

    def ask(self, task: str, **arguments: int | str) -> None:
        """Have a task done once the work is committed; never, if it is not."""
        self.jobs.append(Job(name=task, arguments=dict(arguments), asked_at=clock.now()))
        self.session.add(self.jobs[-1])

    def write_notes(self) -> None:
        """Put the notes into the trail; last, since each holds its chain until the commit."""
        self.session.flush()
        for subject, facility_id, chain, detail in self.notes:
            facility = facility_id or self._facility_of(subject)
            kind, key = _named(subject)
            self.session.execute(
                sa.insert(AuditEntry.__table__)  # type: ignore[arg-type]
                .inline()
                .values(
                    chain=chain or (f"facility:{facility}" if facility else "portal"),
                    facility_id=facility,
                    at=clock.now(),
                    actor_id=self.actor.id,
                    actor_name=self.actor.name,
                    action=self.action,
                    subject_type=kind,
                    subject_id=key,
                    detail=detail,
                )
            )

    def _facility_of(self, subject: Base | str) -> int | None:
        of_row: int | None = getattr(subject, "facility_id", None)
        scope = current_scope()
        if of_row is None and isinstance(scope, frozenset) and len(scope) == 1:
            return next(iter(scope))
        return of_row


def _named(subject: Base | str) -> tuple[str, str]:
    if isinstance(subject, str):
        return subject, ""
    mapper = sa.inspect(type(subject))
    return type(subject).__tablename__, str(mapper.primary_key_from_instance(subject)[0])


@contextmanager
def unit_of_work(actor: Actor, action: str) -> Iterator[Work]:
    """Commit what is done inside, or nothing of it; a service called inside joins in.

    :raise RuntimeError: if nothing was noted in the trail.
    """
    if (outer := _current.get()) is not None:
        yield outer
        return
    work = Work(actor, action, db.session())
    token = _current.set(work)
    try:
        yield work
        if not work.notes:
            raise RuntimeError(f"{action} left no note in the audit trail")
        work.write_notes()
        asked = [job.id for job in work.jobs]
        work.session.commit()
    except BaseException:
        work.session.rollback()
        raise
    finally:
        _current.reset(token)
    for job_id in asked:
        hand_over(job_id)


def one_call(actor: Actor, action: str, function: str, sent: Mapping[str, object]) -> object:
    """Do a whole unit of work in one call of a database function; return what it says.

    Only for a door so busy that the sentences of a transaction would be most of its cost, and only
    for a function that is as good as a unit of work (ADR 0013). It is made by a migration, takes
    the scope, who acts (id, name), the action, the time and ``sent``, and returns JSON. With the
    rights of its caller it enters the scope for its transaction alone, and leaves the note itself.

    :raise UnscopedQuery: outside any scope.
    :raise RuntimeError: inside a unit of work, whose end it would not wait for.
    """
    if (scope := current_scope()) is None:
        raise UnscopedQuery(function)
    if _current.get() is not None:
        raise RuntimeError(f"{function} is a unit of work itself")
    who = (spelled(scope), actor.id, actor.name, action, clock.now())
    with at_once() as cursor:
        cursor.execute(_call(function), (*who, json.dumps(sent)), prepare=True)
        found = cursor.fetchone()
    return found[0] if found else None


@cache
def _call(function: str) -> str:
    return f"SELECT {sql.Identifier(function).as_string()}(%s, %s, %s, %s, %s, %s)"
