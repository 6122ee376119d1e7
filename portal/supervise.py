"""Starts the parts of the portal in order, watches them, and stops them in the opposite order.

The parts are forked from a process that has loaded the application: so what they all read lies in
memory once, and a start takes one import instead of three.  The supervisor itself has one thread,
since a fork copies no other.

Each part has a session of its own, so that the terminal's Ctrl-C reaches the supervisor alone: else
Celery gets SIGINT twice, which is a cold stop, and the broker ends before the worker.  A part that
dies is started again; one that dies again and again ends them all.
"""

from __future__ import annotations

import gc
import os
import runpy
import selectors
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkProcess
from pathlib import Path
from types import FrameType
from typing import Protocol

from portal.processes import CannotStart, follow

ROOT = Path(__file__).resolve().parent.parent
COLOURS = ("36", "33", "32")
# Workers need not know of each other: the broker is all they share.
APART = ("--without-gossip", "--without-mingle", "--without-heartbeat")
# A child that a report has made large is replaced by a small one after its task.
LARGEST_CHILD = 160_000  # KiB, what it shares with its parent included
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 60  # seconds until parts that do not answer are given up
OFTEN, LATELY = 5, 60.0  # so many deaths in so many seconds are too many


class Watched(Protocol):
    """What the supervisor asks of a server that somebody else started and will stop."""

    name: str

    @property
    def ended(self) -> bool:
        """Whether it ran and runs no more."""

    def start(self) -> None:
        """Start it again."""


@dataclass
class Part:
    """A program of the portal, by the words that would follow ``python -m``."""

    name: str
    command: Sequence[str]
    grace: float = 30  # seconds it may take to stop
    process: ForkProcess | None = None
    output: int | None = field(default=None, repr=False)

    @property
    def ended(self) -> bool:
        """Whether it ran and runs no more."""
        return self.process is not None and not self.process.is_alive()

    def start(self) -> None:
        """Start it; what is left of an earlier one goes first."""
        self.clear()
        self.output, into = os.pipe()
        self.process = get_context("fork").Process(target=self._become, args=[into], name=self.name)
        self.process.start()
        os.close(into)

    def ask_to_stop(self) -> None:
        """Ask it to end; gunicorn and celery tell their own children."""
        if self.process is not None and self.process.is_alive():
            self.process.terminate()

    def clear(self) -> None:
        """End by force whatever is left of its session, and forget its output."""
        if self.process is not None and self.process.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.join()
        if self.output is not None:
            os.close(self.output)
            self.output = None

    def _become(self, into: int) -> None:
        """Turn the fork into the program."""
        os.setsid()
        for sign in SIGNALS:
            signal.signal(sign, signal.SIG_DFL)
        follow(signal.SIGTERM)
        for stream in (1, 2):
            os.dup2(into, stream)
        sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a TextIOWrapper
        sys.argv = list(self.command)
        runpy.run_module(self.command[0], run_name="__main__", alter_sys=True)


class Supervisor:
    """Keeps parts alive until it is told to stop.

    ``running`` are watched and started again, but stopped by whoever started them; ``parts`` are
    started in this order and stopped in the opposite one.
    """

    def __init__(self, running: Sequence[Watched], parts: Sequence[Part]) -> None:
        self.running, self.parts = running, parts
        self.colours = dict(zip((part.name for part in parts), COLOURS, strict=False))
        self.stopping = False
        self.deaths: dict[str, deque[float]] = {}
        self.outputs = selectors.DefaultSelector()
        self.halves: dict[int, bytes] = {}  # lines that have no end yet, by descriptor

    def run(self, *, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Start all, announce once they are ready, watch over them until a signal comes.

        :raise CannotStart: if a part dies again and again, or is not ready in 60 seconds.
        """
        for sign in SIGNALS:
            signal.signal(sign, self._stop_soon)
        gc.collect()
        gc.freeze()  # what the garbage collection never touches stays shared
        try:
            for part in self.parts:
                self._start(part)
            self._until_ready(ready)
            if not self.stopping:
                announce()
            while not self.stopping:
                self._look_after()
                self._listen(0.2)
        finally:
            for part in reversed(self.parts):  # web, beat, worker
                self._stop(part)

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, part: Part) -> None:
        self._unplug(part)
        part.start()
        if part.output is not None:
            os.set_blocking(part.output, False)
            self.outputs.register(part.output, selectors.EVENT_READ, part)

    def _stop(self, part: Part) -> None:
        part.ask_to_stop()
        deadline = time.monotonic() + part.grace
        while part.process is not None and not part.ended and time.monotonic() < deadline:
            self._listen(0.05)
        if part.process is not None and not part.ended:
            say(f"{part.name} did not stop in {part.grace:.0f} s and was ended by force.")
        self._listen(0)
        self._unplug(part)
        part.clear()
        say(f"stopped: {part.name}")

    def _unplug(self, part: Part) -> None:
        if part.output is not None and part.output in self.outputs.get_map():
            self.outputs.unregister(part.output)

    def _until_ready(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.stopping and not ready():
            if time.monotonic() > deadline:
                raise CannotStart(f"The web server did not answer in {PATIENCE} s; see its output.")
            for part in self.parts:
                if part.ended:
                    self._listen(0)
                    raise CannotStart(f"The {part.name} ended while starting; see its output.")
            self._listen(0.05)

    def _look_after(self) -> None:
        """Start again what has died, the servers first."""
        for server in self.running:
            if server.ended and not self.stopping:
                self._count_death(server.name)
                with suppress(CannotStart):  # tried again at the next look
                    server.start()
        for part in self.parts:
            if part.ended and not self.stopping:
                self._count_death(part.name)
                self._start(part)

    def _count_death(self, name: str) -> None:
        deaths = self.deaths.setdefault(name, deque(maxlen=OFTEN))
        deaths.append(time.monotonic())
        if len(deaths) == OFTEN and deaths[-1] - deaths[0] < LATELY:
            raise CannotStart(f"The {name} ends again and again; see its output.")
        say(f"{name} ended and is started again")

    def _listen(self, seconds: float) -> None:
        """Pass on what the parts say, for at most so long; a signal ends the wait."""
        if not self.outputs.get_map():
            time.sleep(seconds)
            return
        for key, _ in self.outputs.select(seconds):
            part: Part = key.data
            data = os.read(key.fd, 65536)
            if not data:  # it and all its children have ended
                self.outputs.unregister(key.fd)
            *lines, rest = (self.halves.pop(key.fd, b"") + data).split(b"\n")
            self.halves[key.fd] = rest
            for line in lines:
                self._pass_on(part.name, line.decode(errors="replace").rstrip())

    def _pass_on(self, name: str, line: str) -> None:
        start, end = ("", "")
        if sys.stdout.isatty():
            start, end = f"\x1b[{self.colours[name]}m", "\x1b[0m"
        if line:
            say(f"{start}{name:>7} |{end} {line}")


def apart(target: Callable[[], object]) -> bool:
    """Do something in a fork of this process and wait; tell whether it went well."""
    process = get_context("fork").Process(target=target)
    process.start()
    try:
        process.join()
    finally:
        process.kill()
        process.join()
    return process.exitcode == 0


def say(line: str) -> None:
    """Write one line at once; a reader who has gone is no reason to end."""
    with suppress(BrokenPipeError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


def web(bind: str, *, workers: int = 2, threads: int = 4) -> list[str]:
    """Return the command of the web server, whose settings stand in deploy/gunicorn.py."""
    config = ROOT / "deploy" / "gunicorn.py"
    command = ["gunicorn", "--config", str(config), "--bind", bind]
    return [*command, "--workers", str(workers), "--threads", str(threads), "wsgi:app"]


def worker(*, concurrency: int) -> list[str]:
    """Return the command of the process that does what was asked for."""
    command = ["celery", "--quiet", "-A", "wsgi:celery", "worker", "-l", "WARNING", *APART]
    command += ["--concurrency", str(concurrency)]
    return [*command, "--max-memory-per-child", str(LARGEST_CHILD)]


def beat(schedule: str) -> list[str]:
    """Return the command of the clockwork; ``schedule`` is its file, worthless after its end."""
    command = ["celery", "--quiet", "-A", "wsgi:celery", "beat", "-l", "WARNING"]
    return [*command, "--schedule", schedule, "--pidfile="]
