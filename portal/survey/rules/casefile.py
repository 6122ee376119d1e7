"""A file with one index to compute or grade: what is read from it, and the answer as plain text.

The file is JSON: the facts under ``input`` (or several under ``cases``), or beside the keys
``questionnaire`` and ``bands``. Decimals are text or JSON numbers, read exactly as written.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NoReturn

from portal.survey.rules.questionnaire import BANDS, QUESTIONNAIRES, Bands, Order, Questionnaire
from portal.survey.rules.scoring import (
    IKM_PLACES,
    Index,
    Pooled,
    Unfit,
    WrongBands,
    from_counts,
    from_nrr,
    from_sheets,
    from_sum,
    grade,
    grade_of,
    grade_of_form_view,
    half_up,
    shown,
)

Answer = dict[str, object]
# Any, here and below: JSON as it came, checked piece by piece.
ABOUT = frozenset({"id", "source", "mark", "kind", "questionnaire", "bands", "expect", "proves"})
DECIMAL = re.compile(r"\d{1,4}(\.\d{1,18})?")
WHOLE = re.compile(r"0|[1-9]\d{0,9}")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a file says about all its inputs: whose questions, whose bands, which kind."""

    questionnaire: Questionnaire
    bands: Bands
    kind: str | None


def answer(text: str) -> Answer | list[Answer]:
    """Compute what a file asks for; several ``cases`` give a list in their order.

    :raise Unfit: naming the path of everything that cannot be read or does not fit.
    """
    facts = _members(_parsed(text), "file")
    frame = _frame(facts)
    several = [key for key in ("input", "cases") if key in facts]
    if not several:
        given = {key: value for key, value in facts.items() if key not in ABOUT}
        return _answered(frame, given, "")
    _known(facts, ABOUT | {several[0]}, "")
    if several[0] == "input":
        return _answered(frame, _members(facts["input"], "input"), "input.")
    answers = []
    for number, case in enumerate(_row(facts["cases"], "cases")):
        path = f"cases[{number}]"
        _known(_members(case, path), frozenset({"input", "expect"}), f"{path}.")
        given = _members(case.get("input"), f"{path}.input")
        answers.append(_answered(frame, given, f"{path}.input."))
    return answers


def _parsed(text: str) -> Any:
    def no_constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is no number")

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a key stands twice in one object")
        return members

    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=no_constant, object_pairs_hook=once
        )
    except (ValueError, RecursionError) as problem:
        raise Unfit({"file": f"is no JSON we can read: {problem}"}) from None


def _frame(facts: Mapping[str, Any]) -> Frame:
    bands, asked = facts.get("bands"), facts.get("questionnaire")
    for key, value, known in (("bands", bands, BANDS), ("questionnaire", asked, QUESTIONNAIRES)):
        if value is not None and (not isinstance(value, str) or value not in known):
            raise Unfit({key: f"is one of {', '.join(known)}"})
    if bands is None and asked is None:
        raise Unfit({"questionnaire": f"is missing; one of {', '.join(QUESTIONNAIRES)}"})
    questionnaire = QUESTIONNAIRES[asked or BANDS[str(bands)].questionnaire]
    kind = facts.get("kind")
    if kind is not None and kind not in [name for name, _ in READERS.values()]:
        raise Unfit({"kind": f"is one of {', '.join(name for name, _ in READERS.values())}"})
    return Frame(questionnaire, BANDS[bands or questionnaire.bands], kind)


def _answered(frame: Frame, given: Mapping[str, Any], path: str) -> Answer:
    found = [key for key in READERS if key in given]
    if len(found) != 1:
        raise Unfit({path.rstrip(".") or "file": f"holds one of {', '.join(READERS)}"})
    kind, reader = READERS[found[0]]
    if frame.kind not in {None, kind}:
        raise Unfit({"kind": f"says {frame.kind}, but there is {found[0]}, which is {kind}"})
    try:
        return reader(frame, given, path)
    except WrongBands as refusal:
        raise Unfit({"bands": str(refusal)}) from None


def _from_ikm(frame: Frame, given: Mapping[str, Any], path: str) -> Answer:
    _known(given, frozenset({"ikm"}), path)
    ikm = _decimal(given["ikm"], f"{path}ikm")
    try:
        mark = grade(ikm, frame.bands, frame.questionnaire)
    except Unfit as problem:
        raise _below(problem, path) from None
    return {
        "bands": frame.bands.id,
        "ikm": str(half_up(ikm, IKM_PLACES)),
        "kinerja": mark.kinerja,
        "mutu": mark.mutu,
    }


def _from_nrr(frame: Frame, given: Mapping[str, Any], path: str) -> Answer:
    _known(given, frozenset({"nrr", "order", "n"}), path)
    values, order = given["nrr"], given.get("order")
    if "order" in given and order not in list(Order):
        raise Unfit({f"{path}order": f"is one of {', '.join(Order)}"})
    if isinstance(values, list):
        if order is None:
            raise Unfit({f"{path}order": "is missing: a list does not tell its order"})
        means: Any = [_decimal(one, f"{path}nrr[{at}]") for at, one in enumerate(values)]
    else:
        members = _members(values, f"{path}nrr")
        means = {code: _decimal(one, f"{path}nrr.{code}") for code, one in members.items()}
    told = _whole(given["n"], f"{path}n") if "n" in given else None
    try:
        index = from_nrr(frame.questionnaire, means, Order(order or Order.LIST))
    except Unfit as problem:
        raise _below(problem, f"{path}nrr.") from None
    return _shown(frame, index) | ({} if told is None else {"n": told})


def _from_sum(frame: Frame, given: Mapping[str, Any], path: str) -> Answer:
    _known(given, frozenset({"n", "S"}), path)
    if "n" not in given:
        raise Unfit({f"{path}n": "is missing"})
    sheets, total = _whole(given["n"], f"{path}n"), _whole(given["S"], f"{path}S")
    try:
        return _shown(frame, from_sum(frame.questionnaire, sheets, total))
    except Unfit as problem:
        raise _below(problem, path) from None


def _from_counts(frame: Frame, given: Mapping[str, Any], path: str) -> Answer:
    _known(given, frozenset({"n", "counts"}), path)
    counts: dict[str, dict[int, int]] = {}
    for code, row in _members(given["counts"], f"{path}counts").items():
        at = f"{path}counts.{code}"
        counts[code] = {
            _whole(score, f"{at}.{score}"): _whole(number, f"{at}.{score}")
            for score, number in _members(row, at).items()
        }
    try:
        index = from_counts(frame.questionnaire, counts)
    except Unfit as problem:
        raise _below(problem, f"{path}counts.") from None
    _as_many(given, path, {(index and index.sheets) or 0})
    return _shown(frame, index)


def _from_sheets(frame: Frame, given: Mapping[str, Any], path: str) -> Answer:
    _known(given, frozenset({"n", "sheets"}), path)
    sheets = []
    for number, sheet in enumerate(_row(given["sheets"], f"{path}sheets")):
        at = f"{path}sheets[{number}]"
        sheets.append(
            {
                code: None if score is None else _whole(score, f"{at}.{code}")
                for code, score in _members(sheet, at).items()
            }
        )
    try:
        pooled = from_sheets(frame.questionnaire, sheets)
    except Unfit as problem:
        raise _below(problem, f"{path}sheets") from None
    _as_many(given, path, {len(sheets), pooled.complete})
    return _shown(frame, pooled.index) | _counted(pooled)


READERS: Mapping[str, tuple[str, Callable[[Frame, Mapping[str, Any], str], Answer]]] = {
    "sheets": ("ikm_from_sheets", _from_sheets),
    "counts": ("ikm_from_counts", _from_counts),
    "S": ("ikm_from_sum", _from_sum),
    "nrr": ("ikm_from_nrr", _from_nrr),
    "ikm": ("grade", _from_ikm),
}


def _shown(frame: Frame, index: Index | None) -> Answer:
    if frame.bands.questionnaire != frame.questionnaire.id:
        grade(frame.bands.top, frame.bands, frame.questionnaire)  # refuses, with the reason
    about: Answer = {"bands": frame.bands.id, "questionnaire": frame.questionnaire.id}
    if index is None:
        return about | {"S": 0, "ikm": None, "mutu": None, "n": 0, "note": "belum ada data"}
    mark = grade_of(index)
    result = about | {
        "form_011": str(index.form_view(frame.questionnaire.short_weight)),
        "form_0111": str(index.form_view()),
        "form_0111_mutu": grade_of_form_view(index).mutu,
        "ikm": str(index.ikm),
        "kinerja": mark.kinerja,
        "mutu": mark.mutu,
        "nrr_sum": str(shown(index.nrr_sum)),
    }
    if index.sheets is not None:
        result |= {"n": index.sheets, "S": index.total}
    if index.nrr:
        result["nrr"] = {code: str(shown(value)) for code, value in index.nrr.items()}
    return result | _misused(frame, index)


def _misused(frame: Frame, index: Index) -> Answer:
    """Say what later bands would have made of older data, and that they are refused."""
    result: Answer = {}
    for bands in BANDS.values():
        if bands.since > frame.bands.since:
            year = bands.id.removeprefix("ikm-")
            result[f"grading_with_{bands.id.replace('-', '_')}"] = "refused"
            result[f"mutu_if_{year}_bands_were_misused"] = grade(index.ikm, bands).mutu
    return result


def _counted(pooled: Pooled) -> Answer:
    return {"n": pooled.complete, "incomplete": pooled.incomplete}


def _below(problem: Unfit, path: str) -> Unfit:
    return Unfit({(path + key).rstrip("."): why for key, why in problem.problems.items()})


def _known(given: Mapping[str, Any], allowed: frozenset[str], path: str) -> None:
    if strange := sorted(set(given) - allowed):
        raise Unfit({path + key: "is not known here" for key in strange})


def _members(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Unfit({path: "is an object, in braces"})
    return value


def _row(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Unfit({path: "is a list, in brackets"})
    return value


def _decimal(value: Any, path: str) -> Decimal:
    if not isinstance(value, str | int | Decimal) or not DECIMAL.fullmatch(str(value)):
        raise Unfit({path: "is a decimal number, such as 3.25"})
    return Decimal(value)


def _whole(value: Any, path: str) -> int:
    if not isinstance(value, str | int) or not WHOLE.fullmatch(str(value)):
        raise Unfit({path: "is a whole number, 0 or more"})
    return int(value)


def _as_many(given: Mapping[str, Any], path: str, numbers: set[int]) -> None:
    if "n" in given and _whole(given["n"], f"{path}n") not in numbers:
        raise Unfit({f"{path}n": f"says {given['n']}, but there are {max(numbers)} sheets"})
