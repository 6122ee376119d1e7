"""People with real passwords and factors, and the steps of signing in."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.models import Person, RoleHeld, SessionRow
from portal.accounts.services.sign_in import totp_owner
from portal.domain.actor import Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.kernel.sealing import hash_secret, seal

PASSWORD = "kuda hijau terbang pelan"
NEW_PASSWORD = "ikan biru berenang jauh"


@dataclass
class Human:
    """A person as the tests know him: with the secrets in his head and on his phone."""

    id: int
    login: str
    secret: str = ""
    password: str = PASSWORD
    codes: tuple[str, ...] = field(default=())

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(int(clock.now().timestamp()))


def make_person(
    *roles: Role,
    at: Facility | int,
    region: int | None = None,
    login: str = "",
    totp: bool = True,
    password: str | None = PASSWORD,
) -> Human:
    """Make a person who can sign in."""
    login = login or f"orang.{secrets.token_hex(4)}"
    now = clock.now()
    row = Person(
        login=login,
        display_name=f"Orang {login[-4:]}",
        handle=secrets.token_bytes(32),
        created_at=now,
        password_hash=hash_secret(password) if password else None,
    )
    db.session.add(row)
    db.session.flush()
    secret = pyotp.random_base32() if totp else ""
    if totp:
        row.totp_sealed = seal(secret, totp_owner(row.id))
    place = at if isinstance(at, int) else at.id
    for role in roles:
        db.session.add(
            RoleHeld(
                person_id=row.id,
                role=role,
                facility_id=None if region else place,
                region_id=region,
                since=now,
            )
        )
    human = Human(row.id, login, secret)
    db.session.commit()
    return human


class Browser:
    """A browser of one human, with its own cookies."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(path, data=data, **options)

    def password(self, human: Human, password: str = "") -> TestResponse:
        data = {"login": human.login, "password": password or human.password}
        return self.post("/sign-in", data)

    def sign_in(self, human: Human) -> TestResponse:
        answer = self.password(human)
        assert answer.status_code == 303, answer.text
        if not human.secret:
            return answer
        answer = self.post("/sign-in/code", {"code": human.code()})
        assert answer.status_code == 303, answer.text
        return answer

    @property
    def token(self) -> str:
        cookie = self.client.get_cookie("portal")
        return cookie.value if cookie else ""


@pytest.fixture
def browse(client: Any) -> Callable[[], Browser]:
    """Return a function that opens one more browser."""

    def opened() -> Browser:
        made = client.application.test_client()
        made.environ_base = {**made.environ_base, "HTTP_SEC_FETCH_SITE": "same-origin"}
        return Browser(made)

    return opened


def rows_of(human: Human) -> int:
    """Count a person's sessions."""
    db.session.rollback()
    wanted = sa.select(sa.func.count()).where(SessionRow.person_id == human.id)
    return db.session.scalar(wanted) or 0
