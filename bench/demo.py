"""How long the demo takes to start, how much memory it holds at rest: make bench-demo.

Starts `portal demo` in a folder of its own: first with nothing there (servers, migrations, invented
people), then again on its data.  Memory is the proportional set size of every process below it, so
that pages shared between processes count once.  One JSON object on standard output.
"""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from portal import embedded

AT_REST = 90  # seconds: the two reports are built by then, and nobody asks for anything


def main() -> None:
    port = embedded.free_port()
    with TemporaryDirectory(prefix="demo-", dir="/tmp") as name:
        Path(name).chmod(0o755)
        home = Path(name) / "home"
        first, process = start(home, port)
        time.sleep(AT_REST)
        memory = {kind: round(kib / 1024) for kind, kib in held(process.pid).items()}
        stopped = stop(process)
        again, process = start(home, port)
        stop(process)
    figures = {
        "first_start_seconds": round(first, 1),
        "second_start_seconds": round(again, 1),
        "stop_seconds": round(stopped, 1),
        "memory_mb": memory | {"all": sum(memory.values())},
    }
    print(json.dumps(figures, indent=2))


def start(home: Path, port: int) -> tuple[float, subprocess.Popen[bytes]]:
    began = time.monotonic()
    process = subprocess.Popen(
        [Path(sys.executable).parent / "portal", "demo", "--home", home, "--port", str(port)],
        stdout=subprocess.DEVNULL,
    )
    while not answers(port):
        if process.poll() is not None:
            raise SystemExit("the demo did not start")
        time.sleep(0.05)
    return time.monotonic() - began, process


def stop(process: subprocess.Popen[bytes]) -> float:
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(90)
    return time.monotonic() - began


def answers(port: int) -> bool:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/healthz")
        return asking.getresponse().status == 200
    except OSError:
        return False
    finally:
        asking.close()


def held(root: int) -> dict[str, int]:
    """Return the proportional set size in KiB below a process, by kind of process."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(place.name)] = int(
                (place / "stat").read_text().rpartition(")")[2].split()[1]
            )
        except (OSError, ValueError, IndexError):
            continue
    family = {root}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    sizes: dict[str, int] = {}
    for pid in family:
        try:
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            name = Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        kind = "database" if "postgres" in name else "broker" if "valkey" in name else "portal"
        size = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
        sizes[kind] = sizes.get(kind, 0) + size
    return sizes


if __name__ == "__main__":
    main()
