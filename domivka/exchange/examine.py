"""A file looked at against the registry, without writing anything: the dry run, and the first half of a check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from domivka.exchange import readings
from domivka.exchange.formats.content import Content
from domivka.exchange.formats.read import read_tables
from domivka.exchange.formats.table import Table
from domivka.exchange.matching import READY, REJECTED, UNKNOWN, matcher
from domivka.exchange.preset import RELIEF, Preset
from domivka.exchange.rows import read_chunks, read_rows
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.metering import api as metering


@dataclass(frozen=True, slots=True)
class Examined:
    """Rows with state, reason, and what they were matched to; the encoding; the summary that is printed and kept."""

    rows: pl.DataFrame
    encoding: str
    summary: dict[str, Any]


def open_tables(content: bytes | Content, *, preset: Preset) -> list[Table]:
    """The tables of a file as text. Raises `UnreadableFile` and its kinds."""
    return read_tables(content, expected=preset.formats, accept=preset.accepts, sheets=frozenset(preset.sheets))


def parse(content: bytes | Content, *, preset: Preset, period: Period) -> tuple[pl.DataFrame, str]:
    """Rows and encoding of a file. Raises `UnreadableFile` and its kinds."""
    tables = open_tables(content, preset=preset)
    return read_rows(tables, preset=preset, period=period), tables[0].encoding


def examine(
    content: bytes, *, preset: Preset, period: Period, town_id: int | None, provider_ids: Mapping[str, int]
) -> Examined:
    """Read a file and match its rows. `provider_ids` are the town's providers by code; no town leaves all unknown."""
    tables = open_tables(content, preset=preset)
    match, tally = matcher(preset=preset, town_id=town_id, provider_ids=provider_ids), Tally(preset)
    parts = [match(part) for part in read_chunks(tables, preset=preset, period=period)]
    for part in parts:
        tally.add(part)
    summary = tally.summary()
    if preset.meters:
        found = pl.concat([readings.found_in(part, preset=preset, provider_ids=provider_ids) for part in parts])
        summary["readings"] = {"found": found.height}
        if town_id is not None:
            town = town_id
            judged = readings.judge(found, by=lambda asked: metering.judge_desk_readings(town_id=town, readings=asked))
            summary["readings"] = readings.counted(judged)
    return Examined(pl.concat(parts), tables[0].encoding, summary)


_SUMS: Final = {
    "register": {"total": "paid"},
    "addresses": {},
    "balances": {name: name for name in ("charged", "paid", "closing", "opening", "correction", "penalty", *RELIEF)},
}
"""The sums of a summary, and the field each is of."""


class Tally:
    """Control totals over the well-formed rows of a file, part by part: strings of hryvnias with two decimals."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.rows = self.unknown_rows = self.off = self.off_kop = 0
        self.sheets: Counter[str] = Counter()
        self.sums: list[pl.DataFrame] = []
        self.unknown: list[pl.Series] = []
        self.opened: list[pl.Series] = []

    def add(self, rows: pl.DataFrame) -> None:
        """Count a part; `opening_difference_kop`, where it has that, too."""
        fine = rows.filter(pl.col("state") != REJECTED)
        unknown = fine.filter(state=UNKNOWN)
        opened = fine.filter((pl.col("state") == READY) & pl.col("account_service_id").is_null())
        self.rows += rows.height
        self.sheets.update(dict(rows["sheet"].value_counts().iter_rows()))
        self.unknown_rows += unknown.height
        self.unknown.append(unknown["account_number"].unique())
        self.opened.append(opened["account_number"].unique())
        self.sums.append(
            fine.group_by("sheet", "service_code").agg(
                pl.len().alias("rows"), *(pl.sum(f"{name}_kop") for name in self.preset.money)
            )
        )
        if "opening_difference_kop" in rows.columns:
            off = rows["opening_difference_kop"].drop_nulls()
            self.off += off.len()
            self.off_kop += int(off.sum())

    def summary(self) -> dict[str, Any]:
        """What the command line prints and the batch keeps."""
        preset, sums = self.preset, pl.concat(self.sums)
        fine = int(sums["rows"].sum())
        summary: dict[str, Any] = {
            "rows": self.rows,
            "well_formed": fine,
            "rejected": self.rows - fine,
            "unknown_accounts": pl.concat(self.unknown).n_unique(),
            "unknown_rows": self.unknown_rows,
            "new_accounts": pl.concat(self.opened).n_unique() if preset.kind == "balances" else 0,
            "totals": self._totals(sums),
        }
        if preset.sheets:
            summary["sheets"] = {
                name: {
                    "rows": self.sheets.get(name, 0),
                    "well_formed": int(sums.filter(sheet=name)["rows"].sum()),
                    **self._totals(sums.filter(sheet=name)),
                }
                for name in preset.sheets
            }
        if preset.kind == "balances":
            summary["services"] = {
                code: {"rows": int(part["rows"].sum()), **self._totals(part)}
                for (code,), part in sorted(sums.group_by("service_code"))
            }
        return summary

    def _totals(self, sums: pl.DataFrame) -> dict[str, str]:
        return {
            name: Money(int(sums[f"{field}_kop"].sum() or 0)).plain()
            for name, field in _SUMS[self.preset.kind].items()
            if field in self.preset.money
        }
