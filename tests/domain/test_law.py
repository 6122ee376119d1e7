from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from portal.domain.law import BadLaw, Certainty, NotInForce, read_law

ROW = '{ since = 2020-01-01, value = 3, cite = ["a#1"], certainty = "text" }'


def law(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "law.toml"
    path.write_text(text)
    return path


def test_the_latest_row_begun_holds(tmp_path: Path) -> None:
    text = f"""
    [[param]]
    id = "example.days"
    rows = [{ROW}, {{ since = 2021-01-01, value = 4, cite = ["b"], certainty = "practice" }}]
    """
    dated = read_law(law(tmp_path, text))["example.days"]

    assert dated.on(date(2020, 12, 31)).value == 3
    assert dated.on(date(2021, 1, 1)).certainty is Certainty.PRACTICE
    assert dated.rows[0].key == "example.days@2020-01-01#1"
    with pytest.raises(NotInForce, match=r"example\.days has no value on 2019-12-31"):
        dated.on(date(2019, 12, 31))


def test_a_correction_supersedes_the_row_of_its_day(tmp_path: Path) -> None:
    again = ROW.replace("value = 3", 'value = 5, supersedes = "x@2020-01-01#1"')
    dated = read_law(law(tmp_path, f'[[param]]\nid = "x"\nrows = [{ROW}, {again}]'))["x"]
    assert dated.on(date(2020, 1, 1)).value == 5


@pytest.mark.parametrize(
    ("kind", "value", "found"),
    [
        ("fraction", '"2/3"', Fraction(2, 3)),
        ("number", "0.111", Decimal("0.111")),
        ("flag", "true", True),
        ("day", "2020-02-02", date(2020, 2, 2)),
        ("text", '"up"', "up"),
    ],
)
def test_values_keep_their_exact_kind(tmp_path: Path, kind: str, value: str, found: object) -> None:
    row = ROW.replace("value = 3", f"value = {value}")
    text = f'[[param]]\nid = "x"\ntype = "{kind}"\nrows = [{row}]'
    assert read_law(law(tmp_path, text))["x"].rows[0].value == found


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('colour = "red"', "unknown colour"),
        (f"[[param]]\nrows = [{ROW}]", "without an id"),
        ('[[param]]\nid = "x"\nrows = []', "no rows"),
        ('[[param]]\nid = "x"\nrows = [3]', "a row is a table"),
        (f'[[param]]\nid = "x"\nunit = "d"\nrows = [{ROW}]', "unknown unit"),
        (f'[[param]]\nid = "x"\ntype = "odd"\nrows = [{ROW}]', "type odd"),
        (f'[[param]]\nid = "x"\nrows = [{ROW}, {ROW}]', "must say: supersedes"),
        (
            f'[[param]]\nid = "x"\nrows = [{ROW}, {ROW.replace("2020", "2019")}]',
            "stands after",
        ),
        (f'[[param]]\nid = "x"\nrows = [{ROW}]\n' * 2, "twice"),
        ('[[param]]\nid = "x"\nrows = [{ value = 3 }]', "the day it holds from"),
        (f'[[param]]\nid = "x"\nrows = [{ROW.replace("text", "sure")}]', "certainty is one of"),
        (f'[[param]]\nid = "x"\nrows = [{ROW.replace("a#1", "")}]', "no citation"),
        (f'[[param]]\nid = "x"\ntype = "fraction"\nrows = [{ROW}]', "written as text"),
        (
            '[[param]]\nid = "x"\ntype = "fraction"\nrows = ['
            + ROW.replace("value = 3", 'value = "two"')
            + "]",
            "no fraction",
        ),
        (f'[[param]]\nid = "x"\ntype = "text"\nrows = [{ROW}]', "is not a text"),
        (
            '[[param]]\nid = "x"\ntype = "whole"\nrows = ['
            + ROW.replace("value = 3", "value = true")
            + "]",
            "is not a whole",
        ),
    ],
)
def test_a_table_that_may_not_be_used_says_why(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadLaw, match=says):
        read_law(law(tmp_path, text))
