"""Texts and people for the tests of the newsroom."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.actor import Actor, Role
from portal.kernel import clock
from portal.kernel.facility import Facility
from portal.media import queries, services
from portal.media.models import Item
from portal.media.rules.workflow import Kind, Language, Reason
from portal.media.services import Text

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)
SECRET = "Xylograf"  # a word no page may show before its hour
TEXT = Text(
    title="Panen pakcoy pertama",
    summary="Kebun hidroponik panen untuk pertama kali.",
    body="Hasilnya **312** kilogram.",
    place="Muara Contoh",
)


@pytest.fixture
def standing_clock(world: None) -> Iterator[None]:
    with clock.fixed(NOW):
        yield


@pytest.fixture
def writer(actor: Callable[..., Actor], standing_clock: None) -> Actor:
    return actor(Role.PRESS_EDITOR)


@pytest.fixture
def editor(actor: Callable[..., Actor], standing_clock: None) -> Actor:
    return actor(Role.PRESS_EDITOR)


def draft(by: Actor, at: Facility, text: Text = TEXT, key: str = "") -> Item:
    return services.draft(
        by,
        at.id,
        text=text,
        kind=Kind.ACTIVITY,
        language=Language.INDONESIAN,
        key=key or f"{text.title}-{by.id}"[:40],
    )


def submitted(by: Actor, at: Facility, text: Text = TEXT) -> Item:
    item = draft(by, at, text)
    services.submit(by, item.id)
    return item


def mark(item_id: int) -> str:
    return queries.mark_of(queries.dossier(item_id, clock.now()).head)


def published(by: Actor, editor: Actor, at: Facility, text: Text = TEXT) -> Item:
    item = submitted(by, at, text)
    services.approve(editor, item.id, fingerprint=mark(item.id))
    return item


def withdrawn(by: Actor, editor: Actor, at: Facility, text: Text = TEXT) -> Item:
    item = published(by, editor, at, text)
    services.withdraw(editor, item.id, reason=Reason.PUBLISHED_IN_ERROR)
    return item
