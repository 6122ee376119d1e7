import pytest

from portal.media.rules.checks import Concern, Hit, counted, marked, nobody, personal_data, spans_of


def concerns(text: str) -> list[Concern]:
    return [hit.concern for hit in personal_data(1, {"body": text}, nobody)]


@pytest.mark.parametrize(
    "text",
    [
        "NIK 1603012304900001 tercatat.",
        "NIK 1603-0123-0490-0001 tercatat.",
        "NIK 16 03 01 23 04 90 00 01 tercatat.",
    ],
)
def test_an_identity_number_is_met_in_every_spelling(text: str) -> None:
    assert concerns(text) == [Concern.IDENTITY]


@pytest.mark.parametrize(
    "text",
    [
        "Hubungi 081234567890.",
        "Hubungi 0812-3456-7890.",
        "Hubungi +62 812 3456 7890.",
        "Hubungi 62812.3456.789.",
        "Hubungi (0734) 421234.",
        "Hubungi 0734-421234.",
        "Hubungi +62 734 421234.",
    ],
)
def test_a_telephone_number_is_met(text: str) -> None:
    assert concerns(text) == [Concern.PHONE]


@pytest.mark.parametrize(
    "text",
    [
        "Seorang pelajar ikut.",
        "Anak-anak pegawai datang.",
        "Warga berusia 17 tahun.",
        "Ia berumur 9.",
        "Murid SMA setempat hadir.",
        "dikirim ke LPKA Palembang",
        "yang masih di bawah umur",
    ],
)
def test_words_for_children_are_met(text: str) -> None:
    assert Concern.CHILD in concerns(text)


@pytest.mark.parametrize(
    "text", ["lahir 23 April 1990", "Tanggal lahir: 23-04-1990", "TTL Palembang, 1/2/1990"]
)
def test_a_date_of_birth_is_met(text: str) -> None:
    assert concerns(text) == [Concern.BIRTH]


@pytest.mark.parametrize(
    "text",
    [
        "Kapasitas 486 orang, isi 1.123 orang per 9 September 2021.",
        "Anggaran Rp1.250.000.000 sesuai DIPA 2026.",
        "Jam layanan 08.00-14.00 WIB, pukul 09.30.",
        "Keputusan PAS-03.PR.01.01 Tahun 2020.",
        "Batas usia 18 tahun ke atas; rata-rata usia 35 tahun.",
        "Buka sd pukul 14.00.",
        "tanaman pakcoy dan petanak nasi",
    ],
)
def test_ordinary_figures_and_words_pass(text: str) -> None:
    assert concerns(text) == []


def test_the_register_tells_places_and_the_gate_tells_names_from_numbers() -> None:
    text = "Warga binaan Contoh Satu, nomor BI.12/2026, ikut."

    def finder(facility_id: int, where: str) -> list[tuple[int, int]]:
        assert (facility_id, where) == (4, text)
        return [(13, 24), (32, 42)]

    hits = personal_data(4, {"body": text}, finder)

    assert hits == (
        Hit("body", 13, 24, Concern.NAME),
        Hit("body", 32, 42, Concern.REGISTRATION),
    )
    assert [text[hit.start : hit.end] for hit in hits] == ["Contoh Satu", "BI.12/2026"]


def test_every_field_is_read_and_each_place_told_once() -> None:
    hits = personal_data(
        1, {"title": "Pelajar", "body": "lahir 23 April 1990, usia 12 tahun"}, nobody
    )

    assert counted(hits) == {Concern.BIRTH: 1, Concern.CHILD: 2}
    overlapping = personal_data(1, {"body": "081234567890"}, lambda _f, _t: [(0, 4)])
    assert overlapping == (Hit("body", 0, 12, Concern.PHONE),)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("Warga binaan JAYA  meranti ikut.", ["JAYA  meranti"]),
        ("Jaya-Meranti dan Jaya Merantika.", ["Jaya-Meranti"]),
        ("Nomor BI.12/2026 dan BI 12 2026.", ["BI.12/2026", "BI 12 2026"]),
        ("Si Gondrong menanam; rambut gondrong dipotong.", ["Gondrong"]),
        ("Budi hadir.", []),
        ("Jaya hadir di Meranti.", []),
        ("Bunga Melati Putih mekar.", ["Bunga Melati Putih"]),
    ],
)
def test_names_of_the_register_are_found_in_every_spelling(text: str, met: list[str]) -> None:
    names = [
        "Jaya Meranti",
        "BI.12/2026",
        "Gondrong",
        "Budi",
        "Bunga Melati",
        "Bunga Melati Putih",
        "",
    ]

    assert [text[start:end] for start, end in spans_of(names, text)] == met


def test_a_page_can_show_the_places_that_were_hit() -> None:
    hits = (Hit("body", 3, 5, Concern.NAME), Hit("title", 0, 1, Concern.CHILD))

    assert marked("body", "abcdefg", hits) == (
        ("abc", None), ("de", Concern.NAME), ("fg", None),
    )  # fmt: skip
    assert marked("title", "x", hits) == (("x", Concern.CHILD),)
    assert marked("place", "", hits) == ()


def test_a_name_does_not_reach_from_one_field_into_the_next() -> None:
    fields = {"title": "Untuk Jaya", "summary": "Meranti dan Jaya Meranti"}

    hits = personal_data(1, fields, lambda _f, text: spans_of(["Jaya Meranti"], text))

    assert hits == (Hit("summary", 12, 24, Concern.NAME),)
