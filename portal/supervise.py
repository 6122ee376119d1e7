"""Starts the parts of the portal in order, watches them, and stops them in the opposite order.

Each part has a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone: else
Celery gets SIGINT twice, which is a cold stop, and the broker ends before the worker.  A part that
dies is started again; one that dies again and again ends them all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from portal.processes import CannotStart, spawn

ROOT = Path(__file__).resolve().parent.parent
COLOURS = ("36", "33", "32")
OFTEN, LATELY = 5, 60.0  # so many deaths in so many seconds are too many


class Watched(Protocol):
    """What the supervisor asks of a part; the embedded servers are such parts too."""

    name: str

    @property
    def ended(self) -> bool:
        """Whether it ran and runs no more."""

    def start(self) -> None:
        """Start it, also again."""

    def stop(self) -> None:
        """Stop it in its own time."""


@dataclass
class Part:
    """A program of the portal; its output goes to ours, line by line, with its name in front."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    grace: float = 30  # seconds it may take to stop
    colour: str = ""
    process: subprocess.Popen[bytes] | None = None

    @property
    def ended(self) -> bool:
        """Whether it ran and runs no more."""
        return self.process is not None and self.process.poll() is not None

    def start(self) -> None:
        """Start it; what is left of an earlier one goes first."""
        self._clear()
        self.process = spawn(
            list(self.command),
            dies_by=signal.SIGTERM,
            env=os.environ | self.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._pump, args=[self.process], daemon=True).start()

    def stop(self) -> None:
        """Ask it to end and wait; after its grace end it and its children by force."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()  # the leader only: gunicorn and celery tell their own children
            try:
                self.process.wait(self.grace)
            except subprocess.TimeoutExpired:
                say(f"{self.name} did not stop in {self.grace:.0f} s and was ended by force.")
        self._clear()

    def _clear(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)  # whatever is left of its session
            self.process.wait()

    def _pump(self, process: subprocess.Popen[bytes]) -> None:
        start, end = (f"\x1b[{self.colour}m", "\x1b[0m") if sys.stdout.isatty() else ("", "")
        for line in process.stdout or ():
            say(f"{start}{self.name:>7} |{end} {line.decode(errors='replace').rstrip()}")


class Supervisor:
    """Keeps parts alive until it is told to stop.

    ``running`` are watched and started again, but stopped by whoever started them; ``parts`` are
    started in this order and stopped in the opposite one.
    """

    def __init__(self, running: Sequence[Watched], parts: Sequence[Part]) -> None:
        self.running, self.parts = running, parts
        self.stopping = False
        self.deaths: deque[float] = deque(maxlen=OFTEN)
        for part, colour in zip(parts, COLOURS, strict=False):
            part.colour = colour

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Start all, announce once they are ready, watch over them until a signal comes.

        :raise CannotStart: if a part dies again and again, or is not ready in 60 seconds.
        """
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sign, self._stop_soon)
        try:
            for part in self.parts:
                part.start()
            self._until_ready(ready)
            if not self.stopping:
                announce()
            while not self.stopping:
                self._look_after()
                time.sleep(0.2)
        finally:
            for part in reversed(self.parts):  # web, beat, worker
                part.stop()
                say(f"stopped: {part.name}")

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _until_ready(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not self.stopping and not ready():
            if time.monotonic() > deadline:
                raise CannotStart("The web server did not answer in 60 s; its output is above.")
            for part in self.parts:
                if part.ended:
                    raise CannotStart(f"The {part.name} ended while starting; see its output.")
            time.sleep(0.05)

    def _look_after(self) -> None:
        """Start again what has died, the servers first."""
        for part in (*self.running, *self.parts):
            if part.ended and not self.stopping:
                self.deaths.append(time.monotonic())
                if len(self.deaths) == OFTEN and self.deaths[-1] - self.deaths[0] < LATELY:
                    raise CannotStart(f"The {part.name} ends again and again; see its output.")
                say(f"{part.name} ended and is started again")
                with suppress(CannotStart):  # tried again at the next look
                    part.start()


def say(line: str) -> None:
    """Write one whole line at once: the parts' threads share the output."""
    with suppress(BrokenPipeError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def web(bind: str, *, workers: int = 2, threads: int = 4) -> list[str]:
    """Return the command of the web server, whose settings stand in deploy/gunicorn.py."""
    config = ROOT / "deploy" / "gunicorn.py"
    command = [sys.executable, "-m", "gunicorn", "--config", str(config), "--bind", bind]
    return [*command, "--workers", str(workers), "--threads", str(threads), "wsgi:app"]


def worker(*, concurrency: int) -> list[str]:
    """Return the command of the process that does what was asked for."""
    command = [sys.executable, "-m", "celery", "-A", "wsgi:celery", "worker", "-l", "WARNING"]
    return [*command, "--concurrency", str(concurrency), "--without-gossip", "--without-mingle"]


def beat(schedule: str) -> list[str]:
    """Return the command of the clockwork; ``schedule`` is its file, worthless after its end."""
    command = [sys.executable, "-m", "celery", "-A", "wsgi:celery", "beat", "-l", "WARNING"]
    return [*command, "--schedule", schedule, "--pidfile="]
