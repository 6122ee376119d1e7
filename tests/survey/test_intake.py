"""How one sheet from a tablet is read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.survey.rules.intake import (
    Desk,
    Entry,
    Flag,
    HalfDay,
    Lane,
    Reason,
    Refused,
    content_hash,
    half_day,
    named,
    read,
)
from portal.survey.rules.questionnaire import EDITIONS, NEWEST, accepted_editions, asked_by

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)  # 11.00 WIB
DESK = Desk(
    devices=frozenset({7}),
    languages=frozenset({"id", "en"}),
    services=frozenset({"kunjungan"}),
    zone="Asia/Jakarta",
    now=NOW,
    since=NOW - timedelta(days=30),
)
FINISHED = int((NOW - timedelta(minutes=3)).timestamp()) * 1000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def envelope(**changes: Any) -> dict[str, Any]:
    """A sheet as the tablet writes it, hashed; ``...`` leaves a key out."""
    sheet: dict[str, Any] = {
        "uuid": "6f1f3a52-9c1f-4d43-8d0e-0d7a3c1b2a90",
        "device": 7,
        "seq": 12,
        "lane": "skm",
        "form_version": NEWEST,
        "lang": "id",
        "service": "kunjungan",
        "answers": {code: 2 + at % 3 for at, code in enumerate(asked_by().form_order)},
        "assisted": False,
        "started_ms": FINISHED - 60_000,
        "finished_ms": FINISHED,
        "salt": "0123456789abcdef",
        **changes,
    }
    sheet = {key: value for key, value in sheet.items() if value is not ...}
    return {"hash": content_hash(sheet), **sheet}


def _reason(item: object, desk: Desk = DESK) -> Reason:
    with pytest.raises(Refused) as refusal:
        read(item, desk)
    return refusal.value.reason


def test_a_sheet_keeps_its_day_and_half_day_and_no_clock_time() -> None:
    sheet = read(envelope(demographics={"age_band": "26-40", "sex": "female"}), DESK)

    assert (sheet.day, sheet.half_day, sheet.duration_s) == (date(2026, 11, 23), "pagi", 60)
    assert (sheet.lane, sheet.entry, sheet.flags, sheet.complete) == (
        Lane.SKM,
        Entry.OPEN,
        (),
        True,
    )
    assert tuple(sheet.scores) == asked_by().form_order
    assert (sheet.age_band, sheet.sex) == ("26-40", "female")


def test_a_skipped_element_and_skipped_demographics_are_accepted() -> None:
    answers = {**envelope()["answers"], "biaya": None}

    sheet = read(envelope(answers=answers, demographics={"sex": None}), DESK)

    assert not sheet.complete
    assert (sheet.age_band, sheet.sex) == (None, None)


def test_the_day_is_the_facilitys_own_and_the_half_day_turns_at_one() -> None:
    late = int(datetime(2026, 11, 22, 17, 30, tzinfo=UTC).timestamp()) * 1000  # 00.30 WIB, the 23rd

    sheet = read(envelope(started_ms=late - 1000, finished_ms=late), DESK)

    assert sheet.day == date(2026, 11, 23)
    assert [half_day(hour) for hour in (0, 12, 13, 23)] == ["pagi", "pagi", "siang", "siang"]
    assert HalfDay.SIANG == "siang"


def test_a_clock_that_is_ahead_is_set_right_before_the_day_is_taken() -> None:
    ahead = timedelta(days=400)
    shifted = FINISHED + int(ahead.total_seconds()) * 1000

    sheet = read(
        envelope(started_ms=shifted - 60_000, finished_ms=shifted),
        Desk(**{**_fields(DESK), "clock_ahead": ahead}),
    )

    assert (sheet.day, sheet.flags) == (date(2026, 11, 23), ())


def _fields(desk: Desk) -> dict[str, Any]:
    return {name: getattr(desk, name) for name in Desk.__slots__}


@pytest.mark.parametrize(
    ("started", "finished"),
    [(0, 1000), (2**53, 2**53), (FINISHED, FINISHED - 1), (FINISHED, FINISHED + 3 * 86_400_000)],
)
def test_an_impossible_time_gives_the_day_of_arrival_and_a_sign(
    started: int, finished: int
) -> None:
    sheet = read(envelope(started_ms=started, finished_ms=finished), DESK)

    assert sheet.day == date(2026, 11, 23)
    assert Flag.CLOCK in sheet.flags
    assert (sheet.duration_s is None) == (finished < started)


def test_the_signs_mark_a_sheet_and_refuse_nothing() -> None:
    straight = dict.fromkeys(asked_by().form_order, 4)

    sheet = read(envelope(answers=straight, started_ms=FINISHED - 7999, ticket="T-1"), DESK)
    slow = read(envelope(started_ms=FINISHED - 8000), DESK)
    asleep = read(envelope(started_ms=FINISHED - 90_000_000), DESK)

    assert sheet.flags == (Flag.FAST, Flag.STRAIGHT, Flag.TICKET)
    assert sheet.entry is Entry.OPEN
    assert slow.flags == ()
    assert asleep.duration_s == 3600


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"salt": ...}, Reason.SHAPE),
        ({"name": "Budi"}, Reason.SHAPE),
        ({"uuid": "6F1F3A52-9C1F-4D43-8D0E-0D7A3C1B2A90"}, Reason.SHAPE),
        ({"uuid": "x"}, Reason.SHAPE),
        ({"uuid": 3}, Reason.SHAPE),
        ({"salt": "zz"}, Reason.SHAPE),
        ({"salt": 3}, Reason.SHAPE),
        ({"seq": 0}, Reason.SHAPE),
        ({"seq": True}, Reason.SHAPE),
        ({"seq": "1"}, Reason.SHAPE),
        ({"seq": 2**31}, Reason.SHAPE),
        ({"assisted": 1}, Reason.SHAPE),
        ({"ticket": 5}, Reason.SHAPE),
        ({"ticket": "x" * 65}, Reason.SHAPE),
        ({"device": 8}, Reason.DEVICE),
        ({"device": True}, Reason.DEVICE),
        ({"device": [7]}, Reason.DEVICE),
        ({"lane": "pulse"}, Reason.LANE),
        ({"form_version": NEWEST + 1}, Reason.EDITION),
        ({"form_version": 1.0}, Reason.EDITION),
        ({"lang": "xx"}, Reason.LANGUAGE),
        ({"service": "parkir"}, Reason.SERVICE),
        ({"answers": []}, Reason.ANSWERS),
        ({"answers": {"waktu": 3}}, Reason.ANSWERS),
        ({"answers": dict.fromkeys(asked_by().form_order, 5)}, Reason.ANSWERS),
        ({"answers": dict.fromkeys(asked_by().form_order, True)}, Reason.ANSWERS),
        ({"answers": dict.fromkeys(asked_by().list_order, "4")}, Reason.ANSWERS),
        ({"demographics": []}, Reason.DEMOGRAPHICS),
        ({"demographics": {"nik": "16"}}, Reason.DEMOGRAPHICS),
        ({"demographics": {"sex": "L"}}, Reason.DEMOGRAPHICS),
        ({"demographics": {"age_band": 25}}, Reason.DEMOGRAPHICS),
        ({"started_ms": -1}, Reason.TIME),
        ({"finished_ms": "now"}, Reason.TIME),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused_with_a_reason(
    change: dict[str, Any], reason: Reason
) -> None:
    assert _reason(envelope(**change)) is reason


def test_a_sheet_changed_on_the_way_is_refused() -> None:
    assert _reason({**envelope(), "seq": 13}) is Reason.HASH


@given(JSON)
def test_whatever_comes_is_refused_and_never_breaks(item: object) -> None:
    assert _reason(item) is Reason.SHAPE


@given(st.sampled_from(sorted(envelope())), JSON)
def test_whatever_stands_in_one_key_is_read_or_refused(key: str, value: object) -> None:
    changed = {**envelope(), key: value}
    if key != "hash":
        changed["hash"] = content_hash(changed)

    try:
        sheet = read(changed, DESK)
    except Refused:
        return
    assert sheet.day == date(2026, 11, 23)


def test_an_item_is_answered_by_the_name_it_gives_itself() -> None:
    item = envelope()

    assert named(item) == (read(item, DESK).uuid, item["hash"])
    assert named({**item, "hash": "0" * 63}) is None
    assert named("x") is None


def test_a_server_takes_the_newest_edition_and_the_two_before() -> None:
    assert accepted_editions(5, 2) == (5, 4, 3)
    assert accepted_editions(2, 2) == (2, 1)
    assert set(accepted_editions()) <= set(EDITIONS)


def test_the_hash_is_the_one_the_tablets_own_code_makes() -> None:
    item = {"b": [1, {"z": None, "a": True}], "a": 'é\u2013\n"', "hash": "x"}

    # printf '%s' '{"a":"é–\n\"","b":[1,{"a":true,"z":null}]}' | sha256sum
    assert content_hash(item) == content_hash({"a": 'é\u2013\n"', "b": [1, {"a": True, "z": None}]})
