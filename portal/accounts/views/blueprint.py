"""The blueprints the pages hang on: the staff site's, and the demo's own door."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__, template_folder="../templates")
demo_bp = Blueprint("demo", __name__, template_folder="../templates")
