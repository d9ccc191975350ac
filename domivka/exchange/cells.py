"""Cells of text as numbers, months, accounts. Set-based: a function takes a whole column (domain.md §6.6)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Final

import polars as pl

from domivka.kernel.months import MONTHS, MONTHS_GENITIVE
from domivka.kernel.period import Period
from domivka.registry.rules.folding import fold

NUMBER: Final = pl.Decimal(38, 7)
_SPACES: Final = r"[\s\u00a0\u202f\u2009\u2007']+"
_CURRENCY: Final = r"(?i)(?:грн|₴|uah)\.?$"
_MINUS: Final = r"^[−–—]"
_PLAIN: Final = r"^[+-]?\d{1,15}(?:\.\d{1,12})?$"
_DOT_THOUSANDS: Final = r"^-?\d{1,3}(?:\.\d{3})+,\d+$"
_COMMA_THOUSANDS: Final = r"^-?\d{1,3}(?:,\d{3})+\.\d+$"

_MONTH_OF: Final = {
    fold(word): number for names in (MONTHS, MONTHS_GENITIVE) for number, word in enumerate(names["uk"], 1)
}
_MONTH_WORDS: Final = re.compile(rf"\b({'|'.join(_MONTH_OF)}) (\d{{4}})\b")
_SHAPES: Final = (
    (re.compile(r"(\d{4})(\d{2})(?:\.0)?"), "ym"),
    (re.compile(r"(\d{4})[-./](\d{1,2})(?:[-./]\d{1,2}(?: [\d:.]+)?)?"), "ym"),
    (re.compile(r"(?:\d{1,2}[./])?(\d{1,2})[./-](\d{4})"), "my"),
)

ACCOUNT: Final = r"^[0-9A-Za-zА-Яа-яІіЇїЄєҐґ][0-9A-Za-zА-Яа-яІіЇїЄєҐґ./\\-]{0,31}$"
EXCEL_DAMAGE: Final = r"(?i)^\d+(?:[.,]\d+)?e\+?\d+$"
FORMULA: Final = r"^[=+@\-]"


Converted = tuple[pl.Series, pl.Series]
"""A column of numbers, and which of its cells cannot be read."""


def _distinct(column: pl.Series, convert: Callable[[pl.Series], Converted]) -> Converted:
    """Each different text converted once, where the texts repeat: sums of a month mostly do."""
    texts = column.unique()
    if 4 * texts.len() > column.len():
        return convert(column)
    number, bad = convert(texts)
    known = pl.DataFrame([texts.alias("text"), number.alias("number"), bad.alias("bad")])
    found = column.to_frame("text").join(known, on="text", how="left", nulls_equal=True, maintain_order="left")
    return found["number"], found["bad"]


def to_number(column: pl.Series) -> Converted:
    """A column of text as exact decimals and which of its cells cannot be read; an empty cell is null and fine.

    Takes decimal comma or point, thousands by any space or mark, a real minus, «грн.».
    """
    return _distinct(column, _to_number)


def _to_number(column: pl.Series) -> Converted:
    plain = column.str.contains(_PLAIN)
    if not plain.fill_null(True).all():
        text = pl.col("text")
        tidy = text.str.replace_all(_SPACES, "").str.replace(_CURRENCY, "").str.replace(_MINUS, "-")
        tidied = column.to_frame("text").select(tidy)
        points = (
            pl.when(text.str.contains(_DOT_THOUSANDS))
            .then(text.str.replace_all(".", "", literal=True))
            .when(text.str.contains(_COMMA_THOUSANDS))
            .then(text.str.replace_all(",", "", literal=True))
            .otherwise(text)
        )
        column = tidied.select(points.str.replace(",", ".", literal=True)).to_series()
        plain = column.str.contains(_PLAIN)
    bad = ~plain.fill_null(True)
    readable = column.to_frame("text").select(pl.when(~bad).then(pl.col("text"))).to_series()
    return readable.cast(NUMBER, strict=False), bad


def to_kop(column: pl.Series) -> Converted:
    """A column of hryvnias as whole kopiykas, empty as zero; a part of a kopiyka cannot be read."""
    return _distinct(column, _to_kop)


def _to_kop(column: pl.Series) -> Converted:
    number, bad = _to_number(column)
    hundredfold = (number * 100).fill_null(0)
    kop = hundredfold.cast(pl.Int64)
    return kop, bad | (hundredfold != kop)


def parse_month(text: str) -> Period | None:
    """«жовтень 2026», 202610, 10.2026, 2026-10, 01.10.2026; None for anything else."""
    folded = fold(text)
    if match := _MONTH_WORDS.search(folded):
        return _period(int(match.group(2)), _MONTH_OF[match.group(1)])
    for shape, order in _SHAPES:
        if match := shape.fullmatch(text.strip()):
            first, second = int(match.group(1)), int(match.group(2))
            return _period(first, second) if order == "ym" else _period(second, first)
    return None


def month_in_title(text: str) -> Period | None:
    """A month named in words or as 10.2026 in what stands above the header."""
    if found := parse_month(text):
        return found
    match = re.search(r"(?<![\d.])(\d{2})\.(\d{4})(?!\d)", text)
    return _period(int(match.group(2)), int(match.group(1))) if match else None


def _period(year: int, month: int) -> Period | None:
    try:
        return Period(year * 100 + month)
    except ValueError:
        return None


def parse_day(text: str) -> dt.date | None:
    """20261105, 05.11.2026, 2026-11-05; None for anything else."""
    for shape in ("%Y%m%d", "%d.%m.%Y", "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%d.%m.%y"):
        try:
            return dt.datetime.strptime(text.strip(), shape).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
    return None
