import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.media.rules.addresses import LONGEST, slug_for
from portal.media.rules.compare import Change, Piece, differences
from portal.media.rules.contacts import Contact, contact


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


@pytest.mark.parametrize(
    ("words", "phone", "dial", "mail"),
    [
        (
            "Humas, 0811-0000-0000, setiap hari 07.00–21.00 WIB",
            "0811-0000-0000",
            "+6281100000000",
            "",
        ),
        ("Humas (0734) 000000", "(0734) 000000", "+62734000000", ""),
        (
            "Humas +62 811 0000 000, humas@contoh.example",
            "+62 811 0000 000",
            "+628110000000",
            "humas@contoh.example",
        ),
        ("Loket informasi, setiap hari kerja 08.00-14.00", "", "", ""),
    ],
)
def test_a_contact_is_read_out_of_the_prisons_own_words(
    words: str, phone: str, dial: str, mail: str
) -> None:
    assert contact(words) == Contact(words, phone, dial, mail)
