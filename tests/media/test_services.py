from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.domain.actor import PORTAL, Actor, Role
from portal.domain.errors import Conflict, NotAllowed, NotFound
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.media import queries, services
from portal.media.models import LogEntry, Revision
from portal.media.rules.checks import Concern
from portal.media.rules.visibility import Sight
from portal.media.rules.workflow import Kind, Language, NoticedBy, Reason, State
from portal.media.services import Mending
from tests.conftest import trail
from tests.factories import make_inmate
from tests.media.conftest import (
    NOW,
    SECOND,
    TEXT,
    draft,
    mark,
    published,
    submitted,
    withdrawn,
)

MENDING = Mending("Angka 312", "Seharusnya 321", NoticedBy.JOURNALIST, NOW)
LATER = replace(TEXT, visible_from=NOW + timedelta(hours=1))


def head(item_id: int) -> Revision:
    return queries.dossier(item_id, clock.now()).head


def test_a_text_is_public_once_a_second_person_approved_it(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)

    visible_at = services.approve(editor, item.id, fingerprint=mark(item.id))

    shown = queries.release(prison.id, item.slug, NOW)
    assert visible_at == NOW
    assert shown is not None
    assert (shown.title, shown.published, shown.updated) == (TEXT.title, NOW, NOW)
    assert "<strong>312</strong>" in shown.html
    assert [action for action, _, _ in trail()][-3:] == [
        "media.item.write", "media.item.submit", "media.item.approve",
    ]  # fmt: skip


def test_the_writer_cannot_approve_his_own_text(writer: Actor, prison: Facility) -> None:
    item = submitted(writer, prison)

    with pytest.raises(services.OwnText):
        services.approve(writer, item.id, fingerprint=mark(item.id))

    assert head(item.id).state is State.SUBMITTED


def test_whoever_wrote_an_earlier_part_cannot_approve_either(
    writer: Actor, editor: Actor, actor: Callable[..., Actor], prison: Facility
) -> None:
    item = draft(writer, prison)
    services.save(editor, item.id, text=replace(TEXT, title="Panen kedua"), based_on=1)
    services.submit(editor, item.id)

    for person in (writer, editor):
        with pytest.raises(services.OwnText):
            services.approve(person, item.id, fingerprint=mark(item.id))

    head_of_prison = actor(Role.PRISON_HEAD)
    assert services.approve(head_of_prison, item.id, fingerprint=mark(item.id)) == NOW


def test_the_database_itself_refuses_one_pair_of_eyes(writer: Actor, prison: Facility) -> None:
    item = submitted(writer, prison)

    with pytest.raises(IntegrityError, match="four_eyes"):
        db.session.execute(
            sa.update(Revision).where(Revision.item_id == item.id).values(approved_by=writer.id)
        )


def test_a_changed_letter_voids_the_approval(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)
    read = mark(item.id)
    services.save(writer, item.id, text=replace(TEXT, body=TEXT.body + "."), based_on=1)
    services.submit(writer, item.id)

    with pytest.raises(services.OtherText):
        services.approve(editor, item.id, fingerprint=read)

    assert queries.release(prison.id, item.slug, NOW) is None


def test_changing_a_submitted_text_takes_it_back(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)

    services.save(writer, item.id, text=TEXT, based_on=1)

    states = [r.state for r in queries.dossier(item.id, NOW).revisions]
    assert states == [State.DRAFT, State.DRAFT]
    with pytest.raises(services.WrongState):
        services.approve(editor, item.id, fingerprint=mark(item.id))


def test_a_new_text_takes_the_scheduled_one_out_of_its_slot(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison, LATER)

    services.save(writer, item.id, text=TEXT, based_on=1)

    first = queries.dossier(item.id, NOW).revisions[1]
    assert (first.state, first.seal, first.visible_at) == (State.DRAFT, None, None)
    assert queries.release(prison.id, item.slug, NOW + timedelta(days=1)) is None


def test_the_words_of_a_revision_cannot_be_changed_by_anyone(
    writer: Actor, prison: Facility
) -> None:
    item = draft(writer, prison)

    with pytest.raises(ProgrammingError, match="not changed"):
        db.session.execute(
            sa.update(Revision).where(Revision.item_id == item.id).values(title="Lain")
        )


def test_the_log_is_only_added_to(writer: Actor, prison: Facility) -> None:
    draft(writer, prison)

    with pytest.raises(ProgrammingError, match="only added to"):
        db.session.execute(sa.delete(LogEntry))


def test_a_text_whose_seal_is_broken_is_not_shown(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)
    db.session.execute(sa.update(Revision).values(seal="0" * 64))

    assert queries.release(prison.id, item.slug, NOW) is None
    assert queries.releases(prison.id, NOW) == ()


def test_a_returned_text_comes_back_with_its_reason(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)

    services.send_back(editor, item.id, reason="Angka belum ada sumbernya.")

    known = queries.dossier(item.id, NOW)
    assert known.head.state is State.RETURNED
    assert known.log[0].reason == "Angka belum ada sumbernya."
    services.save(writer, item.id, text=TEXT, based_on=1)
    assert head(item.id).state is State.DRAFT


def test_a_scheduled_text_comes_at_its_hour_and_can_be_taken_back_before(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison, LATER)
    hour = NOW + timedelta(hours=1)

    assert queries.release(prison.id, item.slug, hour - SECOND) is None
    assert queries.release(prison.id, item.slug, hour) is not None

    services.take_back(writer, item.id)

    assert queries.release(prison.id, item.slug, hour) is None
    assert (head(item.id).visible_at, head(item.id).approved_by) == (None, None)


def test_a_second_schedule_after_taking_back_works_like_the_first(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison, LATER)
    services.take_back(writer, item.id)
    services.submit(writer, item.id)

    visible_at = services.approve(editor, item.id, fingerprint=mark(item.id))

    assert visible_at == NOW + timedelta(hours=1)


def test_a_public_text_is_not_taken_back(writer: Actor, editor: Actor, prison: Facility) -> None:
    item = published(writer, editor, prison)

    with pytest.raises(services.AlreadyPublic):
        services.take_back(writer, item.id)


def test_a_withdrawn_text_leaves_a_tombstone_without_words(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = withdrawn(writer, editor, prison)

    stone = queries.release(prison.id, item.slug, NOW)

    assert stone is not None
    assert (stone.sight, stone.withdrawn_for) == (Sight.TOMBSTONE, Reason.PUBLISHED_IN_ERROR)
    assert (stone.title, stone.summary, stone.html) == ("", "", "")
    assert queries.releases(prison.id, NOW) == ()


def test_withdrawing_stops_what_was_scheduled_to_follow(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)
    services.correct(writer, item.id, text=LATER, mending=MENDING, based_on=1)
    services.submit(writer, item.id)
    services.approve(editor, item.id, fingerprint=mark(item.id))

    services.withdraw(editor, item.id, reason=Reason.PERSONAL_DATA)

    stone = queries.release(prison.id, item.slug, NOW + timedelta(days=1))
    assert stone is not None
    assert stone.sight is Sight.TOMBSTONE


def test_what_nobody_read_cannot_be_withdrawn(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison, LATER)

    with pytest.raises(services.NotPublicYet):
        services.withdraw(editor, item.id, reason=Reason.PERSONAL_DATA)


def test_a_public_text_changes_only_by_a_correction_everyone_sees(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)
    right = replace(TEXT, body="Hasilnya **321** kilogram.")

    with pytest.raises(services.NothingSilently):
        services.save(writer, item.id, text=right, based_on=1)
    empty = replace(MENDING, wrong="")
    with pytest.raises(services.NothingSilently):
        services.correct(writer, item.id, text=right, mending=empty, based_on=1)

    services.correct(writer, item.id, text=right, mending=MENDING, based_on=1)
    services.submit(writer, item.id)
    before = queries.release(prison.id, item.slug, NOW)
    with clock.fixed(NOW + timedelta(hours=2)):
        services.approve(editor, item.id, fingerprint=mark(item.id))
        after = queries.release(prison.id, item.slug, clock.now())

    assert before is not None
    assert "312" in before.html
    assert before.corrections == ()
    assert after is not None
    assert "321" in after.html
    assert (after.published, after.updated) == (NOW, NOW + timedelta(hours=2))
    line = after.corrections[0]
    assert (line.wrong, line.right) == ("Angka 312", "Seharusnya 321")
    assert line.stood == timedelta(hours=2)
    assert queries.corrections(prison.id, NOW) == ()
    assert queries.corrections(prison.id, NOW + timedelta(hours=2)) == (line,)


def test_a_draft_cannot_be_corrected_before_it_was_public(writer: Actor, prison: Facility) -> None:
    item = draft(writer, prison)

    with pytest.raises(services.NotPublicYet):
        services.correct(writer, item.id, text=TEXT, mending=MENDING, based_on=1)


def test_the_gate_stops_a_text_with_personal_data_and_keeps_it(
    writer: Actor, prison: Facility
) -> None:
    item = draft(writer, prison, replace(TEXT, body="Hubungi 0812-3456-7890."))

    with pytest.raises(services.PersonalData) as refusal:
        services.submit(writer, item.id)

    assert [(hit.field, hit.start, hit.end) for hit in refusal.value.hits] == [("body", 8, 22)]
    assert head(item.id).state is State.DRAFT


def test_the_gate_asks_whoever_keeps_the_register(
    writer: Actor, prison: Facility, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "_names", [services.nobody])
    services.use_name_finder(
        lambda _facility, text: [(0, 5)] if text.startswith(TEXT.title) else []
    )
    item = draft(writer, prison)

    with pytest.raises(services.PersonalData) as refusal:
        services.submit(writer, item.id)

    assert refusal.value.hits[0].field == "title"


def test_two_people_do_not_write_over_each_other(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = draft(writer, prison)
    services.save(editor, item.id, text=TEXT, based_on=1)

    with pytest.raises(services.WrittenMeanwhile, match=editor.name):
        services.save(writer, item.id, text=TEXT, based_on=1)


def test_a_form_sent_twice_makes_one_item(writer: Actor, prison: Facility) -> None:
    first = draft(writer, prison, key="k" * 32)
    again = draft(writer, prison, key="k" * 32)

    assert first.id == again.id
    with pytest.raises(Conflict):
        draft(writer, prison, replace(TEXT, title="Judul lain"), key="k" * 32)


def test_two_items_never_share_an_address(writer: Actor, prison: Facility) -> None:
    first = draft(writer, prison, key="a" * 32)
    second = draft(writer, prison, key="b" * 32)

    assert (first.slug, second.slug) == ("panen-pakcoy-pertama", "panen-pakcoy-pertama-2")


def test_a_discarded_draft_is_over(writer: Actor, prison: Facility) -> None:
    item = draft(writer, prison)

    services.discard(writer, item.id)

    assert head(item.id).state is State.DISCARDED
    with pytest.raises(services.WrongState):
        services.save(writer, item.id, text=TEXT, based_on=1)
    with pytest.raises(services.WrongState):
        services.submit(writer, item.id)


def test_the_portal_itself_neither_writes_nor_approves(writer: Actor, prison: Facility) -> None:
    item = submitted(writer, prison)

    with pytest.raises(services.OwnText):
        services.approve(PORTAL, item.id, fingerprint=mark(item.id))
    with pytest.raises(NotAllowed):
        services.draft(
            PORTAL, prison.id, text=TEXT, kind=Kind.RELEASE, language=Language.ENGLISH, key="p" * 32
        )


def test_another_prisons_item_does_not_exist(
    writer: Actor, prison: Facility, other_prison: Facility
) -> None:
    item_id, elsewhere = draft(writer, prison).id, other_prison.id

    with within({elsewhere}), pytest.raises(NotFound):
        services.submit(writer, item_id)


def test_the_lists_of_the_newsroom_hold_each_text_where_it_stands(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    def titled(title: str, **more: object) -> services.Text:
        return replace(TEXT, title=title, **more)  # type: ignore[arg-type]

    draft(writer, prison, titled("Satu konsep"))
    submitted(writer, prison, titled("Dua diajukan"))
    published(writer, editor, prison, titled("Tiga terjadwal", visible_from=LATER.visible_from))
    published(writer, editor, prison, titled("Empat terbit"))
    withdrawn(writer, editor, prison, titled("Lima dicabut"))

    titles = {tab: [r.title for r in queries.lines(prison.id, tab, NOW)] for tab in queries.Tab}

    assert titles == {
        queries.Tab.DRAFTS: ["Satu konsep"],
        queries.Tab.SUBMITTED: ["Dua diajukan"],
        queries.Tab.SCHEDULED: ["Tiga terjadwal"],
        queries.Tab.PUBLIC: ["Empat terbit"],
        queries.Tab.WITHDRAWN: ["Lima dicabut"],
    }
    assert queries.tab_counts(prison.id, NOW) == dict.fromkeys(queries.Tab, 1)
    assert queries.waiting_for(editor.id or 0, {prison.id}) == 1
    assert queries.waiting_for(writer.id or 0, {prison.id}) == 0
    assert queries.next_change(prison.id, NOW) == LATER.visible_from
    assert queries.last_change(prison.id, NOW) == NOW


def test_an_inmate_of_the_register_is_not_named_in_a_release(
    writer: Actor, prison: Facility
) -> None:
    make_inmate(prison, "B.I 77/2026", name="Jaya Meranti")
    text = replace(TEXT, summary="Panen bersama Jaya Meranti.", body="Nomor B.I. 77/2026 ikut.")
    item = draft(writer, prison, text)

    with pytest.raises(services.PersonalData) as refusal:
        services.submit(writer, item.id)

    assert [(hit.field, hit.concern) for hit in refusal.value.hits] == [
        ("summary", Concern.NAME),
        ("body", Concern.REGISTRATION),
    ]
