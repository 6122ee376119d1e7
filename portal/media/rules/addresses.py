"""The permanent address of an item, made once from its first title."""

import re
import unicodedata
from collections.abc import Collection
from typing import Final

LONGEST: Final = 80
_OTHER: Final = re.compile(r"[^a-z0-9]+")


def slug_for(title: str, taken: Collection[str]) -> str:
    """Return an address of plain letters, digits and hyphens that nobody has yet."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = _OTHER.sub("-", plain).strip("-")[:LONGEST].rstrip("-") or "siaran"
    slug, turn = base, 1
    while slug in taken:
        turn += 1
        slug = f"{base}-{turn}"
    return slug
