import tomllib
from datetime import UTC, date, datetime
from random import Random

from portal.kernel import clock
from portal.kernel.facility import Facility, within
from portal.media import queries
from portal.media.demo import RELEASES, TEXTS, demo
from portal.media.rules.checks import nobody, personal_data

TODAY = datetime(2026, 11, 23, 5, tzinfo=UTC)


def test_the_demo_fills_a_newsroom(prison: Facility) -> None:
    with clock.fixed(TODAY), within({prison.id}):
        demo(prison.id, Random(7), date(2026, 11, 23))

        counts = queries.tab_counts(prison.id, TODAY)
        texts = queries.releases(prison.id, TODAY, limit=100)
        months = queries.months(prison.id, TODAY, prison.time_zone)

    assert counts == {
        queries.Tab.DRAFTS: 3,
        queries.Tab.SUBMITTED: 1,
        queries.Tab.SCHEDULED: 1,
        queries.Tab.PUBLIC: RELEASES,
        queries.Tab.WITHDRAWN: 1,
    }
    assert len({text.slug for text in texts}) == RELEASES
    assert len(months) >= 14
    assert sum(len(text.corrections) for text in texts) == 1
    assert all(text.published <= TODAY for text in texts)


def test_no_invented_text_holds_what_the_gate_would_stop() -> None:
    table = tomllib.loads(TEXTS.read_text("utf-8"))

    for text in (*table["text"], *table["fixed"], *table["state"]):
        fields = {name: text[name] for name in ("title", "summary", "body")}
        assert personal_data(1, fields, nobody) == ()
