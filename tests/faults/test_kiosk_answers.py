"""Two hundred answers come in while web, worker, broker and database are killed: F-01 in short."""

import hashlib
import http.client
import json
import os
import secrets
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psycopg
import pytest

from portal.survey.rules.intake import content_hash
from portal.survey.rules.questionnaire import NEWEST, asked_by
from tests.running import Demo, demo

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]
ANSWERS = 200
VICTIMS = (
    "gunicorn: worker",
    "valkey-server",
    "gunicorn: master",
    "celeryd: celery",
    "pginstall/bin/postgres",
    "gunicorn: worker",
)


@pytest.fixture(scope="module")
def running() -> Iterator[Demo]:
    with TemporaryDirectory(prefix="pk-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        with demo(Path(name) / "demo") as started:
            yield started


def database(running: Demo) -> psycopg.Connection:
    """Connect past all walls: the test counts what is really there."""
    home = running.home / "postgres"
    port = (home / "data" / "postmaster.pid").read_text().splitlines()[3]
    word = (home / "admin.password").read_text()
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        user="postgres",
        password=word,
        dbname="portal",
        autocommit=True,
    )


def make_tablet(running: Demo) -> tuple[int, str]:
    token = secrets.token_urlsafe(32)
    with database(running) as at:
        row = at.execute(
            "INSERT INTO survey_device"
            " (facility_id, name, place, token_hash, enrolled_at, last_seq)"
            " SELECT min(id), 'Fault', 'Fault', %s, now() - interval '1 day', 0"
            " FROM kernel_facility RETURNING id",
            [hashlib.sha256(token.encode()).digest()],
        ).fetchone()
    assert row
    return row[0], token


def sheet(device: int, number: int) -> dict[str, object]:
    now = int(time.time() * 1000)
    envelope: dict[str, object] = {
        "uuid": str(uuid4()),
        "device": device,
        "seq": number,
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


def deliver(running: Demo, token: str, item: dict[str, object]) -> float:
    """Send a sheet until it is acknowledged, as the tablet does; return how long that took."""
    began = time.monotonic()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    while time.monotonic() - began < 60:
        body = json.dumps({"sent_ms": int(time.time() * 1000), "items": [item]})
        asking = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
        try:
            asking.request("POST", "/kiosk/api/answers", body, headers)
            answer = asking.getresponse()
            said = json.loads(answer.read()) if answer.status == 200 else {"acks": []}
            if [ack["ack"] for ack in said["acks"]] == [item["uuid"]]:
                assert said["acks"][0]["status"] in {"stored", "duplicate"}, said
                return time.monotonic() - began
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            pass
        finally:
            asking.close()
        threading.Event().wait(0.2)
    raise AssertionError(f"not acknowledged in a minute: {running.said()}")


def test_no_answer_is_lost_or_doubled_whatever_is_killed(running: Demo) -> None:
    device, token = make_tablet(running)
    items = [sheet(device, number + 1) for number in range(ANSWERS)]
    sent = 0

    with ThreadPoolExecutor(4) as people:
        waits = []
        for begin in range(0, ANSWERS, ANSWERS // len(VICTIMS) + 1):
            part = items[begin : begin + ANSWERS // len(VICTIMS) + 1]
            waits += [people.submit(deliver, running, token, item) for item in part]
            waits[sent + len(part) // 2].result()  # in the middle of it
            victim = VICTIMS[begin // (ANSWERS // len(VICTIMS) + 1)]
            if found := running.parts(victim):
                os.kill(found[0], signal.SIGKILL)
            sent += len(part)
        longest = max(wait.result() for wait in waits)

    with database(running) as at:
        stored = {
            str(row[0])
            for row in at.execute("SELECT uuid FROM survey_delivery WHERE device_id = %s", [device])
        }
        counted = at.execute(
            "SELECT count(*) FROM survey_response WHERE place = 'Fault'"
        ).fetchone()
    assert stored == {item["uuid"] for item in items}
    assert counted == (ANSWERS,)
    assert longest < 30
