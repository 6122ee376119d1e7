"""Where everything meets: settings, kernel and modules become one Flask application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import flask_migrate
import redis
from flask import Flask
from sqlalchemy.pool import QueuePool
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.accounts import login
from portal.kernel import assets, home, jobs, limits, logs, mail, pages, text, web
from portal.kernel.cache import CACHE_DB
from portal.kernel.db import db
from portal.kernel.module import Module
from portal.kernel.storage import FolderStorage
from portal.modules import MODULES
from portal.settings import Settings, spelling

MIGRATIONS = Path(__file__).parent.parent / "migrations"
LARGEST_REQUEST = 12 * 1024 * 1024
LARGEST_FORM = 1024 * 1024


def create_app(settings: Settings, modules: Sequence[Module] = MODULES) -> Flask:
    """Make the application; the only place that knows what its libraries call our settings."""
    logs.set_up()
    app = Flask("portal", static_folder=None, template_folder="kernel/templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 5,
            "max_overflow": 5,
            "pool_timeout": 5,
            "pool_pre_ping": True,
            "poolclass": QueuePool,
        },
        OWNER_URL=settings.owner_url,
        SMTP_URL=settings.smtp_url,
        MAIL_FROM=settings.mail_from,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        SESSION_COOKIE_NAME="__Host-portal" if settings.secure_cookies else "portal",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        **limits.limiter_settings(settings.redis_url),
    )
    app.json.sort_keys = True  # type: ignore[attr-defined]  # of Flask's own provider
    app.extensions["portal.settings"] = settings
    app.extensions["portal.modules"] = tuple(modules)
    app.extensions["portal.storage"] = FolderStorage(settings.storage_root)
    app.extensions["portal.redis"] = redis.Redis.from_url(
        spelling(settings.redis_url, "redis", CACHE_DB),
        socket_timeout=0.3,
        socket_connect_timeout=0.3,
    )
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    db.init_app(app)
    flask_migrate.Migrate(app, db, directory=str(MIGRATIONS), compare_type=True)
    text.init_app(app)
    login.init_app(app)
    web.init_app(app)
    limits.limiter.init_app(app)
    assets.init_app(app)
    jobs.init_app(
        app,
        settings,
        {name: when for module in modules for name, when in module.schedule.items()},
    )
    app.extensions["portal.mail"] = mail.send_waiting
    _open_doors(app, settings, modules)
    return app


def _open_doors(app: Flask, settings: Settings, modules: Sequence[Module]) -> None:
    """Register the blueprints of the site this process serves."""
    app.register_blueprint(home.bp)
    if settings.demo:
        app.register_blueprint(pages.bp)
    for module in modules:
        for site, blueprint in module.blueprints.items():
            wanted = settings.demo if site == "demo" else settings.site in {site, "all"}
            if wanted:
                app.register_blueprint(blueprint)
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "web.root", home.root)
