import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.accounts.rules.passwords import (
    LEAST,
    MOST,
    Profile,
    Weakness,
    common,
    context_words,
    weakness,
)

GOOD = "kuda hijau terbang pelan"


def test_there_are_three_thousand_common_passwords_and_each_is_refused() -> None:
    refused = {weakness(text) for text in common()}

    assert len(common()) >= 3000
    assert refused == {Weakness.COMMON}


@pytest.mark.parametrize("text", ["Password1234", "QWERTYUIOPAS", "IndonesiaRaya", "aaaaaaaaaaaaa"])
def test_a_common_password_is_refused_in_capitals_too(text: str) -> None:
    assert weakness(text) is Weakness.COMMON


def test_there_are_fifty_context_words() -> None:
    assert len(context_words()) >= 50


@pytest.mark.parametrize("word", sorted(context_words()))
def test_a_context_word_filled_up_with_signs_is_refused(word: str) -> None:
    password = f"{word.capitalize()}-2026-!!!!!!!!!"[: max(LEAST, len(word) + 5)]

    assert weakness(password) in {Weakness.CONTEXT, Weakness.COMMON}


@pytest.mark.parametrize(
    "text", ["l4p4s-2026-xy!", "K4l4pas!!!!!!", "MuaraEnim 2026", "RUTAN sipir 77"]
)
def test_a_context_word_in_disguise_is_refused(text: str) -> None:
    assert weakness(text) is Weakness.CONTEXT


def test_a_context_word_among_enough_other_letters_is_taken() -> None:
    assert weakness("lapas kuda hijau terbang") is None


def test_the_persons_own_names_are_refused() -> None:
    assert weakness("sariwulandari1990", names=["Sari Wulandari"]) is Weakness.CONTEXT
    assert weakness("sariwulandari1990") is None


def test_eleven_signs_are_refused_and_twelve_taken() -> None:
    assert weakness("k7 hq mz tpl") is None
    assert weakness("k7 hq mz tp") is Weakness.SHORT


def test_a_hundred_and_twenty_eight_signs_are_taken_and_one_more_refused() -> None:
    phrase = (GOOD * 8)[:MOST]

    assert weakness(phrase) is None
    assert weakness(f"{phrase}x") is Weakness.LONG


@given(st.text(min_size=LEAST, max_size=MOST))
def test_any_unlisted_text_is_taken_whatever_its_signs(text: str) -> None:
    assume(weakness(text) not in {Weakness.COMMON, Weakness.CONTEXT})

    assert weakness(text) is None


@pytest.mark.parametrize("text", [GOOD, GOOD.upper(), "Kuda Hijau Terbang", "Kuda9Hijau9Terbang"])
def test_the_bssn_profile_asks_for_four_kinds_of_signs(text: str) -> None:
    assert weakness(text, profile=Profile.BSSN) is Weakness.UNMIXED


def test_the_bssn_profile_takes_a_mix() -> None:
    assert weakness("Kuda 9 hijau terbang!", profile=Profile.BSSN) is None
