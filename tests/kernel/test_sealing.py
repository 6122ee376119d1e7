from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.kernel.sealing import NotOurs, hash_secret, matches, outdated, seal, unseal


@pytest.fixture
def inside(app: Flask) -> object:
    with app.app_context():
        yield app


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=80), at=st.integers(0, 10_000))
def test_what_is_sealed_opens_unless_a_byte_is_flipped(inside: object, text: str, at: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    sealed = seal(text, "owner:1")
    flipped = bytearray(sealed)
    flipped[at % len(sealed)] ^= 1

    assert unseal(sealed, "owner:1") == text
    with pytest.raises(NotOurs):
        unseal(bytes(flipped), "owner:1")


def test_another_owner_cannot_open_it(inside: object) -> None:
    with pytest.raises(NotOurs):
        unseal(seal("x", "owner:1"), "owner:2")


@pytest.mark.parametrize("garbled", [b"", b"\x01", b"\x09" + b"x" * 40])
def test_what_was_never_sealed_does_not_open(inside: object, garbled: bytes) -> None:
    with pytest.raises(NotOurs):
        unseal(garbled, "owner:1")


def test_a_new_key_seals_and_the_old_one_still_opens(inside: Flask) -> None:
    held = inside.extensions["portal.settings"]
    old = seal("x", "owner:1")
    try:
        inside.extensions["portal.settings"] = replace(
            held, seal_keys=(*held.seal_keys, (2, b"n" * 32))
        )
        new = seal("x", "owner:1")
        assert (old[0], new[0]) == (1, 2)
        assert unseal(old, "owner:1") == unseal(new, "owner:1") == "x"
    finally:
        inside.extensions["portal.settings"] = held
    with pytest.raises(NotOurs):
        unseal(new, "owner:1")


def test_a_hash_is_argon2id_and_compares_exactly(inside: object) -> None:
    stored = hash_secret("Kuda hijau ")

    assert stored.startswith("$argon2id$")
    assert matches(stored, "Kuda hijau ")
    assert not matches(stored, "Kuda hijau")
    assert not matches(stored, "kuda hijau ")
    assert not matches(None, "Kuda hijau ")
    assert not matches("no hash", "Kuda hijau ")


def test_a_hash_of_lower_cost_is_outdated(inside: Flask) -> None:
    held = inside.extensions["portal.settings"]
    stored = hash_secret("x")
    try:
        inside.extensions["portal.settings"] = replace(held, argon2_memory_kib=2048)
        assert outdated(stored)
        assert matches(stored, "x")
    finally:
        inside.extensions["portal.settings"] = held
    assert not outdated(stored)
