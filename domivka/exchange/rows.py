"""Tables of text as checked rows: what each cell means, and the first reason why a row cannot be taken.

Everything works on whole columns; Python sees only the different values of codes, months and days.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from domivka.exchange import cells
from domivka.exchange.errors import UnreadableFile, WrongPeriod
from domivka.exchange.formats.table import Table
from domivka.exchange.preset import MONEY, Preset
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.registry.rules.folding import fold, fold_look_alikes

TEXTS: Final[tuple[str, ...]] = ("holder", "street", "building", "flat", "meter_number", "meter_model", "purpose")
_WIDTHS: Final = {
    "holder": 160, "street": 160, "building": 20, "flat": 20, "meter_number": 32, "meter_model": 60, "purpose": 160,
}  # fmt: skip
_ADDRESS: Final = r"^(.+?),\s*(?:буд(?:инок|\.)?)?\s*([^,]+?)\s*(?:,\s*(?:кв(?:артира|\.)?)?\s*([^,]+?)\s*)?$"
ZONE_FIELDS: Final = ("previous", "current", "volume")


class Reasons:
    """The first reason of each row; later ones do not replace it."""

    def __init__(self, height: int) -> None:
        self.column = pl.Series("reason", [""] * height, dtype=pl.String)

    def add(self, wrong: pl.Series, reason: str | pl.Series) -> None:
        if not wrong.any():
            return
        text = pl.lit(reason) if isinstance(reason, str) else pl.col("new")
        frame = pl.DataFrame({"reason": self.column, "wrong": wrong.fill_null(False)})
        if isinstance(reason, pl.Series):
            frame = frame.with_columns(reason.alias("new"))
        self.column = frame.select(
            pl.when((pl.col("reason") == "") & pl.col("wrong"))
            .then(text.str.slice(0, 200))
            .otherwise(pl.col("reason"))
            .alias("reason")
        ).to_series()


def read_rows(tables: Iterable[Table], *, preset: Preset, period: Period) -> pl.DataFrame:
    """Rows of all sheets with a reason ('' when well formed). Raises `WrongPeriod` when the whole file is of another
    month, `UnreadableFile` when it has no rows."""
    tables = list(tables)
    for table in tables:
        titled = cells.month_in_title(table.titles) if preset.kind == "balances" else None
        if titled is not None and titled != period:
            raise WrongPeriod(f"Файл за {month(titled)}, а ви обрали {month(period)}.")
    read = {"balances": _balances, "register": _register, "addresses": _addresses}[preset.kind]
    frame = pl.concat([read(table, preset, period) for table in tables])
    if frame.is_empty():
        raise UnreadableFile("У файлі є заголовок, але немає жодного рядка з даними.")
    return frame


class _Rows:
    """One table on its way: columns by field, reasons so far."""

    def __init__(self, table: Table, preset: Preset) -> None:
        self.table, self.preset = table, preset
        self.places = preset.places(table.header) or {}
        self.height = table.cells.height
        self.reasons = Reasons(self.height)
        if table.damaged:
            texts = [table.damaged.get(place, "") for place in range(self.height)]
            broken = pl.Series(texts, dtype=pl.String)
            self.reasons.add(broken != "", broken)

    def text(self, field: str) -> pl.Series:
        if field not in self.places:
            return pl.Series(field, [None] * self.height, dtype=pl.String)
        return self.table.cells[f"c{self.places[field]}"].alias(field)

    def header(self, field: str) -> str:
        return self.table.header[self.places[field]]

    def unreadable(self, field: str, bad: pl.Series) -> None:
        if bad.any():
            shown = pl.DataFrame({"t": self.text(field)}).select(
                pl.format("Число в колонці «{}» не читається: «{}».", pl.lit(self.header(field)), pl.col("t"))
            )
            self.reasons.add(bad, shown.to_series())

    def number(self, field: str) -> pl.Series:
        number, bad = cells.to_number(self.text(field))
        self.unreadable(field, bad)
        return number.alias(field)

    def kop(self, field: str) -> pl.Series:
        kop, bad = cells.to_kop(self.text(field))
        self.unreadable(field, bad)
        return kop.zip_with(~bad, pl.Series([None] * self.height, dtype=pl.Int64)).alias(f"{field}_kop")

    def account(self) -> pl.Series:
        """Accounts are text; what Excel or a formula made of them cannot be read."""
        account = self.text("account").fill_null("").str.replace_all(r"^'|[\s\u00a0]+", "")
        self.reasons.add(account == "", "Немає номера особового рахунку.")
        damaged = account.str.contains(cells.EXCEL_DAMAGE)
        self.reasons.add(damaged, _shown("Номер рахунку зіпсував Excel: «{}». Надішліть колонку як текст.", account))
        formula = account.str.contains(cells.FORMULA)
        self.reasons.add(formula, _shown("Замість номера рахунку формула: «{}».", account))
        self.reasons.add(~account.str.contains(cells.ACCOUNT), _shown("Номер рахунку не читається: «{}».", account))
        return account.str.slice(0, 32).alias("account_number")

    def mapped(self, field: str, known: dict[str, str], reason: str) -> pl.Series:
        """A code of the file as ours; an unknown one rejects the row."""
        values = self.text(field).fill_null("")
        unique = values.unique()
        ours = pl.Series([known.get(fold(value), "") for value in unique], dtype=pl.String)
        result = values.replace_strict(unique, ours)
        self.reasons.add(result == "", _shown(reason, values))
        return result

    def repeats(self, *keys: pl.Series) -> None:
        """Reject a row whose key stood in a row before it."""
        frame = pl.DataFrame([key.alias(f"k{n}") for n, key in enumerate(keys)]).with_row_index("place")
        names = [name for name in frame.columns if name != "place"]
        numbered = frame.with_columns(self.table.row_numbers.alias("number"), readable=keys[0] != "")
        first = numbered.with_columns(
            first=pl.col("place").first().over(names), before=pl.col("number").first().over(names)
        )
        again = first.select((pl.col("place") != pl.col("first")) & pl.col("readable")).to_series()
        if again.any():
            self.reasons.add(again, first.select(pl.format("Повторює рядок {}.", pl.col("before"))).to_series())

    def frame(self, *columns: pl.Series) -> pl.DataFrame:
        """The rows as they are staged; columns that the kind of file has not are empty."""
        have = {column.name: column for column in columns}
        raw = self.table.cells.rename(dict(zip(self.table.cells.columns, _unique(self.table.header), strict=True)))
        blank = {
            **{
                name: pl.Series([""] * self.height, dtype=pl.String)
                for name in (*TEXTS, "account_number", "service_code")
            },
            **{f"{name}_kop": pl.Series([None] * self.height, dtype=pl.Int64) for name in MONEY},
            **{name: pl.Series([None] * self.height, dtype=cells.NUMBER) for name in ("volume", "price")},
            **{f"{name}_values": pl.Series([None] * self.height, dtype=pl.String) for name in ZONE_FIELDS},
            "paid_on": pl.Series([None] * self.height, dtype=pl.Date),
        }
        return pl.DataFrame(
            [
                self.table.row_numbers.alias("number"),
                pl.Series("sheet", [self.table.sheet] * self.height, dtype=pl.String),
                raw.select(pl.struct(pl.all()).struct.json_encode()).to_series().alias("raw"),
                self.reasons.column,
                *(have.get(name, column).alias(name) for name, column in blank.items()),
            ]
        )


def _shown(pattern: str, values: pl.Series) -> pl.Series:
    return pl.DataFrame({"v": values}).select(pl.format(pattern, pl.col("v").str.slice(0, 60))).to_series()


def _unique(header: tuple[str, ...]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for place, name in enumerate(header):
        name = name or f"#{place + 1}"
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _texts(rows: _Rows) -> list[pl.Series]:
    """Names and address parts, cut to size, with look-alike letters made Ukrainian in names of people and streets."""
    columns: dict[str, pl.Series] = {field: rows.text(field).fill_null("") for field in TEXTS if field in rows.places}
    if "address" in rows.places and rows.preset.kind == "balances":
        parts = pl.DataFrame({"a": rows.text("address").fill_null("")}).select(
            street=pl.col("a").str.extract(_ADDRESS, 1).fill_null(""),
            building=pl.col("a").str.extract(_ADDRESS, 2).fill_null(""),
            flat=pl.col("a").str.extract(_ADDRESS, 3).fill_null(""),
        )
        columns |= {name: parts[name] for name in parts.columns}
    for field in ("holder", "street"):
        if field in columns and columns[field].str.contains(r"[A-Za-z]").any():
            unique = columns[field].unique()
            repaired = pl.Series([fold_look_alikes(text) for text in unique], dtype=pl.String)
            columns[field] = columns[field].replace_strict(unique, repaired)
    return [column.str.slice(0, _WIDTHS[field]).alias(field) for field, column in columns.items()]


def _check_period(rows: _Rows, period: Period) -> None:
    if "period" not in rows.places:
        return
    values = rows.text("period").fill_null("")
    unique = values.unique()
    parsed = [cells.parse_month(text) for text in unique]
    others = {value for value in parsed if value is not None and value != period}
    if others and period not in parsed:
        raise WrongPeriod(f"Файл за {month(min(others))}, а ви обрали {month(period)}.")
    reasons = [
        f"Період «{text[:40]}» не читається."
        if found is None
        else ""
        if found == period
        else f"Рядок за {month(found)}, а файл за {month(period)}."
        for text, found in zip(unique, parsed, strict=True)
    ]
    reason = values.replace_strict(unique, pl.Series(reasons, dtype=pl.String))
    rows.reasons.add(reason != "", reason)


def _balances(table: Table, preset: Preset, period: Period) -> pl.DataFrame:
    rows = _Rows(table, preset)
    account = rows.account()
    if preset.service is not None:
        service = pl.Series("service_code", [preset.service.code] * rows.height, dtype=pl.String)
    else:
        known = {code: rule.code for code, rule in preset.services.items()}
        service = rows.mapped("service", known, "Невідома послуга «{}».").alias("service_code")
    money = {field: rows.kop(field) for field in MONEY}
    for field in ("opening", "closing"):
        money[field] = money[field] * preset.balance_sign
    volume, price = rows.number("volume"), rows.number("price")
    zones = [_zone_values(rows, field) for field in ZONE_FIELDS]
    if preset.zones and all(zone.has_volume for zone in preset.zones):
        volume = pl.DataFrame([rows.number(f"volume_{n}") for n in range(len(preset.zones))]).sum_horizontal()
    _check_period(rows, period)
    rows.repeats(account, service)
    reached = money["opening"] + money["charged"] + money["correction"] + money["penalty"] - money["paid"]
    sums = pl.DataFrame({"r": reached, "c": money["closing"]}).select(
        pl.format("Сальдо не сходиться: виходить {} грн, а у файлі {} грн.", _hryvnias("r"), _hryvnias("c"))
    )
    rows.reasons.add((reached != money["closing"]).fill_null(False), sums.to_series())
    return rows.frame(
        account, service, volume.alias("volume"), price, *zones, *_texts(rows),
        *(column.alias(f"{field}_kop") for field, column in money.items()),
    )  # fmt: skip


def _hryvnias(name: str) -> pl.Expr:
    """Kopiykas as «-12,05»."""
    kop = pl.col(name)
    sign = pl.when(kop < 0).then(pl.lit("−")).otherwise(pl.lit(""))
    whole, part = (kop.abs() // 100).cast(pl.String), (kop.abs() % 100).cast(pl.String).str.zfill(2)
    return pl.concat_str(sign, whole, pl.lit(","), part)


def _zone_values(rows: _Rows, field: str) -> pl.Series:
    """`{65619,81627}`: an array of PostgreSQL with the value of each zone, null when the preset has none."""
    name = f"{field}_values"
    columns = [f"{field}_{place}" for place in range(len(rows.preset.zones))]
    if not columns or columns[0] not in rows.places:
        return pl.Series(name, [None] * rows.height, dtype=pl.String)
    values = pl.DataFrame([rows.number(column) for column in columns])
    texts = [pl.col(column).cast(pl.String).fill_null("NULL") for column in columns]
    return values.select(
        pl.concat_str(pl.lit("{"), pl.concat_str(texts, separator=","), pl.lit("}")).alias(name)
    ).to_series()


def _register(table: Table, preset: Preset, period: Period) -> pl.DataFrame:
    rows = _Rows(table, preset)
    account, amount = rows.account(), rows.kop("amount")
    rows.reasons.add((amount <= 0).fill_null(False), "Сума платежу має бути більшою за нуль.")
    days = rows.text("paid_on").fill_null("")
    unique = days.unique()
    parsed = pl.Series([cells.parse_day(text) for text in unique], dtype=pl.Date)
    paid_on = days.replace_strict(unique, parsed, return_dtype=pl.Date)
    rows.reasons.add(paid_on.is_null(), _shown("Дата платежу не читається: «{}».", days))
    _same_month_or_next(paid_on, period)
    return rows.frame(account, amount.alias("paid_kop"), paid_on.alias("paid_on"), *_texts(rows))


def _same_month_or_next(paid_on: pl.Series, period: Period) -> None:
    """Bills of a month are paid in it and in the next one; a register wholly of other months is another file."""
    months = {Period.of(day) for day in paid_on.drop_nulls().unique()}
    if months and not months & {period, period.next}:
        raise WrongPeriod(f"Платежі у файлі за {month(min(months))}, а ви обрали {month(period)}.")


def _addresses(table: Table, preset: Preset, period: Period) -> pl.DataFrame:
    rows = _Rows(table, preset)
    street, building = rows.text("street"), rows.text("building")
    rows.reasons.add(street.is_null(), "Немає назви вулиці.")
    rows.reasons.add(building.is_null(), "Немає номера будинку.")
    for field in ("area_m2", "heated_area_m2", "rooms", "registered", "living", "floors", "built_in"):
        number = rows.number(field)
        rows.reasons.add((number < 0).fill_null(False), f"Від'ємне число в колонці «{field}».")
    flat = rows.text("flat").fill_null("")
    kind = rows.text("street_kind").fill_null("")
    rows.repeats(street.fill_null(""), kind, building.fill_null(""), flat)
    return rows.frame(*_texts(rows))


def address_frame(tables: Iterable[Table], *, preset: Preset) -> pl.DataFrame:
    """The columns that `registry.register_addresses` takes, with the row numbers, of an address file."""
    frames = []
    for table in tables:
        rows = _Rows(table, preset)
        texts = ("street_kind", "street", "old_names", "building", "postal_index", "flat")
        numbers = ("floors", "built_in", "area_m2", "heated_area_m2", "rooms", "registered", "living")
        frames.append(
            pl.DataFrame(
                [
                    rows.table.row_numbers.alias("number"),
                    *(rows.text(field) for field in texts),
                    *(rows.number(field) for field in numbers),
                ]
            )
        )
    return pl.concat(frames)
