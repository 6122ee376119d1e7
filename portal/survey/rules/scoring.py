"""The satisfaction index (IKM): exact, rounded once, graded with its questionnaire's own bands.

Source: Permenpan RB 14/2017, annex. The index is the mean of all scores, times 25. Nothing here is
a float: means are ``Fraction``, and what is shown is rounded half-up at the very end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from portal.survey.rules.questionnaire import BANDS, Bands, Grade, Order, Questionnaire

IKM_PLACES = 2
NRR_PLACES = (2, 4)  # shown with at least two and at most four decimals
NEGATIVE = "is a number of sheets, 0 or more"
STRANGE = "is no element of this questionnaire"


class Unfit(ValueError):
    """Values that no index can be made of; ``problems`` names each path and what is wrong there."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{path}: {problem}" for path, problem in problems.items()))
        self.problems = dict(problems)


class WrongBands(ValueError):
    """An index was to be graded with the bands of another questionnaire."""


def half_up(value: Fraction | Decimal, places: int) -> Decimal:
    """Round half-up, away from the even digit: 0.125 becomes 0.13. Values are not negative."""
    scaled = Fraction(value) * 10**places
    return Decimal((scaled + Fraction(1, 2)).__floor__()).scaleb(-places)


def shown(value: Fraction) -> Decimal:
    """Return a mean as it is printed, with two to four decimals; never to be computed with."""
    least, most = NRR_PLACES
    exact = half_up(value, most)
    return next(d for p in range(least, most + 1) if (d := half_up(value, p)) == exact)


@dataclass(frozen=True, slots=True)
class Index:
    """The index of one set of sheets, kept exact.

    ``nrr_sum`` is the sum of the nine element means (9-36). ``sheets`` and ``total`` (S, the sum of
    all scores) are known unless the index came from published means. ``nrr`` is empty where only
    the sum is known or nobody knows which value belongs to which element.
    """

    questionnaire: Questionnaire
    nrr_sum: Fraction
    nrr: Mapping[str, Fraction]
    sheets: int | None = None
    total: int | None = None

    @property
    def exact(self) -> Fraction:
        """The index on 25-100, before rounding."""
        return self.questionnaire.conversion * self.nrr_sum / self.questionnaire.size

    @property
    def ikm(self) -> Decimal:
        """The IKM as printed and graded: rounded half-up to two decimals, once."""
        return half_up(self.exact, IKM_PLACES)

    def form_view(self, weight: Decimal | None = None) -> Decimal:
        """Return what the printed form arrives at, whose weight is 0.111 and not 1/9.

        Shown beside the IKM for auditors; unrounded until its last step. It never decides a grade.
        """
        factor = Fraction(self.questionnaire.printed_weight if weight is None else weight)
        return half_up(self.nrr_sum * factor * self.questionnaire.conversion, IKM_PLACES)

    def nrr_shown(self) -> dict[str, Decimal]:
        """Return each element's mean as it is printed, in list order."""
        return {code: shown(self.nrr[code]) for code in self.questionnaire.list_order if self.nrr}

    def lowest(self) -> tuple[str, ...]:
        """Return the elements with the lowest mean, in list order; several where they are level."""
        least = min(self.nrr.values(), default=None)
        return tuple(c for c in self.questionnaire.list_order if self.nrr.get(c, -1) == least)


def grade(ikm: Decimal, bands: Bands, questionnaire: Questionnaire | None = None) -> Grade:
    """Return the band an IKM falls in; it is rounded half-up to two decimals first.

    :raise WrongBands: if the data answered another questionnaire than these bands belong to.
    :raise Unfit: if the value is not on the scale of the bands.
    """
    if questionnaire is not None and bands.questionnaire != questionnaire.id:
        raise WrongBands(
            f"{bands.id} does not grade {questionnaire.id}: its own bands are {questionnaire.bands}"
        )
    if not ikm.is_finite() or not bands.grades[0].start <= ikm <= bands.top:
        raise Unfit({"ikm": f"lies between {bands.grades[0].start} and {bands.top}"})
    rounded = half_up(ikm, IKM_PLACES)
    return next(one for one in reversed(bands.grades) if one.start <= rounded)


def grade_of_form_view(index: Index) -> Grade:
    """Return the grade the printed form would give; its lowest figure lies below the bands."""
    bands = BANDS[index.questionnaire.bands]
    return grade(max(index.form_view(), bands.grades[0].start), bands, index.questionnaire)


def grade_of(index: Index) -> Grade:
    """Return the grade of an index, by the bands of its own questionnaire."""
    return grade(index.ikm, BANDS[index.questionnaire.bands], index.questionnaire)


def from_sum(questionnaire: Questionnaire, sheets: int, total: int) -> Index | None:
    """Return the index of so many complete sheets whose scores add up to ``total``.

    No sheet, no index: None.

    :raise Unfit: if no such sheets can exist.
    """
    if sheets < 0:
        raise Unfit({"n": NEGATIVE})
    least = sheets * questionnaire.size * questionnaire.lowest
    most = sheets * questionnaire.size * questionnaire.highest
    if not least <= total <= most:
        raise Unfit({"S": f"{sheets} sheets add up to {least} to {most}"})
    if not sheets:
        return None
    return Index(questionnaire, Fraction(total, sheets), {}, sheets, total)


def from_element_sums(
    questionnaire: Questionnaire, sheets: int, sums: Mapping[str, int]
) -> Index | None:
    """Return the index of complete sheets from the sum of each element's scores; None for no sheet.

    :raise Unfit: if an element is missing or unknown, or its sum cannot come from so many sheets.
    """
    problems = dict.fromkeys(sums, STRANGE)
    for code in questionnaire.list_order:
        problems.pop(code, None)
        least, most = sheets * questionnaire.lowest, sheets * questionnaire.highest
        if code not in sums:
            problems[code] = "is missing"
        elif not least <= sums[code] <= most:
            problems[code] = f"{sheets} sheets add up to {least} to {most}"
    if problems:
        raise Unfit(problems)
    if not sheets:
        return None
    total = sum(sums.values())
    nrr = {code: Fraction(sums[code], sheets) for code in questionnaire.list_order}
    return Index(questionnaire, Fraction(total, sheets), nrr, sheets, total)


def from_counts(
    questionnaire: Questionnaire, counts: Mapping[str, Mapping[int, int]]
) -> Index | None:
    """Return the index from how often each score was given to each element; None for no sheet.

    :raise Unfit: if a score is off the scale, a number is negative, or the elements disagree about
        how many sheets there are.
    """
    scale = range(questionnaire.lowest, questionnaire.highest + 1)
    problems: dict[str, str] = {}
    for code, row in counts.items():
        for score, number in row.items():
            if score not in scale:
                problems[f"{code}.{score}"] = f"a score is {scale.start} to {scale.stop - 1}"
            elif number < 0:
                problems[f"{code}.{score}"] = NEGATIVE
    if problems:
        raise Unfit(problems)
    sheets = {code: sum(row.values()) for code, row in counts.items()}
    most = max(sheets.values(), default=0)
    if short := {code: f"has {n} answers, not {most}" for code, n in sheets.items() if n != most}:
        raise Unfit(short)
    sums = {code: sum(s * number for s, number in row.items()) for code, row in counts.items()}
    return from_element_sums(questionnaire, most, sums)


@dataclass(frozen=True, slots=True)
class Pooled:
    """What a pile of sheets gives: the index of the complete ones, and how many were not."""

    index: Index | None
    complete: int
    incomplete: int


def from_sheets(questionnaire: Questionnaire, sheets: Iterable[Mapping[str, int | None]]) -> Pooled:
    """Pool sheets; one where an element was skipped stays out of the index and is counted.

    :raise Unfit: naming each element that is unknown or scored off the scale, by sheet.
    """
    sums = dict.fromkeys(questionnaire.list_order, 0)
    complete = incomplete = 0
    problems: dict[str, str] = {}
    for number, sheet in enumerate(sheets):
        problems |= {f"[{number}].{c}": why for c, why in strange_scores(questionnaire, sheet)}
        scores = {c: s for c, s in sheet.items() if s is not None}
        if problems or len(scores) < questionnaire.size:
            incomplete += 1
            continue
        complete += 1
        for code, score in scores.items():
            sums[code] += score
    if problems:
        raise Unfit(problems)
    return Pooled(from_element_sums(questionnaire, complete, sums), complete, incomplete)


def strange_scores(
    questionnaire: Questionnaire, sheet: Mapping[str, int | None]
) -> Iterator[tuple[str, str]]:
    """Name each element of a sheet that is unknown or scored off the scale, and why."""
    scale = range(questionnaire.lowest, questionnaire.highest + 1)
    for code, score in sheet.items():
        if code not in questionnaire.elements:
            yield code, STRANGE
        elif score is not None and score not in scale:
            yield code, f"a score is {questionnaire.lowest} to {questionnaire.highest}"


def from_nrr(
    questionnaire: Questionnaire, values: Mapping[str, Decimal] | Sequence[Decimal], order: Order
) -> Index:
    """Return the index of published element means; ``order`` tells what a list's places mean.

    :raise Unfit: if a mean is missing, unknown or off the scale.
    """
    if isinstance(values, Mapping):
        named = dict(values)
    elif len(values) != questionnaire.size:
        raise Unfit({"": f"has {len(values)} values, not {questionnaire.size}"})
    else:
        codes = questionnaire.form_order if order is Order.FORM else questionnaire.list_order
        named = dict(zip(codes, values, strict=True))
    problems = {c: STRANGE for c in named if c not in questionnaire.elements}
    problems |= {c: "is missing" for c in questionnaire.list_order if c not in named}
    for code, value in named.items():
        if not value.is_finite() or not questionnaire.lowest <= value <= questionnaire.highest:
            problems.setdefault(
                code, f"a mean lies between {questionnaire.lowest} and {questionnaire.highest}"
            )
    if problems:
        raise Unfit(problems)
    nrr = {code: Fraction(named[code]) for code in questionnaire.list_order}
    known = isinstance(values, Mapping) or order is not Order.POSITION
    return Index(questionnaire, sum(nrr.values(), Fraction()), nrr if known else {})
