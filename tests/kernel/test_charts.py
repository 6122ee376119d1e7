"""Charts: well formed, told in words, fit for a strict page."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.charts import SERIES, Caption, bars, lines, number

NS = {"s": "http://www.w3.org/2000/svg"}
CAPTION = Caption("c1", "Nilai <per> unsur", 'Sembilan unsur & "nilai"', "Belum ada data")
DRAW = (bars, lines)
FINITE = st.floats(-1e7, 1e7) | st.integers(-1000, 1000).map(float)
VALUE = st.none() | FINITE | st.just(math.nan) | st.just(math.inf)


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own picture


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in parsed(svg).iterfind(".//s:text", NS)]


@pytest.mark.parametrize("draw", DRAW)
@given(
    labels=st.lists(st.text(max_size=60), max_size=15),
    series=st.dictionaries(st.text(max_size=30), st.lists(VALUE, max_size=16), max_size=5),
)
def test_any_values_and_words_make_a_well_formed_picture(draw, labels, series) -> None:
    svg = draw(labels, series, CAPTION)

    root = parsed(svg)
    assert root.get("role") == "img"
    assert root.find("s:title", NS).text == CAPTION.title
    assert root.find("s:desc", NS).text == CAPTION.description
    assert not re.search(
        r'(?<!\w)(style|nan|inf)\s*=|"[^"]*(nan|inf)[^"]*"',
        " ".join(
            f'{k}="{v}"'
            for element in root.iter()
            for k, v in element.items()
            if k not in {"id", "class"}
        ),
    )


@pytest.mark.parametrize("draw", DRAW)
@pytest.mark.parametrize(
    ("labels", "series"),
    [
        ([], {}),
        (["Okt"], {}),
        (["Okt"], {"IKM": (None,)}),
        ([], {"IKM": (1.0,)}),
        (["Okt"], {"a": (math.nan,)}),
    ],
)
def test_without_values_the_picture_says_so(draw, labels, series) -> None:
    assert texts(draw(labels, series, CAPTION))[-1] == "Belum ada data"


def test_one_point_stands_in_the_middle_and_has_no_line() -> None:
    svg = lines(["Okt"], {"IKM": (82.5,)}, CAPTION)

    assert "<polyline" not in svg
    assert svg.count("<circle") == 1
    assert "IKM 82,50" in texts(svg)


def test_a_gap_breaks_the_line() -> None:
    svg = lines(list("abcde"), {"IKM": (1.0, 2.0, None, 4.0, 5.0)}, CAPTION)

    assert (svg.count("<polyline"), svg.count("<circle")) == (2, 4)


def test_series_differ_by_more_than_colour() -> None:
    svg = lines(["a", "b"], {"x": (1.0, 2.0), "y": (2.0, 3.0), "z": (3.0, 4.0)}, CAPTION)

    dashes = [
        line.get("stroke-dasharray", "") for line in parsed(svg).iterfind(".//s:polyline", NS)
    ]
    assert dashes == [dash for _, dash in SERIES]


def test_bars_begin_at_zero_and_are_as_long_as_their_value() -> None:
    svg = bars(["a", "b"], {"x": (10.0, 20.0)}, CAPTION)

    one, two = (float(bar.get("width")) for bar in parsed(svg).iterfind(".//s:rect", NS))
    assert two == pytest.approx(2 * one, abs=0.2)


def test_two_series_of_bars_have_a_legend_and_outlines() -> None:
    svg = bars(["a"], {"Masuk": (3.0,), "Selesai": (2.0,)}, CAPTION)

    assert {"Masuk", "Selesai", "3", "2"} <= set(texts(svg))
    assert "stroke-dasharray" in svg


def test_a_missing_bar_is_a_dash_and_not_a_zero() -> None:
    assert "–" in texts(bars(["a", "b"], {"x": (1.0, None)}, CAPTION))


def test_a_fixed_axis_holds_its_ends() -> None:
    found = texts(lines(["a", "b"], {"x": (80.0, 82.5)}, CAPTION, span=(25, 100)))

    assert {"20", "100"} <= set(found)


def test_words_at_the_line_ends_do_not_cover_each_other() -> None:
    svg = lines(["a", "b"], {"x": (1.0, 2.0), "y": (5.0, 2.0), "z": (9.0, 2.0)}, CAPTION)

    ys = sorted(
        float(t.get("y")) for t in parsed(svg).iterfind(".//s:text", NS) if t.text.endswith(" 2")
    )
    assert all(b - a >= 17.9 for a, b in pairwise(ys))


@pytest.mark.parametrize(
    ("value", "digits", "words"),
    [
        (1234.5, 1, "1.234,5"),
        (0, 0, "0"),
        (-3, 0, "\u22123"),
        (82.515, 2, "82,52"),
        (1e6, 0, "1.000.000"),
    ],
)
def test_numbers_are_written_the_indonesian_way(value: float, digits: int, words: str) -> None:
    assert number(value, digits) == words


def test_a_picture_is_small() -> None:
    months = [f"{n:02d}/26" for n in range(1, 13)]
    assert len(lines(months, {"IKM": tuple(70.0 + n for n in range(12))}, CAPTION)) < 6_000


def test_a_picture_with_a_caption_below_it_does_not_repeat_its_title() -> None:
    bare = Caption("c1", "Nilai", "Tiga nilai", headed=False)

    svg = lines(["a", "b"], {"x": (1.0, 2.0)}, bare)
    assert "Nilai" not in texts(svg)
    assert "<title" in svg
