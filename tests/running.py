"""A real `portal demo` for tests: started, asked, killed, stopped."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

READY = "The portal is ready."
TOOL = Path(sys.executable).parent / "portal"


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def environment() -> dict[str, str]:
    """The tests' own environment without what points to the tests' servers."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    return {name: value for name, value in ours.items() if not name.startswith("COV_")}


def ask(home: Path, *words: str, seconds: float = 30) -> subprocess.CompletedProcess[str]:
    """Run a `portal demo` that is expected to refuse or to end by itself."""
    return subprocess.run(
        [str(TOOL), "demo", "--home", str(home), *words],
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@dataclass
class Demo:
    """A demo under way."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    seconds: float = 0  # until it was ready

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def status(self, path: str = "/healthz") -> int:
        """Ask for a page; 0 if nobody answers."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asking.request("GET", path)
            return asking.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            asking.close()

    def parts(self, name: str) -> list[int]:
        """Return the processes of the demo's whole family whose command line holds ``name``."""
        return [pid for pid in family(self.process.pid) if name in command_line(pid)]

    def stop(self, sign: signal.Signals = signal.SIGINT, seconds: float = 90) -> int:
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(seconds)


def family(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            _, _, rest = stat.read_text().rpartition(")")
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(int(rest.split()[1]), []).append(int(stat.parent.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def alive(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def until(true: Callable[[], object], seconds: float, what: str) -> None:
    """Wait until something is true.

    :raise AssertionError: if it is not in time.
    """
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not in {seconds:.0f} s: {what}"
        time.sleep(0.1)


@contextmanager
def demo(home: Path, *, seconds: float = 120) -> Iterator[Demo]:
    """Run a demo on a free port until it is ready; stop it at the end, whatever happens."""
    port, log = free_port(), home.with_name(f"{home.name}.log")
    began = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(TOOL), "demo", "--home", str(home), "--port", str(port)],
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    running = Demo(home, port, process, log)
    try:
        until(
            lambda: READY in running.said() or process.poll() is not None, seconds, running.said()
        )
        assert process.poll() is None, running.said()
        running.seconds = time.monotonic() - began
        yield running
    finally:
        try:
            running.stop()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
