"""Who is there: Flask-Login's loader over our session rows, and the one way in.

Every way to sign in ends in ``let_in``; no other function makes a session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import flask_login
from flask import Flask, Request, Response, after_this_request, current_app, request, session

from portal.accounts import queries
from portal.accounts.queries import Standing
from portal.accounts.rules.limits import (
    FRESH,
    KNOWN_DEVICE,
    PENDING,
    SESSIONS_A_PERSON,
    limits_for,
)
from portal.accounts.sessions import RowSession, RowSessions
from portal.domain.actor import Actor
from portal.kernel import clock
from portal.kernel.module import grants
from portal.kernel.web import SignInAgain, SignInNeeded, current_actor, settings

DEMO = "demo"
BOTH = 2
KEPT_AT_STEP_UP = ("facility",)
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "SamsungBrowser": "Samsung Internet",
            "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}  # fmt: skip
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows",
           "Mac OS": "macOS", "Linux": "Linux"}  # fmt: skip


@dataclass(frozen=True)
class SignedIn(flask_login.UserMixin):
    """The person of this request: what Flask-Login holds and the gate asks."""

    id: int
    login: str
    actor: Actor
    both_factors: bool


def init_app(app: Flask) -> None:
    """Put our sessions and our loader into the application."""
    app.session_interface = RowSessions()
    manager = flask_login.LoginManager()
    manager.session_protection = None  # the row is the protection; addresses change in a shift
    manager.user_loader(_load)
    manager.request_loader(_tell_trouble)
    manager.init_app(app)


def actor_of(person: Standing, *, fresh: bool = False) -> Actor:
    """Return the person as an actor: each permission of each task, where the task is held."""
    reach: dict[str, frozenset[int]] = {}
    for permission, roles in grants().items():
        places = [held.facilities for held in person.held if held.role in roles]
        if places:
            reach[permission] = frozenset().union(*places)
    return Actor(person.id, person.name, reach, person.roles, fresh)


def _load(number: str) -> SignedIn | None:
    """Return the person of this session, or None if it is not, or no longer, worth anything."""
    mine = _row()
    person = queries.standing(int(number)) if mine.person_id == int(number) else None
    if person is None:
        return None
    factors = mine.factors.split()
    both = settings().demo if DEMO in factors else len(factors) >= BOTH
    if not both and (DEMO in factors or person.second_factors):
        return None  # a password alone opens nothing once there is a second factor
    shown = datetime.fromtimestamp(session["auth_at"], UTC)
    fresh = DEMO in factors or clock.now() - shown <= FRESH  # the demo's people have no password
    if both:
        return SignedIn(person.id, person.login, actor_of(person, fresh=fresh), both_factors=True)
    nothing = Actor(person.id, person.name, {}, person.roles, fresh)
    return SignedIn(person.id, person.login, nothing, both_factors=False)


def _tell_trouble(_request: Request) -> None:
    """Say that the database is away, once, to who asks who is there."""
    mine = _row()
    if (trouble := mine.trouble) is not None and "portal.told" not in request.environ:
        request.environ["portal.told"] = True
        raise trouble


def _row() -> RowSession:
    return cast(RowSession, cast(Any, session)._get_current_object())  # noqa: SLF001  a proxy


# --- The way in -----------------------------------------------------------------------------------


def ask_second(person_id: int) -> None:
    """Remember that the password was right; the second factor has five minutes."""
    session["pending"] = {"person": person_id, "at": clock.now().timestamp()}


def half_signed_in() -> int:
    """Return who has shown a password and owes the second factor.

    :raise SignInNeeded: if nobody has, or too long ago.
    """
    pending = session.get("pending")
    if pending is None:
        raise SignInNeeded
    if clock.now() - datetime.fromtimestamp(pending["at"], UTC) > PENDING:
        raise SignInNeeded
    return int(pending["person"])


def let_in(person_id: int, *factors: str) -> bool:
    """Sign the person in under a new token; tell whether the oldest session had to end for it.

    Step-up keeps the start of the shift, and the facility that was chosen.

    :raise SignInNeeded: if the person was disabled meanwhile.
    """
    person = queries.standing(person_id)
    if person is None:
        raise SignInNeeded
    mine = _row()
    again = mine.person_id == person_id
    others = [each for each in queries.sessions_of(person_id) if each.number != mine.number]
    kept = {name: session[name] for name in KEPT_AT_STEP_UP if again and name in session}
    if not again:
        mine.started_at = clock.now()
    session.clear()
    session.update(kept)
    flask_login.login_user(SignedIn(person.id, person.login, actor_of(person), both_factors=True))
    session["auth_at"] = clock.now().timestamp()
    mine.change_token(person_id, limits_for(person.roles), " ".join(factors), device_label())
    return len(others) >= SESSIONS_A_PERSON


def leave() -> None:
    """End this session: its row goes when the answer is made."""
    session.clear()
    flask_login.logout_user()
    session.clear()


def this_session() -> int | None:
    """Return the number of this request's session."""
    return _row().number


def factors_shown() -> tuple[str, ...]:
    """Return what was shown when this session began."""
    return tuple(_row().factors.split())


def own_login() -> str:
    """Return the user name of who is signed in."""
    known = queries.standing(int(current_actor().id or 0))
    return known.login if known else ""


def need_fresh() -> None:
    """Ask for both factors again if they were shown more than a few minutes ago.

    :raise SignInAgain: then.
    """
    if not current_actor().fresh:
        raise SignInAgain


# --- Devices --------------------------------------------------------------------------------------


def device_cookie() -> str:
    """Return the name of the cookie that tells a browser apart."""
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def device_token() -> str:
    """Return the token of this browser, or nothing if it is new here."""
    return request.cookies.get(device_cookie(), "")


def know_device(token: str) -> None:
    """Have the browser keep its token."""

    def keep(answer: Response) -> Response:
        answer.set_cookie(
            device_cookie(),
            token,
            max_age=KNOWN_DEVICE,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Strict",
        )
        return answer

    after_this_request(keep)


def device_label() -> str:
    """Name the browser in two words, for the person's own list of sessions."""
    agent = request.user_agent.string

    def first(names: Mapping[str, str]) -> list[str]:
        return [name for sign, name in names.items() if sign in agent][:1]

    return ", ".join(first(BROWSERS) + first(SYSTEMS))
