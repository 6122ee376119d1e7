"""Starting and stopping a program of ours; standard library only."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Any

PATIENCE = 30  # seconds until a server that does not answer is given up
BARE = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
PR_SET_PDEATHSIG = 1


class CannotStart(RuntimeError):
    """A server could not be started; the text is one sentence for the person at the terminal."""


@dataclass
class Server:
    """A server of ours: how to start it, how to ask whether it answers, how to stop it."""

    name: str
    command: list[str]
    home: Path
    lock: IO[str]
    answers: Callable[[], bool]
    gently: signal.Signals = signal.SIGTERM
    user: dict[str, Any] = field(default_factory=dict)  # Any: arguments of subprocess
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the server itself says."""
        return self.home / "log"

    @property
    def ended(self) -> bool:
        """Whether it ran and runs no more."""
        return self.process is not None and self.process.poll() is not None

    def start(self) -> None:
        """Start the server, also after a crash, and wait until it answers.

        :raise CannotStart: if it ends at once or does not answer in 30 seconds.
        """
        with self.log.open("wb") as out:
            self.process = spawn(
                self.command,
                dies_by=self.gently,
                env=BARE,
                cwd="/",
                stdout=out,
                stderr=out,
                pass_fds=[self.lock.fileno()],  # the lock holds as long as the server lives
                **self.user,
            )
        self.lock.truncate(0)
        self.lock.write(str(self.process.pid))
        self.lock.flush()
        try:
            self._wait(self.process)
        except BaseException:  # also Ctrl-C
            self.stop()
            raise

    def stop(self) -> None:
        """End the server: first as it likes to be asked, then by force."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            self.process.send_signal(self.gently)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(self._why())
            time.sleep(0.02)

    def _why(self) -> str:
        told = self.log.read_text(errors="replace")
        if "No space left on device" in told:
            return f"{self.name}: the disk under {self.home} is full; make room and start again."
        last = last_words(told) or f"it did not answer in {PATIENCE} s"
        return f"{self.name} did not start in {self.home}: {last} ({self.log})"


def spawn(
    command: list[str],
    *,
    dies_by: signal.Signals,
    **options: Any,  # Any: arguments of subprocess, each of its own type
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own, without standard input.

    On Linux it gets the signal ``dies_by`` when we are killed, so that nothing is left behind.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=partial(follow, dies_by),  # noqa: PLW1509  one system call
        **options,
    )


def follow(sign: signal.Signals) -> None:
    """Ask Linux for this signal at the death of the thread that started us."""
    if LIBC:
        LIBC.prctl(PR_SET_PDEATHSIG, int(sign))


def last_words(text: str) -> str:
    """Return the line that tells the most: the last error, else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    wrong = [line for line in lines if "FATAL" in line or "PANIC" in line or "error" in line]
    return (wrong or lines or [""])[-1]
