from hypothesis import given
from hypothesis import strategies as st

from portal.media.rules.addresses import LONGEST, slug_for
from portal.media.rules.compare import Change, Piece, differences


def test_only_the_changed_word_is_marked() -> None:
    assert differences("Hasilnya 312 kilogram.", "Hasilnya 321 kilogram.") == (
        Piece(Change.SAME, "Hasilnya "),
        Piece(Change.GONE, "312"),
        Piece(Change.NEW, "321"),
        Piece(Change.SAME, " kilogram."),
    )


@given(st.text(), st.text())
def test_the_pieces_add_up_to_both_texts(old: str, new: str) -> None:
    pieces = differences(old, new)

    assert "".join(p.text for p in pieces if p.change is not Change.NEW) == old
    assert "".join(p.text for p in pieces if p.change is not Change.GONE) == new


def test_an_address_is_plain_and_nobody_elses() -> None:
    assert slug_for("Panen Raya: 312 kg é", set()) == "panen-raya-312-kg-e"
    assert slug_for("Panen", {"panen", "panen-2"}) == "panen-3"
    assert slug_for("…", set()) == "siaran"
    assert len(slug_for("kata " * 40, set())) <= LONGEST
