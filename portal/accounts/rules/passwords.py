"""Which passwords are taken (ASVS 6.2, BSSN 4/2021 by choice).

What is compared with the stored hash is never trimmed, folded or cut. Only the lists below look at
a folded copy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from itertools import pairwise, permutations
from typing import Any

from portal.accounts.rules.limits import TABLE

LEAST: int = TABLE["password"]["least"]
MOST: int = TABLE["password"]["most"]
OWN_LETTERS: int = TABLE["password"]["own_letters"]
LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}
)


class Profile(StrEnum):
    """Whose composition rule holds; the choice is a setting and stands in the DPIA."""

    ASVS = "asvs"
    BSSN = "bssn"


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    CONTEXT = "context"
    UNMIXED = "unmixed"


# Any: a TOML table holds values of several kinds.
@cache
def ingredients() -> Mapping[str, Any]:
    """Return what the two lists are made of."""
    return tomllib.loads(files(__package__).joinpath("passwords.toml").read_text("utf-8"))


@cache
def common() -> frozenset[str]:
    """Return the common passwords that are long enough to be tried, folded; over three thousand."""
    made = {
        *_words_with_tails(),
        *_pairs(),
        *_repeated(),
        *_walks(),
    }
    return frozenset(text for text in made if LEAST <= len(text) <= MOST)


def _words_with_tails() -> Iterator[str]:
    """Give each base with each ending, as people lengthen a word until it is accepted."""
    parts = ingredients()["common"]
    years = range(parts["first_year"], parts["last_year"] + 1)
    tails = [*parts["tails"], *map(str, years)]
    for base in parts["bases"]:
        for tail in tails:
            yield f"{base}{tail}"
            yield f"{base}@{tail}"
            yield f"{base}{base}{tail}"


def _pairs() -> Iterator[str]:
    """Give each two bases side by side."""
    for first, second in permutations(ingredients()["common"]["bases"], 2):
        yield f"{first}{second}"


def _repeated() -> Iterator[str]:
    """Give one sign or one short piece, again and again."""
    parts = ingredients()["common"]
    for piece in parts["pieces"]:
        for times in range(2, MOST // len(piece) + 1):
            yield piece * times


def _walks() -> Iterator[str]:
    """Give runs along the keyboard and the alphabet, forwards, backwards and two in a row."""
    walks = ingredients()["common"]["walks"]
    both = [way for walk in walks for way in (walk, walk[::-1])]
    for first, second in pairwise([*both, both[0]]):
        yield f"{first}{second}"
    for walk in both:
        yield f"{walk}{walk}"
        for end in range(LEAST, len(walk) + 1):
            for start in range(end - LEAST + 1):
                yield walk[start:end]


@cache
def context_words() -> frozenset[str]:
    """Return words that everybody here would try first, folded and without spaces."""
    return frozenset(_squeezed(word) for word in ingredients()["context"]["words"])


def _squeezed(text: str) -> str:
    """Fold case and leave letters and digits only."""
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _own_letters(text: str, words: Collection[str]) -> int | None:
    """Count the letters left once the words are taken out; None if none of them is in it."""
    left = text
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, " ")
    if left == text:
        return None
    return sum(sign.isalpha() for sign in left)


def _made_of_context(password: str, names: Collection[str]) -> bool:
    """Tell whether little more than words of this place, or the person's own names, is in it."""
    own = {_squeezed(part) for name in names for part in name.split()}
    words = context_words() | {
        word for word in own if len(word) >= ingredients()["context"]["least"]
    }
    for text in (_squeezed(password), _squeezed(password.casefold().translate(LEET))):
        left = _own_letters(text, words)
        if left is not None and left < OWN_LETTERS:
            return True
    return False


def _mixed(password: str) -> bool:
    """Tell whether capitals, small letters, digits and other signs are all there (BSSN 4/2021)."""
    return (
        any(sign.isupper() for sign in password)
        and any(sign.islower() for sign in password)
        and any(sign.isdecimal() for sign in password)
        and any(not sign.isalnum() for sign in password)
    )


def weakness(
    password: str, *, names: Collection[str] = (), profile: Profile = Profile.ASVS
) -> Weakness | None:
    """Return why a new password is refused, or None if it is taken.

    ``names`` are the person's own: login and display name. Length counts signs, spaces included.
    """
    if not LEAST <= len(password) <= MOST:
        return Weakness.SHORT if len(password) < LEAST else Weakness.LONG
    if password.casefold() in common():
        return Weakness.COMMON
    if _made_of_context(password, names):
        return Weakness.CONTEXT
    if profile is Profile.BSSN and not _mixed(password):
        return Weakness.UNMIXED
    return None
