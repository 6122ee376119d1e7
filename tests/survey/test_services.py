"""Tablets, deliveries and answers on a real database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
import sqlalchemy as sa

from portal.domain.actor import Actor, Role
from portal.domain.errors import NotAllowed, NotFound
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, everywhere, within
from portal.survey import queries
from portal.survey.models import SCORES, Delivery, Device, Response, Review
from portal.survey.rules.intake import content_hash
from portal.survey.rules.questionnaire import NEWEST
from portal.survey.services import answers, devices, figures
from tests.conftest import trail

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
KEY = "0" * 32


def make_device(at: Facility, *, name: str = "Tablet 1", token: str | None = None) -> Device:
    """Make a tablet of a facility, enrolled two months ago."""
    device = Device(
        facility_id=at.id,
        name=name,
        place="Ruang tunggu",
        token_hash=devices.hashed(token or uuid4().hex),
        enrolled_at=NOW - timedelta(days=60),
        last_seq=0,
    )
    db.session.add(device)
    db.session.commit()
    devices.forget_tablets()
    return device


def tablet(device: Device) -> Actor:
    """Return a tablet as its bearer token makes it act."""
    reach = {"survey.answers.store": frozenset({device.facility_id})}
    return Actor(None, device.name, reach, frozenset({Role.KIOSK}), device_id=device.id)


def sheet(device: Device, seq: int = 1, **changes: Any) -> dict[str, Any]:
    """Make an envelope as the tablet writes it, hashed."""
    envelope: dict[str, Any] = {
        "uuid": str(uuid4()),
        "device": device.id,
        "seq": seq,
        "lane": "skm",
        "form_version": NEWEST,
        "lang": "id",
        "service": "kunjungan",
        "answers": dict.fromkeys(SCORES, 3),
        "assisted": False,
        "started_ms": NOW_MS - 60_000,
        "finished_ms": NOW_MS - 1_000,
        "salt": "0123456789abcdef",
    }
    envelope |= changes
    return {**envelope, "hash": content_hash(envelope)}


def send(device: Device, *items: object, sent_ms: int = NOW_MS) -> list[tuple[str, int]]:
    """Deliver a batch and return each item's status and code."""
    with clock.fixed(NOW), within({device.facility_id}):
        acks = answers.store_answers(tablet(device), {"sent_ms": sent_ms, "items": list(items)})
    return [(ack.status, ack.code) for ack in acks]


def count(model: type) -> int:
    """Count the rows of a table, wherever they belong."""
    with everywhere():
        return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


@pytest.fixture
def device(prison: Facility) -> Device:
    return make_device(prison)


def test_a_sheet_is_stored_once_however_often_it_is_sent(device: Device) -> None:
    one = sheet(device)

    assert send(device, one) == [("stored", 201)]
    assert send(device, one) == [("duplicate", 200)]
    assert send(device, one, one) == [("duplicate", 200)] * 2
    assert (count(Delivery), count(Response)) == (1, 1)


def test_a_sheet_twice_in_one_batch_is_stored_once(device: Device) -> None:
    one = sheet(device)

    assert send(device, one, one) == [("stored", 201), ("duplicate", 200)]
    assert count(Response) == 1


def test_each_receipt_names_the_sheet_and_its_content(device: Device) -> None:
    one = sheet(device)

    with clock.fixed(NOW), within({device.facility_id}):
        (ack,) = answers.store_answers(tablet(device), {"sent_ms": NOW_MS, "items": [one]})

    assert (ack.ack, ack.hash) == (one["uuid"], one["hash"])


def test_other_content_under_a_known_uuid_is_set_aside_and_the_first_stays(device: Device) -> None:
    first = sheet(device)
    second = sheet(device, uuid=first["uuid"], answers=dict.fromkeys(SCORES, 1))

    send(device, first)

    assert send(device, second) == [("conflict", 409)]
    assert send(device, second) == [("conflict", 409)]
    assert (count(Response), count(Review)) == (1, 1)
    assert db.session.scalar(sa.select(Response.waktu)) == 3
    assert queries.open_reviews() == 1


def test_two_contents_of_one_uuid_in_one_batch_leave_the_first(device: Device) -> None:
    first = sheet(device)
    second = sheet(device, uuid=first["uuid"], lang="en")

    assert send(device, first, second) == [("stored", 201), ("conflict", 409)]
    assert (count(Response), count(Review)) == (1, 1)


def test_a_poisoned_item_does_not_block_the_rest_of_its_batch(device: Device) -> None:
    batch = [
        sheet(device, 1),
        {"uuid": "x"},
        None,
        sheet(device, 2, answers=dict.fromkeys(SCORES, 9)),
        {**sheet(device, 3), "seq": 4},
        sheet(device, 5),
    ]

    found = send(device, *batch)

    assert found == [
        ("stored", 201),
        ("invalid", 422),
        ("invalid", 422),
        ("invalid", 422),
        ("invalid", 422),
        ("stored", 201),
    ]
    assert count(Response) == 2


@pytest.mark.parametrize(
    "batch",
    [None, [], {}, {"sent_ms": 1, "items": []}, {"sent_ms": "1", "items": [1]},
     {"sent_ms": 1, "items": [1] * 101}, {"sent_ms": True, "items": [1]},
     {"sent_ms": 1, "items": [1], "more": 2}],
)  # fmt: skip
def test_what_is_no_batch_is_refused_as_a_whole(device: Device, batch: object) -> None:
    with within({device.facility_id}), pytest.raises(answers.BatchUnfit):
        answers.store_answers(tablet(device), batch)


def test_what_arrived_and_what_was_answered_share_no_column_but_the_facility() -> None:
    delivery, response = (set(model.__table__.columns.keys()) for model in (Delivery, Response))

    assert delivery & response == {"facility_id"}


def test_no_clock_time_and_no_name_of_the_delivery_is_kept_with_the_answers(device: Device) -> None:
    one = sheet(device, 7, demographics={"age_band": "26-40", "sex": "female"})
    send(device, one)

    with everywhere():
        row = db.session.execute(sa.select(Response.__table__)).one()._asdict()

    assert row.pop("id") != UUID(one["uuid"])
    assert row == {
        "facility_id": device.facility_id, "day": date(2026, 11, 23), "half_day": "pagi",
        "lane": "skm", "entry": "open", "assisted": False, "place": "Ruang tunggu",
        "service": "kunjungan", "form_version": NEWEST, "lang": "id",
        **dict.fromkeys(SCORES, 3), "age_band": "26-40", "sex": "female", "duration_s": 59,
        "flags": ["straight"],
    }  # fmt: skip


def test_a_late_sheet_counts_in_its_own_month_and_is_marked_late(device: Device) -> None:
    long_ago = NOW_MS - 25 * 86_400_000

    send(device, sheet(device, started_ms=long_ago - 60_000, finished_ms=long_ago))

    assert db.session.scalar(sa.select(Delivery.status)) == "late"
    assert db.session.scalar(sa.select(Response.day)) == date(2026, 10, 29)


def test_a_gap_in_the_numbers_of_a_tablet_shows(device: Device) -> None:
    send(device, sheet(device, 1), sheet(device, 4))

    (row,) = queries.devices()

    assert (row.last_seq, row.missing) == (4, 2)
    assert queries.missing_numbers(device.id) == (2, 3)
    assert row.last_seen_at == NOW


def test_a_revoked_tablet_delivers_nothing(device: Device, actor: Any) -> None:
    officer = actor(Role.SURVEY_OFFICER)
    devices.revoke_device(officer, device.id)

    with pytest.raises(NotAllowed):
        send(device, sheet(device))
    assert queries.tablet(token_hash=device.token_hash) is None
    assert count(Response) == 0


def test_a_tablet_revoked_a_moment_ago_stores_nothing_though_it_is_remembered(
    device: Device,
) -> None:
    send(device, sheet(device, 1))
    device.revoked_at = NOW  # by another process
    db.session.commit()

    with pytest.raises(NotAllowed):
        send(device, sheet(device, 2))
    assert (count(Delivery), count(Response)) == (1, 1)


def test_a_tablet_enrolled_anew_may_bring_what_it_collected_before(
    prison: Facility, device: Device
) -> None:
    anew = make_device(prison, name="Tablet 1")
    anew.enrolled_at = NOW
    db.session.commit()
    devices.forget_tablets()
    before = NOW_MS - 20 * 86_400_000

    assert send(anew, sheet(device, 12, started_ms=before, finished_ms=before)) == [("stored", 201)]
    assert db.session.scalar(sa.select(Response.day)) == date(2026, 11, 3)
    assert [row.last_seq for row in queries.devices() if row.id == anew.id] == [0]


def test_another_facilitys_tablet_is_refused_and_nothing_of_it_shows(
    device: Device, other_prison: Facility, actor: Any
) -> None:
    officer, elsewhere = actor(Role.SURVEY_OFFICER), other_prison.id
    canary = make_device(other_prison, name="CANARY")
    assert send(canary, sheet(canary)) == [("stored", 201)]

    canary_id, here = canary.id, device.facility_id

    assert send(device, sheet(canary)) == [("invalid", 422)]
    with within({here}):
        assert [row.name for row in queries.devices()] == ["Tablet 1"]
        assert queries.month_result(elsewhere, Month(2026, 11)).complete == 0
        with pytest.raises(NotFound):
            devices.revoke_device(officer, canary_id)


def test_what_a_tablet_stores_stands_before_the_second_wall(
    device: Device, other_prison: Facility, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered = devices.known(device.id)
    assert remembered is not None
    wrong = replace(remembered, facility_id=other_prison.id)
    monkeypatch.setitem(devices._REMEMBERED, device.id, (NOW + timedelta(days=1), wrong))

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        send(device, sheet(device))
    assert (count(Delivery), count(Response)) == (0, 0)


def test_another_facilitys_scope_sees_no_tablet_to_store_for(
    device: Device, other_prison: Facility
) -> None:
    one, by, elsewhere = sheet(device), tablet(device), other_prison.id

    with clock.fixed(NOW), within({elsewhere}), pytest.raises(NotAllowed):
        answers.store_answers(by, {"sent_ms": NOW_MS, "items": [one]})
    assert count(Response) == 0


def test_a_code_enrols_one_tablet_and_no_second(actor: Any, prison: Facility) -> None:
    officer = actor(Role.SURVEY_OFFICER)
    code = devices.make_code(officer, prison.id, place="Ruang tunggu", key=KEY)

    made = devices.enrol_device(f" {code.lower()} ", name="Tablet 2")

    known = devices.known(devices.hashed(made.token))
    assert known is not None
    assert (known.id, known.facility_id, made.place) == (made.device, prison.id, "Ruang tunggu")
    with pytest.raises(devices.CodeUnknown):
        devices.enrol_device(code, name="Tablet 3")
    assert [detail["step"] for _, _, detail in trail("survey.device.enrol")] == ["code", "device"]


def test_a_code_ends_after_an_hour(actor: Any, prison: Facility) -> None:
    with clock.fixed(NOW):
        code = devices.make_code(actor(Role.SURVEY_OFFICER), prison.id, place="Loket", key=KEY)
        assert queries.open_codes(NOW) == 1

    with clock.fixed(NOW + timedelta(hours=1)), pytest.raises(devices.CodeUnknown):
        devices.enrol_device(code, name="Tablet")


def test_a_code_is_shown_once_though_the_form_comes_twice(actor: Any, prison: Facility) -> None:
    officer = actor(Role.SURVEY_OFFICER)
    devices.make_code(officer, prison.id, place="Loket", key=KEY)

    with pytest.raises(devices.CodeShownBefore):
        devices.make_code(officer, prison.id, place="Loket", key=KEY)


def test_the_month_pools_complete_sheets_and_counts_the_rest(
    device: Device, prison: Facility, actor: Any
) -> None:
    with_skip = {**dict.fromkeys(SCORES, 3), "biaya": None}
    send(device, *(sheet(device, at, answers=dict.fromkeys(SCORES, 4)) for at in range(1, 21)))
    send(device, *(sheet(device, at) for at in range(21, 41)), sheet(device, 41, answers=with_skip))
    officer = actor(Role.SURVEY_OFFICER)
    figures.enter_visits(officer, prison.id, day=date(2026, 11, 2), service="kunjungan", visitors=9)
    figures.enter_visits(
        officer, prison.id, day=date(2026, 11, 2), service="kunjungan", visitors=100
    )

    found = queries.month_result(prison.id, Month(2026, 11))

    assert found.index is not None
    assert (str(found.index.ikm), found.grade and found.grade.mutu) == ("87.50", "B")
    assert (found.complete, found.incomplete, found.served, found.enough) == (40, 1, 100, True)
    assert (found.half_days, found.all_best) == ({"pagi": 40, "siang": 0}, 20)
    assert found.signs["straight"] == 40
    assert found.interval is not None
    assert found.interval.finite
    assert [row.code for row in found.elements][7:] == ["pengaduan", "sarana"]
    assert {row.nrr for row in found.elements} == {"3.50"}


def test_a_month_without_sheets_has_no_index(prison: Facility) -> None:
    found = queries.month_result(prison.id, Month(2026, 11))

    assert (found.index, found.grade, found.served, found.target) == (None, None, None, None)
    assert (found.elements, found.enough) == ((), False)


def test_a_batch_leaves_one_line_in_its_own_chain_with_counts_alone(device: Device) -> None:
    send(device, sheet(device, 1), sheet(device, 2), None)

    ((_, subject, detail),) = trail("survey.answers.store")

    assert subject == "survey_device:"
    assert detail == {"device": device.id, "stored": 2, "invalid": 1}
