from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.media.rules.fingerprint import Words, fingerprint, short

WORDS = Words(
    slug="panen",
    kind="activity",
    language="id",
    title="Panen pakcoy",
    summary="Panen pertama tahun ini.",
    body="Hasilnya 312 kilogram.",
    place="Muara Enim",
    captions=("Kebun",),
    visible_from=datetime(2026, 11, 24, 3, tzinfo=UTC),
)
CHANGES: dict[str, object] = {
    "slug": "panen-2",
    "kind": "release",
    "language": "en",
    "title": "Panen Pakcoy",
    "summary": "Panen pertama tahun ini",
    "body": "Hasilnya 321 kilogram.",
    "place": "Muara enim",
    "captions": ("Kebun.",),
    "visible_from": datetime(2026, 11, 24, 3, 0, 1, tzinfo=UTC),
    "wrong": "312",
    "right": "321",
}


@pytest.mark.parametrize("field", CHANGES)
def test_one_changed_letter_changes_the_fingerprint(field: str) -> None:
    assert fingerprint(replace(WORDS, **{field: CHANGES[field]})) != fingerprint(WORDS)  # type: ignore[arg-type]


@given(st.text(), st.text())
def test_moving_words_between_fields_changes_the_fingerprint(left: str, right: str) -> None:
    one = fingerprint(replace(WORDS, title=left, summary=right + "x"))
    other = fingerprint(replace(WORDS, title=left + "x", summary=right))

    assert one != other


def test_the_same_hour_in_another_zone_is_the_same_text() -> None:
    wib = datetime(2026, 11, 24, 10, tzinfo=timezone(timedelta(hours=7)))

    assert fingerprint(replace(WORDS, visible_from=wib)) == fingerprint(WORDS)
    assert fingerprint(replace(WORDS, visible_from=None)) != fingerprint(WORDS)


def test_people_compare_twelve_signs_in_three_groups() -> None:
    assert short("0123456789abcdef") == "0123 4567 89ab"
