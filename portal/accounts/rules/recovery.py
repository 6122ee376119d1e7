"""Recovery codes: 80 random bits each, written so that a person can copy them from paper."""

from __future__ import annotations

import base64
from typing import NamedTuple

SECRET_BYTES = 10
SIGNS = 16
GROUP = 4
ALPHABET = frozenset("abcdefghijklmnopqrstuvwxyz234567")
LOOKALIKES = str.maketrans({"0": "o", "1": "l", "8": "b", "-": "", " ": ""})


class Code(NamedTuple):
    """Which of the person's codes, and its secret part: sixteen signs."""

    number: int
    secret: str


def from_bytes(number: int, random: bytes) -> Code:
    """Return the code made of ``SECRET_BYTES`` random bytes.

    :raise ValueError: if there are more or fewer bytes.
    """
    if len(random) != SECRET_BYTES:
        raise ValueError(f"needs {SECRET_BYTES} bytes")
    return Code(number, base64.b32encode(random).decode().lower())


def written(code: Code) -> str:
    """Return the code as shown to the person: ``3-abcd-efgh-ijkl-mnop``."""
    groups = [code.secret[at : at + GROUP] for at in range(0, SIGNS, GROUP)]
    return "-".join((str(code.number), *groups))


def read(text: str) -> Code | None:
    """Read a typed code, forgiving case, spaces, dashes and look-alikes; None if it is no code."""
    plain = text.strip().casefold()
    number, secret = plain[:1], plain[1:].translate(LOOKALIKES)
    if not (number.isascii() and number.isdecimal()):
        return None
    if len(secret) != SIGNS or not ALPHABET.issuperset(secret):
        return None
    return Code(int(number), secret)
