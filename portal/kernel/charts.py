"""Charts as plain SVG: the same picture goes into page, PDF and mail.

``role="img"`` with title and description, no ``style`` attribute (strict CSP), dashes and outlines
beside colours, values written out with a decimal comma.  The classes let a style sheet of the page
change the colours; without one the attributes hold.
"""

import math
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

INK, SOFT, GRID, PAPER = "#17211f", "#44504d", "#dbd9cf", "#ffffff"
# Colour and dash of a series: told apart in print and by people who do not see colours.
SERIES = (("#0f6b75", ""), ("#a84300", "7 3"), ("#5b3e96", "2 3"))
# Quoted inside the attribute: a family name with a digit fails otherwise.
FONT = "font-family=\"'IBM Plex Sans', system-ui, sans-serif\""

WIDTH, PAD = 640, 12
TITLE_BASE, TITLE_ROOM, BARE_ROOM, LEGEND_ROOM, AXIS_ROOM = 22, 40, 12, 26, 32
BAR, GROUP_GAP, LABEL_SIGNS = 20, 12, 30
LINES_HEIGHT, MOST_LABELS, BETWEEN_ENDS = 220, 13, 18
LETTER = 7.6  # px, an average sign at 14 px; generous, so that nothing is cut
TICKS = 5
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CONTROL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Series = Mapping[str, Sequence[float | None]]


@dataclass(frozen=True, slots=True)
class Caption:
    """The words of a chart: what it shows, what it says, and what stands there without values.

    ``uid`` is unique on the page: it joins the picture to its title and description. ``headed``
    writes the title into the picture too, for places that have no caption below it.
    """

    uid: str
    title: str
    description: str
    empty: str = "–"
    headed: bool = True

    @property
    def room(self) -> int:
        """Pixels above the drawing."""
        return TITLE_ROOM if self.headed else BARE_ROOM


@dataclass(frozen=True, slots=True)
class _Type:
    """How a text is set."""

    size: int = 14
    colour: str = INK
    bold: bool = False


BODY, STRONG, AXIS, TITLE = _Type(), _Type(bold=True), _Type(12, SOFT), _Type(17, bold=True)


@dataclass(frozen=True, slots=True)
class _Scale:
    """A range of values on a range of pixels, with round ticks."""

    low: float
    high: float
    step: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Give the pixel of a value."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> Iterator[tuple[float, str]]:
        """Give each tick as pixel and words, from low to high."""
        digits = max(0, -math.floor(math.log10(self.step) + 1e-9) + (self.step % 1 == 0.25 and 1))
        for index in range(round((self.high - self.low) / self.step) + 1):
            value = self.low + index * self.step
            yield self.at(value), number(value, min(digits, 2))


def number(value: float, digits: int) -> str:
    """Write a number the Indonesian way: ``1.234,5``."""
    return f"{value:,.{digits}f}".translate(str.maketrans(",.", ".,")).replace("-", "\u2212")


def bars(
    labels: Sequence[str],
    series: Series,
    caption: Caption,
    *,
    span: tuple[float, float] | None = None,
) -> str:
    """Draw horizontal bars from zero, one group a label, at most three series.

    ``span`` fixes the axis; a value of ``None`` leaves its place empty and says so.
    """
    drawn = _drawn(series)
    values = _known(drawn)
    if not labels or not values:
        return _empty(caption)
    digits = _digits(values)
    lines = [_wrapped(label) for label in labels]
    left = PAD + LETTER * max(len(line) for label in lines for line in label) + 10
    longest = max(len(number(value, digits)) for value in values)
    top = caption.room + (LEGEND_ROOM if len(drawn) > 1 else 0)
    group = max(BAR * len(drawn), BAR * max(map(len, lines))) + GROUP_GAP
    bottom = top + group * len(labels)
    low, high = span or (min(0.0, *values, 0.0), max(0.0, *values, 0.0))
    scale = _scale(low, high, left, WIDTH - PAD - LETTER * longest - 8)

    out = [_head(bottom + AXIS_ROOM, caption), _legend(drawn, caption.room)]
    for x, words in scale.ticks():
        out.append(_line(x, top - 6, x, bottom))
        out.append(_text(x, bottom + 20, words, AXIS, "middle"))
    for index, label in enumerate(lines):
        y = top + group * index
        out.extend(_label(left - 10, y + group / 2, label))
        room = (group - BAR * len(drawn)) / 2
        for place, row in enumerate(drawn.values()):
            out.append(_bar(scale, y + room + BAR * place, _value(row, index), place, digits))
    return "".join(out) + "</svg>"


def lines(
    labels: Sequence[str],
    series: Series,
    caption: Caption,
    *,
    span: tuple[float, float] | None = None,
) -> str:
    """Draw lines over time, at most three; name and last value stand at the end, no legend.

    A value of ``None`` breaks its line.  ``span`` fixes the axis.
    """
    drawn = _drawn(series)
    values = _known(drawn)
    if not labels or not values:
        return _empty(caption)
    digits = _digits(values)
    low, high = span or (min(values), max(values))
    bottom = caption.room + 8 + LINES_HEIGHT
    scale = _scale(low, high, bottom, caption.room + 8)
    ends = _ends(drawn, digits)
    left = PAD + 8 + LETTER * max(len(words) for _, words in scale.ticks())
    right = WIDTH - PAD - 10 - LETTER * max(len(words) for _, words, _ in ends)
    across = [_across(index, len(labels), left, right) for index in range(len(labels))]

    out = [_head(bottom + AXIS_ROOM, caption)]
    for y, words in scale.ticks():
        out.append(_line(left, y, right, y))
        out.append(_text(left - 8, y + 4, words, AXIS, "end"))
    every = math.ceil(len(labels) / MOST_LABELS)
    for index, label in enumerate(labels):
        if (len(labels) - 1 - index) % every == 0:  # the last one always has its label
            out.append(_text(across[index], bottom + 20, label, AXIS, "middle"))
    for place, row in enumerate(drawn.values()):
        points = [
            (x, scale.at(value)) if value is not None else None
            for x, value in zip(across, (_value(row, i) for i in range(len(labels))), strict=True)
        ]
        out.append(_path(points, place))
    wanted = [(scale.at(value), words, place) for value, words, place in ends]
    for y, words, place in _apart(wanted, bottom):
        out.append(_text(right + 10, y + 5, words, _Type(14, SERIES[place][0], bold=True)))
    return "".join(out) + "</svg>"


def _drawn(series: Series) -> dict[str, Sequence[float | None]]:
    return dict(list(series.items())[: len(SERIES)])


def _value(row: Sequence[float | None], index: int) -> float | None:
    value = row[index] if index < len(row) else None
    return None if value is None or not math.isfinite(value) else float(value)


def _known(series: Series) -> list[float]:
    found = (_value(row, index) for row in series.values() for index in range(len(row)))
    return [value for value in found if value is not None]


def _digits(values: Sequence[float]) -> int:
    """Whole numbers without decimals, all others with two: one chart, one way."""
    return 0 if all(value.is_integer() for value in values) else 2


def _scale(low: float, high: float, start: float, end: float) -> _Scale:
    """Widen a range to round ticks."""
    if high <= low:
        margin = abs(low) * 0.05 or 1.0
        low, high = (low - margin, high + margin) if low else (low, high + margin)
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in STEPS if power * nice >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return _Scale(first * step, max(last, first + 1) * step, step, start, end)


def _across(index: int, count: int, left: float, right: float) -> float:
    return (left + right) / 2 if count == 1 else left + index / (count - 1) * (right - left)


def _ends(series: Series, digits: int) -> list[tuple[float, str, int]]:
    """Give the last known value of each series, its words and the series' place."""
    found = []
    for place, (name, row) in enumerate(series.items()):
        known = [value for i in range(len(row)) if (value := _value(row, i)) is not None]
        if known:
            words = f"{textwrap.shorten(name, 18, placeholder='…')} {number(known[-1], digits)}"
            found.append((known[-1], words.strip(), place))
    return found


def _apart(ends: Sequence[tuple[float, str, int]], bottom: float) -> list[tuple[float, str, int]]:
    """Keep the words at the line ends from covering each other, and above the axis."""
    placed: list[tuple[float, str, int]] = []
    floor = -math.inf
    for y, words, place in sorted(ends):
        floor = max(y, floor + BETWEEN_ENDS)
        placed.append((floor, words, place))
    ceiling = bottom
    for index in range(len(placed) - 1, -1, -1):
        y, words, place = placed[index]
        ceiling = min(y, ceiling)
        placed[index] = (ceiling, words, place)
        ceiling -= BETWEEN_ENDS
    return placed


def _path(points: Sequence[tuple[float, float] | None], place: int) -> str:
    """Draw one series: a line for each unbroken run, a dot for each value."""
    colour, dash = SERIES[place]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    out, run = [], list[str]()
    for point in (*points, None):
        if point is not None:
            run.append(f"{point[0]:.1f},{point[1]:.1f}")
            continue
        if len(run) > 1:
            out.append(
                f'<polyline class="chart-line-{place + 1}" fill="none" stroke="{colour}"'
                f' stroke-width="2.5" points="{" ".join(run)}"{dashes}/>'
            )
        run = []
    for point in points:
        if point is not None:
            at = f'cx="{point[0]:.1f}" cy="{point[1]:.1f}"'
            out.append(f'<circle class="chart-dot-{place + 1}" {at} r="3.5" fill="{colour}"/>')
    return "".join(out)


def _bar(scale: _Scale, y: float, value: float | None, place: int, digits: int) -> str:
    """Draw one bar and write its value behind it; the second and third series are outlined."""
    zero = scale.at(min(max(0.0, scale.low), scale.high))
    if value is None:
        return _text(zero + 7, y + 15, "–", AXIS)
    end = scale.at(min(max(value, scale.low), scale.high))
    colour, dash = SERIES[place]
    look = f'fill="{colour}"'
    if dash:
        look = f'fill="{PAPER}" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"'
    words = _text(max(zero, end) + 7, y + 15, number(value, digits), STRONG)
    box = f'x="{min(zero, end):.1f}" y="{y + 2:.1f}" width="{abs(end - zero):.1f}"'
    return f'<rect class="chart-bar-{place + 1}" {box} height="{BAR - 4}" rx="2" {look}/>{words}'


def _legend(series: Series, top: int) -> str:
    if len(series) < 2:
        return ""
    x, out = float(PAD), []
    for place, name in enumerate(series):
        colour, dash = SERIES[place]
        look = f'fill="{colour}"' if not dash else f'fill="{PAPER}" stroke="{colour}"'
        dashes = f' stroke-width="2" stroke-dasharray="{dash}"' if dash else ""
        out.append(
            f'<rect class="chart-bar-{place + 1}" x="{x:.1f}" y="{top - 4}" width="18"'
            f' height="12" {look}{dashes}/>'
        )
        out.append(_text(x + 26, top + 7, name, _Type(13, SOFT)))
        x += 26 + LETTER * len(name) + 22
    return "".join(out)


def _wrapped(label: str) -> list[str]:
    return textwrap.wrap(label, LABEL_SIGNS, max_lines=2, placeholder="…") or [""]


def _label(x: float, middle: float, rows: Sequence[str]) -> Iterator[str]:
    first = middle + 5 - 8 * (len(rows) - 1)
    for index, row in enumerate(rows):
        yield _text(x, first + 16 * index, row, BODY, "end")


def _empty(caption: Caption) -> str:
    words = _text(PAD, caption.room + 22, caption.empty, _Type(14, SOFT))
    return _head(caption.room + 48, caption) + words + "</svg>"


def _head(height: float, caption: Caption) -> str:
    uid = escape(caption.uid)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {WIDTH} {height:.0f}"'
        f' width="{WIDTH}" height="{height:.0f}" role="img" aria-labelledby="{uid}-t {uid}-d"'
        f' {FONT}><title id="{uid}-t">{_safe(caption.title)}</title>'
        f'<desc id="{uid}-d">{_safe(caption.description)}</desc>'
        + (_text(PAD, TITLE_BASE, caption.title, TITLE) if caption.headed else "")
    )


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line class="chart-grid" {ends} stroke="{GRID}"/>'


def _text(x: float, y: float, words: str, type_: _Type = BODY, anchor: str = "start") -> str:
    weight = ' font-weight="600"' if type_.bold else ""
    kind = "chart-soft" if type_.colour == SOFT else "chart-ink"
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        f' font-size="{type_.size}" fill="{type_.colour}"{weight}>{_safe(words)}</text>'
    )


def _safe(words: str) -> str:
    """Escape, and drop what XML cannot hold at all."""
    return escape(_CONTROL.sub("", words))
