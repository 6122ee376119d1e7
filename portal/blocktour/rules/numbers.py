"""Reference numbers that can be said aloud in a corridor and tell nothing.

Eight signs without vowels (no words arise) and without look-alikes (0 O, 1 I L, 2 Z, 5 S, 8 B and
U V), about 36 bits: the number names a case and opens nothing. It is random, so that neither order
nor gap says that another case exists.
"""

from __future__ import annotations

SIGNS = "2346789CDFGHJKMNPQRTVWXY"
PREFIX = "KEL"
HALF = 4
ENOUGH = 16


def reference(randomness: bytes) -> str:
    """Make ``KEL-4F7K-92QD`` out of at least 16 random bytes; the same bytes give the same number.

    :raise ValueError: if there are fewer bytes, since some signs would come more often than others.
    """
    if len(randomness) < ENOUGH:
        raise ValueError(f"{ENOUGH} random bytes are needed, {len(randomness)} came")
    left, signs = int.from_bytes(randomness, "big"), ""
    for _ in range(2 * HALF):
        left, place = divmod(left, len(SIGNS))
        signs += SIGNS[place]
    return f"{PREFIX}-{signs[:HALF]}-{signs[HALF:]}"


def read(text: str) -> str | None:
    """Find the number in what somebody typed: any case, with or without dashes; None if none."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum()).removeprefix(PREFIX)
    if len(signs) != 2 * HALF or not set(signs) <= set(SIGNS):
        return None
    return f"{PREFIX}-{signs[:HALF]}-{signs[HALF:]}"
