"""Where everything meets: settings, kernel and modules become one Flask application."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import flask_migrate
import redis
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.pool import QueuePool
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.accounts import login
from portal.domain.actor import PORTAL
from portal.kernel import answers, assets, clock, home, jobs, limits, logs, mail, pages, text, web
from portal.kernel.cache import CACHE_DB
from portal.kernel.db import db
from portal.kernel.facility import Facility, Region, everywhere, facility, within
from portal.kernel.module import Module
from portal.kernel.storage import FolderStorage
from portal.kernel.work import unit_of_work
from portal.modules import MODULES
from portal.settings import Settings, spelling

MIGRATIONS = Path(__file__).parent.parent / "migrations"
OWN_MACHINE = ("localhost", "127.0.0.1", "[::1]")
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
            "poolclass": QueuePool,
        },
        OWNER_URL=settings.owner_url,
        SMTP_URL=settings.smtp_url,
        MAIL_FROM=settings.mail_from,
        # Another name in `Host` is refused: a page whose name was rebound to us asks in vain.
        TRUSTED_HOSTS=[urlsplit(settings.base_url).hostname, *OWN_MACHINE],
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
    answers.init_app(app)
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
    app.register_blueprint(pages.help_bp)
    if settings.demo:
        app.register_blueprint(pages.bp)
    for module in modules:
        for site, blueprint in module.blueprints.items():
            wanted = settings.demo if site == "demo" else settings.site in {site, "all"}
            if wanted:
                app.register_blueprint(blueprint)
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        app.add_url_rule("/", "web.root", home.root)


DEMO_PLACES = (
    (
        "muara-enim",
        "Lapas Kelas IIB Muara Enim (data contoh)",
        "Lapas Muara Enim",
        "Muara Enim",
        "Asia/Jakarta",
    ),
    (
        "contoh-timur",
        "Lapas Kelas IIB Contoh Timur (rekaan)",
        "Lapas Contoh Timur",
        "Contoh Timur",
        "Asia/Jayapura",
    ),
)
DEMO_REGION = ("contoh", "Kanwil Ditjenpas Contoh")
BELOW_THE_ROOMS = ("register", "accounts")


def load_demo(app: Flask) -> bool:
    """Load the invented facilities once; tell whether anything was loaded.

    The first is full; the second has places, persons and staff alone, so that a regional viewer
    has two and everyone can see that the walls hold.
    """
    with app.app_context(), everywhere():
        if db.session.scalar(sa.select(sa.func.count()).select_from(Facility)):
            return False
        with unit_of_work(PORTAL, "portal.demo.load") as work:
            region = work.add(Region(code=DEMO_REGION[0], name=DEMO_REGION[1]))
            made = [
                work.add(
                    Facility(
                        slug=slug,
                        name=name,
                        short_name=short,
                        town=town,
                        time_zone=zone,
                        region_id=region.id,
                        public=slug == DEMO_PLACES[0][0],
                    )
                ).id
                for slug, name, short, town, zone in DEMO_PLACES
            ]
            work.note("portal_demo", facilities=len(made))
        for first, facility_id in zip((True, False), made, strict=True):
            today = clock.today(facility(facility_id).time_zone)
            for module in app.extensions["portal.modules"]:
                if module.demo and (first or module.name in BELOW_THE_ROOMS):
                    seed = f"{facility_id}-{module.name}"
                    with within({facility_id}):
                        module.demo(facility_id, Random(seed), today)  # noqa: S311  invented data
    return True
