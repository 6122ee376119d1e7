"""The fingerprint of a text: an approval holds for exactly these words and nothing else."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

SHOWN: Final = 12  # signs of the fingerprint that people compare by eye
GROUP: Final = 4


class Audience(StrEnum):
    """Whom an item is for; named persons under embargo come later."""

    PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Words:
    """Everything a reader will meet, and when: what the approver has read.

    ``visible_from`` is the planned hour, aware; None means as soon as it is approved.
    ``wrong`` and ``right`` are the correction's own words, empty if nothing is corrected.
    """

    slug: str
    kind: str
    language: str
    title: str
    summary: str
    body: str
    place: str
    captions: Sequence[str] = ()
    visible_from: datetime | None = None
    audience: Audience = Audience.PUBLIC
    wrong: str = ""
    right: str = ""


def fingerprint(words: Words) -> str:
    """Return the SHA-256 of the words as 64 hexadecimal digits; one changed letter changes it."""
    hour = words.visible_from
    exact = {
        "slug": words.slug,
        "kind": words.kind,
        "language": words.language,
        "title": words.title,
        "summary": words.summary,
        "body": words.body,
        "place": words.place,
        "captions": list(words.captions),
        "visible_from": hour.astimezone(UTC).isoformat() if hour else None,
        "audience": words.audience.value,
        "wrong": words.wrong,
        "right": words.right,
    }
    written = json.dumps(exact, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


def short(mark: str) -> str:
    """Return the beginning of a fingerprint in groups, for people to compare."""
    return " ".join(mark[at : at + GROUP] for at in range(0, SHOWN, GROUP)).strip()
