"""Our own rows behind Flask's session: the cookie holds a random token and nothing else.

Rows are read and written in transactions of their own: a request that is rolled back must not undo
a sign-out, nor must a session wait for the request's commit.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from werkzeug.datastructures import CallbackDict

from portal.accounts.models import SessionRow
from portal.accounts.rules.limits import HALF_SIGNED_IN, SESSIONS_A_PERSON, Limits
from portal.kernel import clock
from portal.kernel.db import db

TOKEN_BYTES = 32
SEEN_EVERY = timedelta(minutes=1)


class RowSession(CallbackDict[str, Any], SessionMixin):
    """One person's session, as the request sees it.

    ``renew`` asks for a new token (sign-in, step-up): the old one dies. ``person_id``, ``limits``,
    ``factors`` and ``device`` go into the new row.
    """

    def __init__(self, data: dict[str, Any] | None = None, token: str | None = None) -> None:
        super().__init__(data, lambda changed: setattr(changed, "modified", True))
        self.modified = False
        self.token = token or ""
        self.started_at = clock.now()
        self.number: int | None = None
        self.person_id: int | None = None
        self.limits: Limits = HALF_SIGNED_IN
        self.factors = ""
        self.device = ""
        self.renew = False
        self.trouble: OperationalError | None = None

    def change_token(self, person_id: int, limits: Limits, factors: str, device: str) -> None:
        """Ask for a new token, now for a signed-in person."""
        self.renew = True
        self.person_id, self.limits = person_id, limits
        self.factors, self.device = factors, device


class RowSessions(SessionInterface):
    """Opens and saves sessions; knows their limits."""

    def open_session(self, app: Flask, request: Request) -> RowSession:
        """Return the session of the cookie, or an empty one if its row is gone or too old."""
        token = request.cookies.get(self.get_cookie_name(app), "")
        if not token or request.path.startswith("/static/"):
            return RowSession()
        try:
            return _read(token)
        except OperationalError as trouble:
            empty = RowSession()
            empty.trouble = trouble  # told when somebody asks who is there: login.py
            return empty

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the row, but only where it still stands; set or clear the cookie."""
        if isinstance(session, RowSession) and session.trouble is None:
            self._save(app, session, response)

    def _save(self, app: Flask, session: RowSession, response: Response) -> None:
        if not (session or session.token):
            return
        response.vary.add("Cookie")
        name = self.get_cookie_name(app)
        if not session:
            _delete(session.token)
            response.delete_cookie(name, **self._cookie(app))
        elif session.renew or not session.token:
            response.set_cookie(name, _insert(session), **self._cookie(app))
        elif session.modified:
            _update(session)

    def _cookie(self, app: Flask) -> dict[str, Any]:
        """Return what the cookie says besides its value; the browser forgets it when it closes."""
        return {
            "path": "/",
            "secure": self.get_cookie_secure(app),
            "httponly": True,
            "samesite": "Strict",
        }


@contextmanager
def _own_transaction() -> Iterator[Session]:
    """Begin anew: what the request did is committed or unwanted, and gives its connection back."""
    db.session.rollback()
    with Session(db.engine, join_transaction_mode="create_savepoint") as own, own.begin():
        yield own


def token_hash(token: str) -> bytes:
    """Return what the table knows of a token."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """Return 256 random bits as text for a cookie or a link."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def alive(row: SessionRow, now: datetime) -> bool:
    """Tell whether a row is within its idle and its absolute limit."""
    idle, absolute = timedelta(seconds=row.idle_seconds), timedelta(seconds=row.absolute_seconds)
    return now - row.seen_at <= idle and now - row.started_at <= absolute


def _read(token: str) -> RowSession:
    now = clock.now()
    with _own_transaction() as own:
        row = own.get(SessionRow, token_hash(token))
        if row is None:
            return RowSession()
        if not alive(row, now):
            own.delete(row)
            return RowSession()
        if now - row.seen_at >= SEEN_EVERY:
            row.seen_at = now
        opened = RowSession(dict(row.data), token)
        opened.started_at, opened.number = row.started_at, row.number
        opened.person_id, opened.factors, opened.device = row.person_id, row.factors, row.device
        opened.limits = Limits(
            timedelta(seconds=row.idle_seconds), timedelta(seconds=row.absolute_seconds)
        )
        return opened


def _delete(token: str) -> None:
    with _own_transaction() as own:
        own.execute(sa.delete(SessionRow).where(SessionRow.token_hash == token_hash(token)))


def _update(session: RowSession) -> None:
    """Write only if the row still stands: a slow request cannot bring back an ended session."""
    with _own_transaction() as own:
        own.execute(
            sa.update(SessionRow)
            .where(SessionRow.token_hash == token_hash(session.token))
            .values(data=dict(session))
        )


def _insert(session: RowSession) -> str:
    """Put the session under a new token; end the old one, and the oldest if there are too many."""
    token = new_token()
    with _own_transaction() as own:
        if session.token:
            old = sa.delete(SessionRow).where(SessionRow.token_hash == token_hash(session.token))
            if own.scalar(old.returning(SessionRow.token_hash)) is None:
                return token  # ended while this request ran: a new token must not revive it
        own.add(
            SessionRow(
                token_hash=token_hash(token),
                person_id=session.person_id,
                data=dict(session),
                factors=session.factors,
                device=session.device,
                started_at=session.started_at,
                seen_at=clock.now(),
                idle_seconds=int(session.limits.idle.total_seconds()),
                absolute_seconds=int(session.limits.absolute.total_seconds()),
            )
        )
        own.flush()
        if session.person_id is not None:
            _keep_the_newest(own, session.person_id)
    return token


def _keep_the_newest(own: Session, person_id: int) -> None:
    newest = (
        sa.select(SessionRow.token_hash)
        .where(SessionRow.person_id == person_id)
        .order_by(SessionRow.started_at.desc(), SessionRow.number.desc())
        .limit(SESSIONS_A_PERSON)
    )
    own.execute(
        sa.delete(SessionRow).where(
            SessionRow.person_id == person_id, SessionRow.token_hash.not_in(newest)
        )
    )
