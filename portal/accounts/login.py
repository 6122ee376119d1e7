"""Who is there: Flask-Login's loader. (First shape; the sign-in itself follows.)"""

from __future__ import annotations

from flask import Flask
from flask_login import LoginManager

from portal.kernel.web import public

manager = LoginManager()
manager.session_protection = None  # the row is the protection; addresses change in a shift


def init_app(app: Flask) -> None:
    """Load who is signed in."""
    manager.init_app(app)
    manager.user_loader(lambda _key: None)
    for name in ("sign_in", "sign_out", "again", "factors", "sessions"):
        view = public(lambda: ("", 204))
        app.add_url_rule(
            f"/{name.replace('_', '-')}", f"accounts.{name}", view, methods=["GET", "POST"]
        )
