"""The lock names what is installed by its hash, and nobody's index."""

import re
from pathlib import Path

import pytest

LOCKS = [Path("requirements.txt"), Path("requirements-dev.txt")]


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_every_line_of_the_lock_is_pinned_and_hashed(lock: Path) -> None:
    text = re.sub(r"#.*", "", lock.read_text())
    entries = [" ".join(entry.split()) for entry in re.split(r"\n(?=\S)", text) if entry.strip()]

    loose = [
        e for e in entries if not re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+ .*--hash=sha256:", e)
    ]

    assert entries
    assert loose == [], "write the lock anew: make lock"


@pytest.mark.parametrize("lock", LOCKS, ids=str)
def test_the_lock_names_no_index(lock: Path) -> None:
    found = re.findall(
        r"(?:https?:|file:|--(?:extra-)?index-url|--find-links|--trusted-host)\S*", lock.read_text()
    )

    assert found == [], "an address in the lock: make lock leaves it out"


def test_both_locks_agree_on_every_version() -> None:
    run_time, development = (
        dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", lock.read_text(), re.MULTILINE))
        for lock in LOCKS
    )

    differing = {
        name for name in run_time if development.get(name, run_time[name]) != run_time[name]
    }

    assert differing == set()
