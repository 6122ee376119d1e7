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
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import BaseConverter

from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotAllowed, NotFound
from portal.domain.text import message
from portal.kernel import facility as facilities
from portal.kernel.facility import Facility, within
from portal.kernel.module import modules
from portal.kernel.text import said
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


# --- What every answer carries --------------------------------------------------------------------

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "portal",
}
FEATURES = ("camera", "display-capture", "geolocation", "hid", "microphone", "payment", "usb")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}


def _policy(**other: str) -> str:
    return "; ".join(f"{name} {value}" for name, value in (POLICY | other).items())


OWN_FILES_ALONE = _policy()


def add_headers(response: Response) -> Response:
    """Set the headers of security.md 3.4; a page with its style inside names the style's hash."""
    policy = OWN_FILES_ALONE
    if style := g.get("style_hash"):
        policy = _policy(**{"style-src": f"'sha256-{style}'", "script-src": "'none'"})
    said = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  of pairs, not names
    wanted = HEADERS | {"Content-Security-Policy": policy}
    response.headers.extend([pair for pair in wanted.items() if pair[0].lower() not in said])
    return response


# --- Errors ---------------------------------------------------------------------------------------


def wants_json() -> bool:
    """Tell whether a program asks, not a person's browser."""
    return "/api/" in request.path or request.is_json


def refused(error: DomainError) -> ResponseReturnValue:
    """Answer a refusal in words, or lead to the page that mends it."""
    if isinstance(error, (SignInNeeded, SignInAgain, SecondFactorNeeded)) and not wants_json():
        door = {SignInNeeded: SIGN_IN, SignInAgain: SIGN_IN_AGAIN, SecondFactorNeeded: ENROL}
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for(door[type(error)], next=back), code=303)
    if error.status == NotAllowed.status:
        log.warning("refused", extra={"endpoint": request.endpoint, "actor": current_actor().id})
    words = said(error)
    if wants_json():
        return jsonify(error={"status": error.status, "text": words}), error.status
    page = "missing" if isinstance(error, NotFound) else "refused"
    return render_template(f"errors/{page}.html", text=words), error.status


HTTP_TEXTS = {
    400: message("The request could not be read. Go back and try again."),
    405: message("This page cannot be asked for in this way."),
    413: message("The file is too large."),
    415: message("This kind of file is not accepted."),
    429: message("Too many tries. Wait a moment and try again."),
}


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses, in our words and with our pages."""
    status = error.code or 500
    if isinstance(error, SecurityError):  # another host: no address of ours can be built for it
        return Response(said(HTTP_TEXTS[400]), status, mimetype="text/plain")
    if status < 400:  # a redirect for a trailing slash is no error
        return error.get_response()
    if status == NotFound.status:
        return refused(NotFound())
    words = said(HTTP_TEXTS.get(status, HTTP_TEXTS[400]))
    if wants_json():
        return jsonify(error={"status": status, "text": words}), status
    return render_template("errors/refused.html", text=words), status


def database_away(error: OperationalError) -> ResponseReturnValue:
    """Say that nothing was stored: the database does not answer or takes no writes."""
    log.error("database", extra={"reason": type(error.orig).__name__})
    words = said(message("The data is not stored yet. Try again."))
    if wants_json():
        return jsonify(error={"status": 503, "text": words}), 503
    return render_template("errors/refused.html", text=words), 503


def broken(error: Exception) -> ResponseReturnValue:
    """Show a reference that stands in the log too, and what happened to the answers."""
    reference = f"P-{secrets.token_hex(3).upper()}"
    cause = getattr(error, "original_exception", None) or error
    log.error(
        "broken", extra={"reference": reference, "endpoint": request.endpoint}, exc_info=cause
    )
    if wants_json():
        return jsonify(error={"status": 500, "reference": reference}), 500
    return render_template("errors/broken.html", reference=reference), 500


# --- The pieces of a page -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Door:
    """One line of the menu."""

    label: str
    href: str
    current: bool
    icon: str


def menu() -> list[Door]:
    """Return the doors that are open to who asks."""
    actor = current_actor()
    blueprint = request.blueprint
    return [
        Door(
            said(item.label),
            url_for(item.endpoint),
            item.endpoint.partition(".")[0] == blueprint,
            item.icon,
        )
        for module in modules()
        for item in module.menu
        if actor.may(item.permission) and item.endpoint in current_app.view_functions
    ]


def facility_name() -> str:
    """Return the name of the working facility, or nothing; on the desk, where the person works."""
    if current_reach():
        return place().name
    chosen, own = session.get("facility"), current_actor().facilities
    if not own:
        return ""
    return facilities.facility(int(chosen) if chosen in own else min(own)).name


class SlugConverter(BaseConverter):
    """A name in an address: small letters, digits and single hyphens."""

    regex = r"[a-z0-9]+(?:-[a-z0-9]+)*"


def init_app(app: Flask) -> None:
    """Put the gate before, the headers behind, and the words into every page."""
    app.url_map.converters["slug"] = SlugConverter
    app.before_request(refuse_foreign_changes)
    app.before_request(guard)
    app.before_request(refuse_impossible_numbers)
    app.before_request(refuse_doubled_questions)
    app.teardown_request(_leave)
    app.after_request(add_headers)
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(500, broken)
    app.jinja_env.globals.update(
        actor=lambda: current_actor() if current_actor() is not ANONYMOUS else None,
        menu=menu,
        facility_name=facility_name,
        submission_key=submission_key,
        demo_mode=lambda: settings().demo,
    )
