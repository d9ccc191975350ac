"""Geometry of charts. Everything that goes into SVG is an int or a ready string: no locale can spoil it.

A figure is drawn twice, narrow for phones and wide for the rest, so that letters stay readable; its numbers always
stand in a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

NARROW, WIDE = (360, 230), (760, 280)
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 4, 10, 24
_NICE = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one colour; None where nothing is known. `text` is how each value is read in a title."""

    name: str
    values: Sequence[Decimal | None]
    text: Sequence[str]
    tone: int = 1  # .series-N of the stylesheet


@dataclass(frozen=True, slots=True)
class Bar:
    x: int
    y: int
    width: int
    height: int
    tone: int
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    y: int
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    x: int
    text: str


@dataclass(frozen=True, slots=True)
class Plot:
    """One drawing: bars or a line over months."""

    width: int
    height: int
    left: int
    right: int
    base: int
    label_y: int
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    labels: tuple[Label, ...]
    path: str = ""
    mark: tuple[int, int] | None = None  # x and width of the stroke under the label that matters

    @property
    def svg(self) -> str:
        """What stands inside `<svg>`; texts are escaped. Written here because a template takes ten times as long."""
        left, right, base = self.left, self.right, self.base
        parts = [
            f'<line class="grid-line" x1="{left}" x2="{right}" y1="{tick.y}" y2="{tick.y}"/>'
            f'<text x="{left - 6}" y="{tick.y + 4}" text-anchor="end">{escape(tick.label)}</text>'
            for tick in self.ticks
        ]
        parts += [
            f'<rect class="series-{bar.tone}" x="{bar.x}" y="{bar.y}" width="{bar.width}" height="{bar.height}">'
            f"<title>{escape(bar.title)}</title></rect>"
            for bar in self.bars
        ]
        parts.append(f'<line class="base-line" x1="{left}" x2="{right}" y1="{base}" y2="{base}"/>')
        if self.mark:
            parts.append(
                f'<rect class="mark" x="{self.mark[0]}" y="{self.height - 3}" width="{self.mark[1]}" height="3"/>'
            )
        if self.path:
            parts.append(f'<path class="line" d="{self.path}"/>')
        parts += [
            f'<text x="{label.x}" y="{self.label_y}" text-anchor="middle">{escape(label.text)}</text>'
            for label in self.labels
        ]
        return "\n".join(parts)


@dataclass(frozen=True, slots=True)
class Slice:
    path: str
    tone: int
    title: str


def scale_of(top: Decimal, steps: int = 4) -> list[Decimal]:
    """Round marks from 0 to at least `top`: `scale_of(Decimal(322))` is 0, 100, 200, 300, 400."""
    if top <= 0:
        return [Decimal(0), Decimal(1)]
    rough = top / steps
    power = Decimal(10) ** math.floor(rough.log10())
    step = next(nice * power for nice in _NICE if nice * power >= rough)
    count = math.ceil(top / step)
    return [step * index for index in range(count + 1)]


def tick_text(value: Decimal) -> str:
    """`1 500`, `0,25`: a mark of a scale."""
    text = f"{value.normalize():,f}"
    return text.replace(",", "\u00a0").replace(".", ",")


def columns(
    labels: Sequence[str], series: Sequence[Series], *, size: tuple[int, int], highlight: int | None = None
) -> Plot:
    """Bars side by side for each label. Values below zero are drawn as zero; their text still says them."""
    width, height = size
    known = [value for one in series for value in one.values if value is not None]
    marks = scale_of(max(known, default=Decimal(0)))
    base, room = height - _BOTTOM, height - _BOTTOM - _TOP
    slot = Decimal(width - _LEFT - _RIGHT) / max(len(labels), 1)
    bar_width = max(int(slot * Decimal("0.7") / max(len(series), 1)), 3)
    bars = []
    for index in range(len(labels)):
        start = _LEFT + slot * index + (slot - bar_width * len(series)) / 2
        for place, one in enumerate(series):
            value = one.values[index]
            if value is None:
                continue
            tall = int(max(value, Decimal(0)) / marks[-1] * room)
            title = f"{labels[index]}, {one.name}: {one.text[index]}"
            x = int(start) + bar_width * place
            bars.append(Bar(x, base - tall, bar_width - 1, tall, one.tone, title))
    ticks = tuple(Tick(base - int(mark / marks[-1] * room), tick_text(mark)) for mark in marks)
    words = tuple(Label(int(_LEFT + slot * index + slot / 2), text) for index, text in enumerate(labels))
    mark = None if highlight is None else (int(_LEFT + slot * highlight), int(slot))
    return Plot(width, height, _LEFT, width - _RIGHT, base, height - 8, tuple(bars), ticks, words, mark=mark)


def steps(
    labels: Sequence[str], values: Sequence[Decimal], positions: Sequence[Decimal], *, size: tuple[int, int]
) -> Plot:
    """A line of steps: `values[i]` holds from `positions[i]` (0…1 of the width) to the next position."""
    width, height = size
    marks = scale_of(max(values, default=Decimal(0)))
    base, room = height - _BOTTOM, height - _BOTTOM - _TOP
    span = width - _LEFT - _RIGHT
    points: list[str] = []
    words: list[Label] = []
    for index, value in enumerate(values):
        x = _LEFT + int(positions[index] * span)
        y = base - int(value / marks[-1] * room)
        points.append(f"M{x} {y}" if not points else f"H{x}V{y}")
        if not words or x - words[-1].x >= 64:
            words.append(Label(min(max(x, _LEFT + 20), width - 24), labels[index]))
    if points:
        points.append(f"H{width - _RIGHT}")
    ticks = tuple(Tick(base - int(mark / marks[-1] * room), tick_text(mark)) for mark in marks)
    return Plot(width, height, _LEFT, width - _RIGHT, base, height - 6, (), ticks, tuple(words), "".join(points))


def ring(shares: Sequence[tuple[str, Decimal]], *, radius: int = 100, hole: int = 62) -> tuple[Slice, ...]:
    """Slices of a ring in a `2·radius` square, clockwise from the top. Shares need not sum to 100: the whole is their sum."""
    whole = sum((percent for _, percent in shares), Decimal(0))
    if whole <= 0:
        return ()
    slices, done = [], Decimal(0)
    for index, (title, percent) in enumerate(shares):
        start, done = done, done + percent
        slices.append(Slice(_arc(start / whole, done / whole, radius, hole), index % 6 + 1, title))
    return tuple(slices)


def _arc(start: Decimal, end: Decimal, radius: int, hole: int) -> str:
    """The outline of one slice; a whole ring is drawn as two halves because an arc cannot end where it began."""
    if end - start >= 1:
        return _arc(Decimal(0), Decimal("0.5"), radius, hole) + _arc(Decimal("0.5"), Decimal("0.9999"), radius, hole)
    large = 1 if end - start > Decimal("0.5") else 0
    outer_from, outer_to = _point(start, radius, radius), _point(end, radius, radius)
    inner_from, inner_to = _point(end, hole, radius), _point(start, hole, radius)
    return f"M{outer_from}A{radius} {radius} 0 {large} 1 {outer_to}L{inner_from}A{hole} {hole} 0 {large} 0 {inner_to}Z"


def _point(part: Decimal, radius: int, centre: int) -> str:
    angle = float(part) * 2 * math.pi  # a place on the screen, not an amount
    return f"{centre + radius * math.sin(angle):.2f} {centre - radius * math.cos(angle):.2f}"
