"""What must not be read from the database: sealed texts, and hashes of what people type.

Sealing is AES-GCM. The number of the key stands in front, and the owner (such as ``totp:17``) is
bound to it, so that a sealed text moved to another row does not open.
"""

from __future__ import annotations

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

NONCE_BYTES = 12
CODE_MEMORY_KIB = 19_456  # long random codes: ten at a time, so the least that OWASP names


class NotOurs(Exception):
    """A sealed text was changed, belongs to another owner, or its key is gone."""


def seal(text: str, owner: str) -> bytes:
    """Seal a text for its owner with the newest key."""
    keys = _keys()
    number, nonce = max(keys), secrets.token_bytes(NONCE_BYTES)
    locked = AESGCM(keys[number]).encrypt(nonce, text.encode(), owner.encode())
    return bytes([number]) + nonce + locked


def unseal(sealed: bytes, owner: str) -> str:
    """Open what was sealed for this owner.

    :raise NotOurs: if it was changed, sealed for someone else, or its key is no longer set.
    """
    key = _keys().get(sealed[0]) if sealed else None
    if key is None:
        raise NotOurs
    nonce, locked = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, locked, owner.encode()).decode()
    except (InvalidTag, ValueError):
        raise NotOurs from None


def _keys() -> dict[int, bytes]:
    return dict(current_app.extensions["portal.settings"].seal_keys)


@cache
def _hasher(memory_kib: int) -> PasswordHasher:
    """Argon2id, three passes; the library's other defaults."""
    return PasswordHasher(memory_cost=memory_kib)


@cache
def _dummy(memory_kib: int) -> str:
    return _hasher(memory_kib).hash(secrets.token_hex(16))


def _memory(*, code: bool) -> int:
    memory: int = current_app.extensions["portal.settings"].argon2_memory_kib
    return min(memory, CODE_MEMORY_KIB) if code else memory


def hash_secret(text: str, *, code: bool = False) -> str:
    """Hash a password, or a long random code with less memory."""
    return _hasher(_memory(code=code)).hash(text)


def matches(stored: str | None, text: str, *, code: bool = False) -> bool:
    """Compare exactly; without a stored hash it takes as long and is False."""
    memory = _memory(code=code)
    try:
        _hasher(memory).verify(stored or _dummy(memory), text)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Tell whether a password should be hashed anew with today's cost."""
    return _hasher(_memory(code=False)).check_needs_rehash(stored)
