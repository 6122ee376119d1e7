"""The gate before all views, who is asking, and what every answer carries.

Refused by default: a view without a mark, a permission not held, a change asked for by another
site's page.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    current_app,
    flash,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask_login import current_user
from werkzeug.routing import BaseConverter

from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotAllowed, NotFound
from portal.domain.text import message
from portal.kernel import facility as facilities
from portal.kernel.facility import Facility, within
from portal.kernel.module import modules
from portal.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])  # any view: arguments come from its URL

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
STATIC = frozenset({"static_asset"})
SUBMISSION_KEY = re.compile(r"[0-9a-f]{32}")
LARGEST_ID = 2**31 - 1
ANONYMOUS = Actor(id=None, name="")
SIGN_IN, SIGN_IN_AGAIN, ENROL = "accounts.sign_in", "accounts.again", "accounts.factors"

log = logging.getLogger("portal.web")


class SignInNeeded(DomainError):
    """Nobody is signed in."""

    status = 401
    text = message("Sign in first.")


class SignInAgain(DomainError):
    """A dangerous act asks for both factors once more."""

    status = 401
    text = message("Sign in again to go on.")


class SecondFactorNeeded(DomainError):
    """The person has no second factor yet, and may only set one up."""

    status = 403
    text = message("Set up a second factor first.")


class Foreign(DomainError):
    """Another site's page asks for a change in the person's name."""

    status = 403
    text = message("This request came from another page. Open the page again and repeat.")


class Doubled(DomainError):
    """The address says one thing twice."""

    status = 400
    text = message("The request could not be read. Go back and try again.")


@dataclass(frozen=True, slots=True)
class Opening:
    """To whom a view opens."""

    kind: Literal["public", "one_factor", "signed_in", "permission"]
    permission: str = ""
    fresh: bool = False


def _mark(opening: Opening) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.opening = opening  # type: ignore[attr-defined]  # a mark on the view, read by guard()
        return view

    return mark


def access(permission: str, *, fresh: bool = False) -> Callable[[View], View]:
    """Open a view to who holds the permission; ``fresh`` asks for both factors again."""
    return _mark(Opening("permission", str(permission), fresh))


def public(view: View) -> View:
    """Open a view to everyone; with ``<slug:place>`` in its address it runs in that facility."""
    return _mark(Opening("public"))(view)


def signed_in(view: View) -> View:
    """Open a view to everyone who is signed in with both factors."""
    return _mark(Opening("signed_in"))(view)


def one_factor(view: View) -> View:
    """Open a view to who has shown a password alone: the pages to set up the second factor."""
    return _mark(Opening("one_factor"))(view)


def guard() -> None:
    """Refuse, before any view runs, what the view does not open; then enter the scope.

    :raise NotAllowed: if the view is unmarked, or its permission is not held.
    :raise SignInNeeded: if nobody is signed in.
    """
    endpoint = request.endpoint or ""
    view = current_app.view_functions.get(endpoint)
    if view is None or endpoint in STATIC:
        return
    opening: Opening | None = getattr(view, "opening", None)
    if opening is None:
        raise NotAllowed
    if opening.kind == "public":
        if place := (request.view_args or {}).get("place"):
            _enter(frozenset({facilities.by_slug(place).id}))
        return
    if current_actor() is ANONYMOUS:
        raise SignInNeeded
    if opening.kind != "one_factor" or "device" in g:
        _ask_both_factors(opening)
        _ask_permission(opening)


def _ask_both_factors(opening: Opening) -> None:
    if "device" in g:
        if opening.kind != "permission":
            raise NotAllowed  # a device has one right, and no account of its own
        return
    if not current_user.both_factors:
        raise SecondFactorNeeded
    if opening.fresh and not current_actor().fresh:
        raise SignInAgain


def _ask_permission(opening: Opening) -> None:
    if opening.kind != "permission":
        return
    reach = current_actor().where(opening.permission)
    if not reach:
        raise NotAllowed
    _enter(reach)


def _enter(reach: frozenset[int]) -> None:
    g.reach = reach
    g.scope = ExitStack()
    g.scope.enter_context(within(reach))


def _leave(_error: BaseException | None = None) -> None:
    if scope := g.pop("scope", None):
        scope.close()


def refuse_impossible_numbers() -> None:
    """Answer a number that no column holds like any other wrong number.

    :raise NotFound: if a part of the address is too large.
    """
    parts = (request.view_args or {}).values()
    if any(isinstance(part, int) and part > LARGEST_ID for part in parts):
        raise NotFound


def refuse_doubled_questions() -> None:
    """Refuse an address that says one thing twice: one reads the first, another the last.

    :raise Doubled: if a part of the query stands there twice.
    """
    if any(len(values) > 1 for values in request.args.to_dict(flat=False).values()):
        raise Doubled


def refuse_foreign_changes() -> None:
    """Refuse a change that another site's page asks for in the person's name (ADR 0005).

    :raise Foreign: if the browser says so, or says nothing while it sends our cookie.
    """
    if request.method in SAFE:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    ours = origin == request.host_url.rstrip("/")
    if site is not None:
        # Under `Referrer-Policy: no-referrer` a form of ours sends the Origin "null".
        own = site in {"same-origin", "none"} and (ours or origin in {None, "null"})
    elif origin is not None:
        own = ours
    else:  # a script with a token of its own may pass, a browser's cookie may not
        own = current_app.config["SESSION_COOKIE_NAME"] not in request.cookies
    if not own:
        raise Foreign


def current_actor() -> Actor:
    """Return who asks: a person, a device, or nobody (an actor without any reach)."""
    if "actor" not in g:
        g.actor = _bearer() or (current_user.actor if current_user.is_authenticated else ANONYMOUS)
    actor: Actor = g.actor
    return actor


def _bearer() -> Actor | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return None
    for module in modules():
        if module.bearer and (actor := module.bearer(token)):
            g.device = True
            return actor
    return None


def current_reach() -> frozenset[int]:
    """Return the facilities this view works in."""
    return frozenset(g.get("reach", ()))


def current_facility() -> int:
    """Return the working facility: the chosen one if the view reaches it, else the first.

    :raise NotAllowed: if the view works in no facility.
    """
    reach = current_reach()
    if not reach:
        raise NotAllowed
    chosen = session.get("facility")
    return int(chosen) if chosen in reach else min(reach)


def place() -> Facility:
    """Return the working facility itself."""
    return facilities.facility(current_facility())


def see_other(endpoint: str, **values: Any) -> Response:  # Any: parts of an address
    """Lead to a page after a change (303), so that a reload repeats nothing."""
    answer = redirect(url_for(endpoint, **values), code=303)
    assert isinstance(answer, Response)  # noqa: S101  for the checker: our response class
    return answer


def safe_next(default: str) -> str:
    """Return the path a form wants to return to, if it is one of ours, else ``default``."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    own = wanted.startswith("/") and not parts.scheme and not parts.netloc
    clean = re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", wanted)
    return wanted if own and clean else default


def says(text: str, kind: str = "positive") -> None:
    """Show one sentence on the next page."""
    flash(text, kind)


def submission_key() -> str:
    """Return the key the form brought, or a fresh one for a form about to be shown."""
    sent = request.form.get("submission_key", "")
    return sent if SUBMISSION_KEY.fullmatch(sent) else secrets.token_hex(16)


def page_number() -> int:
    """Return the page of a list that is asked for, from 1."""
    asked = request.args.get("page", "1")
    return max(1, min(int(asked), 100_000)) if asked.isascii() and asked.isdecimal() else 1


def settings() -> Settings:
    """Return the settings of this application."""
    held: Settings = current_app.extensions["portal.settings"]
    return held


class SlugConverter(BaseConverter):
    """A name in an address: small letters, digits and single hyphens."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def init_app(app: Flask) -> None:
    """Put the gate before every view."""
    app.url_map.converters["slug"] = SlugConverter
    app.before_request(refuse_foreign_changes)
    app.before_request(guard)
    app.before_request(refuse_impossible_numbers)
    app.before_request(refuse_doubled_questions)
    app.teardown_request(_leave)
