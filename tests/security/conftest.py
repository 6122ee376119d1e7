"""One furnished facility and one empty one, made once for all tests of the matrix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from random import Random

import pytest
from flask import Flask

from portal.domain.actor import Actor, Role
from portal.kernel.db import db
from portal.kernel.facility import Facility, everywhere, within
from portal.kernel.module import modules
from tests.conftest import Client, make_actor, make_facility

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Furnished:
    """The demo's things in one facility, and people of each role in it and outside of it."""

    app: Flask
    place: Facility
    inside: dict[Role, Actor]
    outside: dict[Role, Actor]

    def client(self, actor: Actor | None = None) -> Client:
        """Return a browser of somebody, or of nobody."""
        self.app.test_client_class = Client
        made = self.app.test_client()
        assert isinstance(made, Client)
        made.environ_base = {**made.environ_base, "HTTP_SEC_FETCH_SITE": "same-origin"}
        return made.signed_in(actor) if actor else made


@pytest.fixture(scope="module")
def furnished(app: Flask) -> Iterator[Furnished]:
    """Load the demo, all of it; undone after the last test."""
    with app.app_context():
        engines, engine = db.engines, db.engine
        with engine.connect() as connection, connection.begin() as transaction:
            engines[None] = connection  # type: ignore[index]
            # A broken door is a 500, and the walk goes on.
            app.config["PROPAGATE_EXCEPTIONS"] = False
            try:
                with everywhere():
                    yield _furnish(app)
            finally:
                app.config["PROPAGATE_EXCEPTIONS"] = None
                db.session.remove()
                engines[None] = engine  # type: ignore[index]
                transaction.rollback()


def _furnish(app: Flask) -> Furnished:
    place, elsewhere = make_facility("muara-contoh"), make_facility("seberang")
    number = place.id
    for module in modules():
        if module.demo:
            with within({number}):
                module.demo(number, Random(7), TODAY)
    inside = {role: make_actor(role, at=place) for role in Role}
    outside = {role: make_actor(role, at=elsewhere) for role in Role}
    db.session.refresh(place)
    db.session.expunge(place)
    return Furnished(app, place, inside, outside)


@contextmanager
def undone() -> Iterator[None]:
    """Undo what is done inside, commits included."""
    db.session.rollback()
    savepoint = db.engines[None].begin_nested()  # type: ignore[union-attr]
    try:
        yield
    finally:
        db.session.rollback()
        savepoint.rollback()
