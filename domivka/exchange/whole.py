"""What can be judged only over all parts of a table: of which month it is, which rows repeat."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from domivka.exchange import cells
from domivka.exchange.errors import WrongPeriod
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month


class Months:
    """The months that a table's rows say they are of."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.found: set[Period] = set()

    def add(self, texts: pl.Series) -> None:
        """The months of a part: of a register the days of its payments."""
        for text in texts.drop_nulls().unique():
            if self.kind == "register":
                day = cells.parse_day(text)
                self.found.update([Period.of(day)] if day else [])
            elif self.kind == "balances":
                found = cells.parse_month(text)
                self.found.update([found] if found else [])

    def refuse_other_than(self, period: Period) -> None:
        """Raise `WrongPeriod` for a table that has rows of other months and none of this one."""
        # Bills of a month are paid in it and in the next one; a register wholly of other months is another file.
        own = {period, period.next} if self.kind == "register" else {period}
        if self.found and not self.found & own:
            what = "Платежі у файлі" if self.kind == "register" else "Файл"
            raise WrongPeriod(f"{what} за {month(min(self.found))}, а ви обрали {month(period)}.")


class Seen:
    """The keys of a table's rows so far, each with the first row that has it."""

    def __init__(self) -> None:
        self.keys: list[pl.DataFrame] = []

    def first(self, keys: Sequence[pl.Series], numbers: pl.Series) -> pl.Series | None:
        """For each row the number of the first row with its key, null where it is the first itself; None when all are.
        A row whose first key is empty has none."""
        frame = pl.DataFrame([key.alias(f"k{n}") for n, key in enumerate(keys)])
        names = frame.columns
        frame = frame.with_columns(numbers.alias("number"))
        own = (
            frame.unique(names, keep="first", maintain_order=True)
            if frame.select(names).is_duplicated().any()
            else frame
        )
        # The rows so far are only looked through, never made a table of.
        met = [before.join(own.select(names), on=names, how="semi") for before in self.keys]
        earlier = pl.concat(met) if met else own.clear()
        if own.height == frame.height and earlier.is_empty():
            self.keys.append(own)
            return None
        fresh = own.join(earlier, on=names, how="anti")
        self.keys.append(fresh)
        first = frame.join(
            pl.concat([earlier, fresh]).rename({"number": "first"}), on=names, how="left", maintain_order="left"
        )
        repeats = (pl.col("first") != pl.col("number")) & (pl.col("k0") != "")
        return first.select(pl.when(repeats).then(pl.col("first"))).to_series()
