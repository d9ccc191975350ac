"""Figures of pages: a chart and the table that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domivka.portal.rules import charts
from domivka.portal.rules.charts import Plot, Series, Slice


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    numeric: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Legend:
    name: str
    tone: int


@dataclass(frozen=True, slots=True)
class Figure:
    """What components/chart.html draws."""

    id: str
    caption: str
    summary: str  # one sentence that says what the picture shows
    legend: tuple[Legend, ...]
    table: Table
    narrow: Plot | None = None
    wide: Plot | None = None
    slices: tuple[Slice, ...] = ()
    centre: str = ""
    unit: str = ""


def columns_figure(
    *,
    id: str,
    caption: str,
    summary: str,
    first_column: str,
    labels: Sequence[str],
    short_labels: Sequence[str],
    series: Sequence[Series],
    unit: str,
    highlight: int | None = None,
    total: Sequence[str] = (),
) -> Figure:
    """Bars of one or more series over the same labels."""
    rows = tuple((label, *(one.text[index] for one in series)) for index, label in enumerate(labels))
    heads = tuple(Column(f"{one.name}, {unit}" if unit else one.name) for one in series)
    return Figure(
        id=id,
        caption=caption,
        summary=summary,
        legend=tuple(Legend(one.name, one.tone) for one in series),
        table=Table((Column(first_column, numeric=False), *heads), rows, tuple(total)),
        narrow=charts.columns(short_labels, series, size=charts.NARROW, highlight=highlight),
        wide=charts.columns(short_labels, series, size=charts.WIDE, highlight=highlight),
        unit=unit,
    )
