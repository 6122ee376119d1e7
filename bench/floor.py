"""Requests a second of a bare page, a bare insert and the kiosk's submit, in one run: make bench.

All three under gunicorn with the portal's own settings (two processes, four threads), on the same
embedded PostgreSQL with fsync on, asked by eight connections that are kept.  The driver and the
servers share the machine, so the numbers say little and their ratios much.  Rounds alternate and
the median counts.  One JSON object on standard output, a table on standard error.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import json
import os
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import flask_migrate
import psycopg

from portal import embedded, supervise
from portal.app import create_app
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, Region, everywhere
from portal.settings import Settings
from portal.survey.models import Device
from portal.survey.rules.intake import content_hash
from portal.survey.rules.questionnaire import NEWEST, asked_by
from portal.survey.services.devices import hashed

CONNECTIONS = 8
DEVICES = 64  # each tablet has a limit a minute of its own
Ask = Callable[[], tuple[str, str, bytes | None, dict[str, str]]]


@contextmanager
def gunicorn(target: str, address: str, env: dict[str, str], folder: Path) -> Iterator[str]:
    command = supervise.web(address)[:-1]
    process = subprocess.Popen(
        [sys.executable, "-m", *command, target],
        env=os.environ | env,
        cwd=supervise.ROOT,
        stdout=(folder / f"{target}.log").open("wb"),
        stderr=subprocess.STDOUT,
    )
    try:
        deadline = time.monotonic() + 60
        while not answers(address):
            if process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit((folder / f"{target}.log").read_text())
            time.sleep(0.1)
        yield address
    finally:
        process.terminate()
        process.wait(40)


def answers(address: str) -> bool:
    asking = http.client.HTTPConnection(address, timeout=5)
    try:
        asking.request("GET", "/nothing")
        asking.getresponse().read()
    except OSError:
        return False
    finally:
        asking.close()
    return True


def drive(address: str, ask: Ask, seconds: float) -> tuple[float, float]:
    """Ask as fast as it answers; return requests a second and the 95th percentile in ms."""
    took: list[float] = []
    wrong: list[str] = []
    end = time.monotonic() + seconds

    def one() -> None:
        connection = http.client.HTTPConnection(address, timeout=30)
        while (began := time.monotonic()) < end and not wrong:
            method, path, body, headers = ask()
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status != 200:
                wrong.append(f"{path}: {answer.status} {said[:300]!r}")
            took.append(time.monotonic() - began)
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise SystemExit(wrong[0])
    return len(took) / seconds, statistics.quantiles(took, n=20)[-1] * 1000


def sheet(device: int) -> dict[str, object]:
    now = int(time.time() * 1000)
    envelope: dict[str, object] = {
        "uuid": str(uuid4()),
        "device": device,
        "seq": 1,
        "lane": "skm",
        "form_version": NEWEST,
        "lang": "id",
        "service": "kunjungan",
        "answers": dict.fromkeys(asked_by().form_order, 3),
        "assisted": False,
        "started_ms": now - 60_000,
        "finished_ms": now - 1_000,
        "salt": secrets.token_hex(8),
    }
    return {**envelope, "hash": content_hash(envelope)}


def ask_page() -> tuple[str, str, bytes | None, dict[str, str]]:
    return "GET", "/page", None, {}


def ask_insert() -> tuple[str, str, bytes | None, dict[str, str]]:
    body = json.dumps(sheet(1)).encode()
    return "POST", "/insert", body, {"Content-Type": "application/json"}


def ask_kiosk(devices: list[tuple[int, str]], size: int) -> Ask:
    def ask() -> tuple[str, str, bytes | None, dict[str, str]]:
        number, token = secrets.choice(devices)
        items = [sheet(number) for _ in range(size)]
        body = json.dumps({"sent_ms": int(time.time() * 1000), "items": items}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        return "POST", "/kiosk/api/answers", body, headers

    return ask


def settle(at: embedded.Addresses, folder: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Make the portal's tables, a facility and its tablets; return settings and tokens."""
    env = {
        "PORTAL_DATABASE_URL": at.database_url,
        "PORTAL_OWNER_URL": at.owner_url,
        "PORTAL_REDIS_URL": at.redis_url,
        "PORTAL_SECRET_KEY": secrets.token_urlsafe(48),
        "PORTAL_SEAL_KEYS": f"1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "PORTAL_STORAGE_ROOT": str(folder / "files"),
        "PORTAL_SECURE_COOKIES": "0",
    }
    app = create_app(Settings.from_environ(env))
    tokens = [secrets.token_urlsafe(32) for _ in range(DEVICES)]
    with app.app_context(), everywhere():
        flask_migrate.upgrade()
        region = Region(code="bench", name="Bench")
        db.session.add(region)
        db.session.flush()
        place = Facility(
            slug="bench",
            name="Bench",
            short_name="Bench",
            town="Bench",
            time_zone="Asia/Jakarta",
            region_id=region.id,
            public=False,
        )
        db.session.add(place)
        db.session.flush()
        rows = [
            Device(
                facility_id=place.id,
                name=f"Tablet {number}",
                place="Bench",
                token_hash=hashed(token),
                enrolled_at=clock.now() - timedelta(days=1),
                last_seq=0,
            )
            for number, token in enumerate(tokens)
        ]
        db.session.add_all(rows)
        db.session.commit()
        devices = [(row.id, token) for row, token in zip(rows, tokens, strict=True)]
        db.engine.dispose()
    return env, devices


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--seconds", type=float, default=4)
    options = words.parse_args()
    with TemporaryDirectory(prefix="bench-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with embedded.servers(folder / "s", durable=True) as at:
            report(run(at, folder, options.rounds, options.seconds))


def run(
    at: embedded.Addresses, folder: Path, rounds: int, seconds: float
) -> dict[str, list[tuple[float, float]]]:
    plain = at.owner_url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as owner:
        owner.execute("CREATE TABLE bare (uuid uuid PRIMARY KEY, hash text, answers text)")
        owner.execute("GRANT INSERT, SELECT ON bare TO portal_app")
    env, devices = settle(at, folder)
    bare = {"BENCH_DATABASE_URL": at.database_url.replace("+psycopg", "")}
    ports = [f"127.0.0.1:{embedded.free_port()}" for _ in range(2)]
    with (
        gunicorn("bench.bare:app", ports[0], bare, folder),
        gunicorn("wsgi:app", ports[1], env, folder),
    ):
        targets: dict[str, tuple[str, Ask]] = {
            "bare page": (ports[0], ask_page),
            "bare insert": (ports[0], ask_insert),
            "kiosk, 1 sheet": (ports[1], ask_kiosk(devices, 1)),
            "kiosk, 20 sheets": (ports[1], ask_kiosk(devices, 20)),
        }
        for address, ask in targets.values():
            drive(address, ask, 1)  # warm
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in targets}
        for _ in range(rounds):
            for each, (address, ask) in targets.items():
                found[each].append(drive(address, ask, seconds))
    return found


def report(found: dict[str, list[tuple[float, float]]]) -> None:
    rates = {name: statistics.median(rate for rate, _ in rows) for name, rows in found.items()}
    slow = {name: statistics.median(late for _, late in rows) for name, rows in found.items()}
    rates["kiosk, 20 sheets"] *= 20  # sheets a second
    page, insert = rates["bare page"], rates["bare insert"]
    print(f"{'':18} {'a second':>9} {'p95 ms':>7} {'of page':>8} {'of insert':>9}", file=sys.stderr)
    for name, rate in rates.items():
        line = f"{name:18} {rate:9.0f} {slow[name]:7.1f} {rate / page:8.2f} {rate / insert:9.2f}"
        print(line, file=sys.stderr)
    figures = {
        name: {
            "per_second": round(rate, 1),
            "p95_ms": round(slow[name], 1),
            "of_page": round(rate / page, 3),
            "of_insert": round(rate / insert, 3),
        }
        for name, rate in rates.items()
    }
    print(json.dumps({"cores": os.cpu_count(), "connections": CONNECTIONS, "figures": figures}))


if __name__ == "__main__":
    main()
