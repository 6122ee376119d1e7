"""The demo's life: started, killed in parts, killed whole, stopped, started again."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.running import TOOL, Demo, alive, ask, demo, environment, family, free_port, until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc"),
]
PARTS = ["gunicorn: master", "gunicorn: worker", "celeryd: celery", "celery beat", "valkey-server"]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder that also `nobody` can reach, with a path short enough for a socket."""
    with TemporaryDirectory(prefix="pd-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Demo]:
    with demo(folder / "demo") as started:
        yield started


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_killed_comes_back(running: Demo, name: str) -> None:
    until(lambda: running.parts(name), 30, f"{name} runs")
    old = running.parts(name)[0]

    os.kill(old, signal.SIGKILL)

    until(lambda: not alive(old), 10, f"{name} is dead")
    until(lambda: set(running.parts(name)) - {old}, 30, f"{name} is back: {running.said()}")
    until(lambda: running.status() == 200, 30, "the portal answers")


def test_a_killed_database_comes_back_and_loses_nothing(running: Demo) -> None:
    old = running.parts("pginstall/bin/postgres")[0]

    os.kill(old, signal.SIGKILL)

    until(lambda: not alive(old) and running.status() == 200, 60, "the portal answers again")
    assert running.status("/demo") == 200


def test_a_second_demo_on_the_same_port_is_refused(running: Demo) -> None:
    answer = ask(running.home.with_name("other"), "--port", str(running.port))

    assert answer.returncode == 1
    assert re.search(rf"Port {running.port} cannot be had .* make demo PORT=\d+", answer.stderr)
    assert "Traceback" not in answer.stderr


def test_a_second_demo_on_the_same_data_is_refused(running: Demo) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        free = listening.getsockname()[1]

    answer = ask(running.home, "--port", str(free))

    assert answer.returncode == 1
    assert "Another PostgreSQL" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_data_in_use_are_not_forgotten(running: Demo) -> None:
    answer = ask(running.home, "--reset")

    assert answer.returncode == 1
    assert "Another" in answer.stderr
    assert running.status("/demo") == 200


# These end demos, so they have a home of their own.


def test_it_stops_in_order_and_starts_again_on_its_data(folder: Path) -> None:
    home = folder / "twice"
    with demo(home) as first:
        members = family(first.process.pid)
        secret = (home / "secret_key").read_text()

        code = first.stop(signal.SIGINT)

        order = re.findall(r"^stopped: (\w+)$", first.said(), re.MULTILINE)
        assert (code, order) == (0, ["web", "beat", "worker"])
        assert "The portal has stopped" in first.said()
        assert "Traceback" not in first.said()
        assert [pid for pid in members if alive(pid)] == []
    with demo(home) as second:
        assert "Preparing" not in second.said()
        assert (home / "secret_key").read_text() == secret
        assert second.status("/demo") == 200
        assert second.seconds < first.seconds


def test_a_killed_supervisor_leaves_nobody_behind(folder: Path) -> None:
    home = folder / "killed"
    with demo(home) as first:
        members = family(first.process.pid)

        first.stop(signal.SIGKILL)

        until(lambda: not [pid for pid in members if alive(pid)], 60, "all parts have ended")
    with demo(home) as second:
        assert second.status() == 200


def test_a_start_killed_while_it_fills_begins_again(folder: Path) -> None:
    home = folder / "half"
    home.mkdir()
    (home / "begun").touch()
    (home / "postgres").mkdir()

    with demo(home) as started:
        assert "Preparing" in started.said()
        assert not (home / "begun").exists()


def test_a_folder_of_somebody_else_is_not_emptied(folder: Path) -> None:
    (folder / "letters").mkdir()
    (folder / "letters" / "mother.txt").write_text("dear")

    answer = ask(folder / "letters", "--reset")

    assert (answer.returncode, (folder / "letters" / "mother.txt").exists()) == (1, True)


def test_reset_forgets_the_demo(folder: Path) -> None:
    home = folder / "gone"
    for name in ("postgres", "valkey"):
        (home / name).mkdir(parents=True)
    (home / "secret_key").write_text("x")

    assert ask(home, "--reset").returncode == 0
    assert not home.exists()


def test_a_full_disk_is_told_in_one_sentence(folder: Path) -> None:
    place = folder / "small"
    place.mkdir()
    unshare = shutil.which("unshare")
    script = 'mount -t tmpfs -o size=20m none "$1" || exit 77; shift; exec "$@"'
    if unshare is None:
        pytest.skip("not run: needs unshare")
    command = [unshare, "-m", "sh", "-c", script, "sh", str(place), str(TOOL)]

    answer = subprocess.run(
        [*command, "demo", "--home", str(place / "demo"), "--port", str(free_port())],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    if answer.returncode == 77 or "unshare" in answer.stderr:
        pytest.skip("not run: needs the right to mount")
    assert answer.returncode == 1
    assert re.search(r"disk under .* is full: \d+ MB are free", answer.stderr)
    assert "Traceback" not in answer.stderr
