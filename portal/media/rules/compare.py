"""What changed between two texts, word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

_WORDS: Final = re.compile(r"\s+|[^\s\w]|\w+")


class Change(StrEnum):
    """What happened to a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text with one fate; the pieces that are not new add up to the old text."""

    change: Change
    text: str


def differences(old: str, new: str) -> tuple[Piece, ...]:
    """Return the pieces in reading order, what is gone before what came in its place."""
    return tuple(piece for piece in _pieces(_WORDS.findall(old), _WORDS.findall(new)) if piece.text)


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Piece(Change.SAME, "".join(old[a:b]))
        else:
            yield Piece(Change.GONE, "".join(old[a:b]))
            yield Piece(Change.NEW, "".join(new[c:d]))
