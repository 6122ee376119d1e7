"""No text without its words, in Indonesian and in English; and the words are plain."""

import json
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "message": None, "messages": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true"}, "**.txt": {"trimmed": "true"}}
# Not in plain Indonesian (handbook of experience, section 6), and what stands for it.
BANNED = {
    "dikarenakan": "karena",
    "sehubungan dengan": "karena",
    "penginputan": "mengisi",
    "silakan melakukan": "…",
    "terkoneksi": "tersambung",
    "disubmit": "dikirim",
    "eligible": "memenuhi syarat",
    "stakeholder": "pihak terkait",
    "dashboard": "ringkasan",
    "deadline": "batas waktu",
    "feedback": "tanggapan",
    "mohon maaf atas ketidaknyamanannya": "Maaf.",
    "kedaluwarsa": "…",
}


def _catalogue(language: str) -> Catalog:
    with Path(f"portal/translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        return read_po(file, locale=language)


def _wanted() -> set[object]:
    found = extract_from_dir("portal", METHODS, OPTIONS, keywords=KEYWORDS)
    return {text for _, _, text, _, _ in found}


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_text_has_its_words(language: str) -> None:
    good = {
        m.id
        for m in _catalogue(language)
        if m.string and all(m.string) and not m.fuzzy and not list(m.check())
    }

    missing = sorted(map(str, _wanted() - good))

    assert missing == [], "run `make texts`, then write the words:\n" + json.dumps(
        missing, indent=1
    )


def test_no_words_are_left_over() -> None:
    held = {m.id for m in _catalogue("id") if m.id}
    assert held - _wanted() == set(), "run `make texts`"


def test_indonesian_is_plain() -> None:
    wrong = [
        f"{word}: say {better}"
        for m in _catalogue("id")
        if m.id
        for text in ([m.string] if isinstance(m.string, str) else m.string)
        for word, better in BANNED.items()
        if re.search(rf"\b{word}", text, re.IGNORECASE)
    ]
    assert wrong == []


def test_indonesian_does_not_shout() -> None:
    known = (
        r"^(KOREKSI|SUMANTAB|TOUR|BLOK|IKM|SKM|PDF|CSV|XLSX|JSON|RSS|SDP|TOTP"
        r"|NIK|WBK|WBBM|PB|CB|CMB|IPK)$"
    )
    loud = [
        word
        for m in _catalogue("id")
        if m.id
        for text in ([m.string] if isinstance(m.string, str) else m.string)
        for word in re.findall(r"\b[A-Z]{6,}\b", text)
        if not re.match(known, word)
    ]
    assert loud == []
