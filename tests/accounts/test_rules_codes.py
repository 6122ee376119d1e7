from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.rules import codes
from portal.accounts.rules.totp import accepted_step, read_code

NOW = datetime(2026, 11, 23, 1, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code_of(step: int) -> str:
    return f"{step % 1_000_000:06d}"


@pytest.mark.parametrize("drift", [-1, 0, 1])
def test_a_code_of_this_step_or_its_neighbours_is_taken(drift: int) -> None:
    assert accepted_step(code_of, code_of(STEP + drift), NOW, None) == STEP + drift


@pytest.mark.parametrize("drift", [-2, 2])
def test_a_code_two_steps_away_is_refused(drift: int) -> None:
    assert accepted_step(code_of, code_of(STEP + drift), NOW, None) is None


def test_a_used_step_is_refused_also_with_spaces() -> None:
    code = code_of(STEP)

    assert accepted_step(code_of, code, NOW, STEP) is None
    assert (
        accepted_step(code_of, f" {code[:3]} {code[3:]} ", NOW + timedelta(seconds=15), STEP)
        is None
    )
    assert accepted_step(code_of, code_of(STEP - 1), NOW, STEP) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", "12345\n"])
def test_what_is_no_code_is_refused(typed: str) -> None:
    assert read_code(typed) is None
    assert accepted_step(code_of, typed, NOW, None) is None


@given(st.integers(0, 9), st.binary(min_size=10, max_size=10))
def test_a_recovery_code_reads_back_as_it_was_written(number: int, random: bytes) -> None:
    code = codes.recovery_code(number, random)

    assert codes.read_recovery_code(codes.written(code)) == code
    assert codes.read_recovery_code(f" {codes.written(code).upper().replace('-', ' ')} ") == code


def test_look_alikes_on_paper_are_forgiven() -> None:
    assert codes.read_recovery_code("3-oooo-llll-bbbb-aaaa") == codes.read_recovery_code(
        "3 0000 1111 8888 AAAA"
    )


@pytest.mark.parametrize(
    "typed", ["", "x-aaaa", "3-aaaa", "3-aaaa-aaaa-aaaa-aaa9", "²-aaaa-aaaa-aaaa-aaaa"]
)
def test_what_is_no_recovery_code_is_refused(typed: str) -> None:
    assert codes.read_recovery_code(typed) is None


def test_a_recovery_code_needs_eighty_bits() -> None:
    with pytest.raises(ValueError, match="10 bytes"):
        codes.recovery_code(1, b"short")
