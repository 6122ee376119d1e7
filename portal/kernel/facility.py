"""Facilities, and the walls between them: first the session's, then the database's own."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.orm import Mapped, declared_attr

from portal.domain.errors import NotFound
from portal.kernel.db import Base, begin_anew, db, internal, public

Scope = frozenset[int] | Literal["everywhere"] | None
_scope: ContextVar[Scope] = ContextVar("scope", default=None)


class Region(Base):
    """A regional office (Kanwil) and the facilities it looks after."""

    __tablename__ = "kernel_region"

    id: Mapped[int] = public(primary_key=True)
    code: Mapped[str] = public(sa.String(40), unique=True)
    name: Mapped[str] = public(sa.String(120))


class Facility(Base):
    """One prison: what everything else belongs to."""

    __tablename__ = "kernel_facility"

    id: Mapped[int] = public(primary_key=True)
    slug: Mapped[str] = public(sa.String(60), unique=True)
    name: Mapped[str] = public(sa.String(120))
    short_name: Mapped[str] = public(sa.String(60))
    town: Mapped[str] = public(sa.String(60), default="")
    time_zone: Mapped[str] = public(sa.String(40), default="Asia/Jakarta")
    region_id: Mapped[int | None] = public(sa.ForeignKey("kernel_region.id"), index=True)
    public: Mapped[bool] = public(default=True)


class FacilityScoped:
    """What belongs to one facility, and is seen inside its scope alone."""

    @declared_attr
    def facility_id(cls) -> Mapped[int]:  # noqa: N805  SQLAlchemy calls it on the class
        """Name the facility the row belongs to."""
        return internal(sa.ForeignKey("kernel_facility.id"), index=True)


class UnscopedQuery(RuntimeError):
    """Rows of facilities were asked for, or written, without saying whose."""


def current_scope() -> Scope:
    """Return the facilities in view, ``everywhere``, or None outside any scope."""
    return _scope.get()


def spelled(scope: Scope) -> str:
    """Spell a scope as the policies of the tables read it."""
    return scope if isinstance(scope, str) else ",".join(map(str, sorted(scope or ())))


@contextmanager
def _in_scope(scope: Scope) -> Iterator[None]:
    if scope == _scope.get():
        yield
        return
    token = _scope.set(scope)
    begin_anew()  # a transaction belongs to one scope: the next begins inside
    try:
        yield
    finally:
        begin_anew()
        _scope.reset(token)


@contextmanager
def within(facilities: Collection[int]) -> Iterator[None]:
    """Enter the scope of some facilities; what is not committed when it ends is lost."""
    with _in_scope(frozenset(facilities)):
        yield


@contextmanager
def everywhere() -> Iterator[None]:
    """Enter the scope of all facilities: for the portal's own tasks and commands."""
    with _in_scope("everywhere"):
        yield


def by_slug(slug: str) -> Facility:
    """Return the public facility of that address.

    :raise NotFound: if there is none.
    """
    wanted = sa.select(Facility).where(Facility.slug == slug, Facility.public)
    if (found := db.session.scalar(wanted)) is None:
        raise NotFound
    return found


def facility(facility_id: int) -> Facility:
    """Return a facility.

    :raise NotFound: if there is none of that number.
    """
    if (found := db.session.get(Facility, facility_id)) is None:
        raise NotFound
    return found


def facilities(ids: Collection[int] | None = None) -> tuple[Facility, ...]:
    """Return facilities by name; without ``ids``, all of them."""
    wanted = sa.select(Facility).order_by(Facility.name, Facility.id)
    if ids is not None:
        wanted = wanted.where(Facility.id.in_(ids))
    return tuple(db.session.scalars(wanted))


@event.listens_for(orm.Session, "do_orm_execute")
def _keep_in_scope(state: orm.ORMExecuteState) -> None:
    """First wall: narrow queries, lazy loads and bulk changes to the scope."""
    scope = _scope.get()
    if scope == "everywhere" or state.is_column_load:
        return
    if scope is None:
        if any(issubclass(mapper.class_, FacilityScoped) for mapper in state.all_mappers):
            raise UnscopedQuery(str(state.statement))
        return
    if state.is_insert:
        return  # nothing to narrow; new rows are checked before the flush and by the database
    seen = tuple(sorted(scope))
    state.statement = state.statement.options(
        orm.with_loader_criteria(
            FacilityScoped,
            lambda cls: cls.facility_id.in_(seen),
            include_aliases=True,
        )
    )


@event.listens_for(orm.Session, "before_flush")
def _write_in_scope(session: orm.Session, _context: object, _instances: object) -> None:
    """First wall: refuse new and changed rows of facilities out of scope."""
    scope = _scope.get()
    if scope == "everywhere":
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, FacilityScoped) and (scope is None or row.facility_id not in scope):
            raise UnscopedQuery(f"{type(row).__name__} of facility {row.facility_id}")


@event.listens_for(orm.Session, "after_begin")
def _tell_the_database(_session: orm.Session, _transaction: object, at: sa.Connection) -> None:
    """Second wall: the policies of the tables read what is set here."""
    seen = sa.func.set_config("portal.facilities", spelled(_scope.get()), sa.true())
    at.execute(sa.select(seen))
