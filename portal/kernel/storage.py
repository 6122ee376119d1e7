"""Files: kept under keys of our own making, outside every served folder."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Protocol

from flask import current_app

KEY = re.compile(r"[0-9a-f]{40}")


class Missing(LookupError):
    """No file has this key."""


class Storage(Protocol):
    """Where files lie. A key is ours and tells nothing about what it holds."""

    def put(self, data: bytes) -> str:
        """Keep the bytes for good and return their key."""

    def read(self, key: str) -> bytes:
        """Return the bytes."""

    def delete(self, key: str) -> None:
        """Forget them; nothing happens if they are gone already."""


class FolderStorage:
    """A folder on a disk; each file 0600, written beside its place and moved in when whole."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes) -> str:
        """Keep the bytes for good and return their key."""
        key = secrets.token_hex(20)
        place = self._place(key)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        half = place.with_suffix(".part")
        with open(os.open(half, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:  # noqa: PTH123  Path.open takes no mode bits
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        half.rename(place)
        return key

    def read(self, key: str) -> bytes:
        """Return the bytes.

        :raise Missing: if no file has this key.
        """
        try:
            return self._place(key).read_bytes()
        except FileNotFoundError:
            raise Missing(key) from None

    def delete(self, key: str) -> None:
        """Forget the bytes; nothing happens if they are gone already."""
        self._place(key).unlink(missing_ok=True)

    def _place(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise Missing(key)
        return self.root / key[:2] / f"{key}.bin"


def storage() -> Storage:
    """Return where this application keeps its files."""
    kept: Storage = current_app.extensions["portal.storage"]
    return kept
