"""The redis client: for what may be forgotten. What must not be forgotten is a row."""

from __future__ import annotations

import redis
from flask import current_app

CACHE_DB = 2


def client() -> redis.Redis:
    """Return the client; it gives up after 0.3 s, since nothing here is worth a longer wait."""
    kept: redis.Redis = current_app.extensions["portal.redis"]
    return kept


def once(key: str, seconds: int) -> bool:
    """Tell whether this is the first call with ``key`` within ``seconds``; a real lock."""
    return bool(client().set(f"once:{key}", "1", nx=True, ex=seconds))
