"""Codes a person copies from paper or a letter: random bits, written in groups, read forgivingly.

A recovery code has 80 bits and is stored as a password hash; an invitation has 160 bits.
"""

from __future__ import annotations

import base64
from typing import NamedTuple

SECRET_BYTES = 10
INVITATION_BYTES = 20
SIGNS = 16
GROUP = 4
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")
LOOKALIKES = str.maketrans({"0": "o", "1": "l", "8": "b", "-": "", " ": ""})


class RecoveryCode(NamedTuple):
    """Which of the person's codes, and its secret part: sixteen signs."""

    number: int
    secret: str


def spelled(random: bytes) -> str:
    """Spell random bytes, a multiple of five, in letters and digits that are easy to copy."""
    return base64.b32encode(random).decode().lower()


def grouped(secret: str) -> str:
    """Write a secret in groups of four: ``abcd-efgh-…``."""
    return "-".join(secret[at : at + GROUP] for at in range(0, len(secret), GROUP))


def cleaned(text: str) -> str:
    """Read a typed secret: without case, spaces, dashes; look-alikes forgiven."""
    return text.strip().casefold().translate(LOOKALIKES)


def recovery_code(number: int, random: bytes) -> RecoveryCode:
    """Return the code made of ``SECRET_BYTES`` random bytes.

    :raise ValueError: if there are more or fewer bytes.
    """
    if len(random) != SECRET_BYTES:
        raise ValueError(f"needs {SECRET_BYTES} bytes")
    return RecoveryCode(number, spelled(random))


def written(code: RecoveryCode) -> str:
    """Return the code as shown to the person: ``3-abcd-efgh-ijkl-mnop``."""
    return f"{code.number}-{grouped(code.secret)}"


def read_recovery_code(text: str) -> RecoveryCode | None:
    """Read a typed recovery code; None if it is none."""
    plain = text.strip()
    number, secret = plain[:1], cleaned(plain[1:])
    if not (number.isascii() and number.isdecimal()):
        return None
    if len(secret) != SIGNS or not ALPHABET.issuperset(secret):
        return None
    return RecoveryCode(int(number), secret)
