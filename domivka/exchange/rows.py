"""Tables of text as checked rows: what each cell means, and the first reason why a row cannot be taken.

Everything works on whole columns; Python sees only the different values of codes, months and days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import polars as pl

from domivka.exchange import cells
from domivka.exchange.errors import FileTooLarge, UnreadableFile, WrongPeriod
from domivka.exchange.formats.table import Part, Table
from domivka.exchange.preset import METER_FIELDS, RELIEF, Preset
from domivka.exchange.whole import Months, Seen
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


MAX_ROWS: Final = 2_000_000
# Rows worked on at once: memory does not grow with the file, but for the keys of its rows.
CHUNK: Final = 100_000


def read_rows(tables: Iterable[Table], *, preset: Preset, period: Period) -> pl.DataFrame:
    """All rows of `read_chunks` in one frame."""
    return pl.concat(read_chunks(tables, preset=preset, period=period))


def read_chunks(
    tables: Iterable[Table], *, preset: Preset, period: Period, size: int = CHUNK
) -> Iterator[pl.DataFrame]:
    """Rows of all sheets with a reason ('' when well formed), so many at a time. Raises, after the last of
    a sheet, `WrongPeriod` when all of it is of another month, `UnreadableFile` when the file has no rows."""
    read = {"balances": _balances, "register": _register, "addresses": _addresses}[preset.kind]
    count = 0
    for table in tables:
        titled = cells.month_in_title(table.titles) if preset.kind == "balances" else None
        if titled is not None and titled != period:
            raise WrongPeriod(f"Файл за {month(titled)}, а ви обрали {month(period)}.")
        seen, months = Seen(), Months(preset.kind)
        for part in table.parts(size):
            rows = _Rows(table, part, preset, seen)
            count += rows.height
            if count > MAX_ROWS:
                raise FileTooLarge(f"У файлі понад {MAX_ROWS} рядків. Поділіть його на частини.")
            months.add(rows.text("paid_on" if preset.kind == "register" else "period"))
            yield read(rows, period)
        months.refuse_other_than(period)
    if not count:
        raise UnreadableFile("У файлі є заголовок, але немає жодного рядка з даними.")


class _Rows:
    """A part of a table on its way: columns by field, reasons so far."""

    def __init__(self, table: Table, part: Part, preset: Preset, seen: Seen) -> None:
        self.table, self.part, self.preset, self.seen = table, part, preset, seen
        self.places = preset.places(table.header) or {}
        self.height = part.cells.height
        self.reasons = Reasons(self.height)
        if part.damaged:
            texts = [part.damaged.get(place, "") for place in range(self.height)]
            broken = pl.Series(texts, dtype=pl.String)
            self.reasons.add(broken != "", broken)

    def all(self, value: str | None, kind: pl.DataType | type[pl.DataType]) -> pl.Series:
        """A column of one value."""
        return pl.Series([value], dtype=kind).new_from_index(0, self.height)

    def text(self, field: str) -> pl.Series:
        if field not in self.places:
            return self.all(None, pl.String).alias(field)
        return self.part.cells[f"c{self.places[field]}"].alias(field)

    def header(self, field: str) -> str:
        return self.table.header[self.places[field]]

    def unreadable(self, field: str, bad: pl.Series) -> None:
        if bad.any():
            shown = pl.DataFrame({"t": self.text(field)}).select(
                pl.format("Число в колонці «{}» не читається: «{}».", pl.lit(self.header(field)), pl.col("t"))
            )
            self.reasons.add(bad, shown.to_series())

    def number(self, field: str) -> pl.Series:
        if field not in self.places:
            return self.all(None, cells.NUMBER).alias(field)
        number, bad = cells.to_number(self.text(field))
        self.unreadable(field, bad)
        return number.alias(field)

    def kop(self, field: str) -> pl.Series:
        if field not in self.places:
            return pl.Series([0], dtype=pl.Int64).new_from_index(0, self.height).alias(f"{field}_kop")
        kop, bad = cells.to_kop(self.text(field))
        self.unreadable(field, bad)
        if bad.any():
            kop = kop.zip_with(~bad, self.all(None, pl.Int64))
        return kop.alias(f"{field}_kop")

    def account_text(self) -> pl.Series:
        account = self.text("account").fill_null("")
        if account.str.contains(r"[\s\u00a0']").any():
            account = account.str.replace_all(r"^'|[\s\u00a0]+", "")
        return account

    def account(self) -> pl.Series:
        """Accounts are text; what Excel or a formula made of them cannot be read."""
        account = self.account_text()
        good = account.str.contains(cells.ACCOUNT)
        if good.all() and not account.str.contains(r"(?i)e").any():
            return account.alias("account_number")
        self.reasons.add(account == "", "Немає номера особового рахунку.")
        damaged = account.str.contains(cells.EXCEL_DAMAGE)
        self.reasons.add(damaged, _shown("Номер рахунку зіпсував Excel: «{}». Надішліть колонку як текст.", account))
        formula = account.str.contains(cells.FORMULA)
        self.reasons.add(formula, _shown("Замість номера рахунку формула: «{}».", account))
        self.reasons.add(~good, _shown("Номер рахунку не читається: «{}».", account))
        return account.str.slice(0, 32).alias("account_number")

    def mapped(self, field: str, known: dict[str, str]) -> pl.Series:
        """A code of the file as ours, '' for an unknown one."""
        values = self.text(field).fill_null("")
        unique = values.unique()
        ours = pl.Series([known.get(fold(value), "") for value in unique], dtype=pl.String)
        return values.replace_strict(unique, ours)

    def service(self) -> pl.Series:
        """Our code of each row's service, '' when the file's is unknown."""
        if self.preset.service is not None:
            return pl.Series("service_code", [self.preset.service.code], dtype=pl.String).new_from_index(0, self.height)
        known = {code: rule.code for code, rule in self.preset.services.items()}
        return self.mapped("service", known).alias("service_code")

    def add_repeats(self, *keys: pl.Series) -> None:
        """Reject the rows whose key stood in a row before them, of this part or of an earlier one."""
        first = self.seen.first(keys, self.part.row_numbers)
        if first is not None:
            numbers = first.to_frame("n").select(pl.format("Повторює рядок {}.", pl.col("n")))
            self.reasons.add(first.is_not_null(), numbers.to_series())

    def frame(self, *columns: pl.Series) -> pl.DataFrame:
        """The rows as they are staged, `raw` a struct of the cells; columns that the kind of file has not are empty."""
        have = {column.name: column for column in columns}
        raw = self.part.cells.rename(dict(zip(self.part.cells.columns, _unique(self.table.header), strict=True)))
        blank = {
            **{name: self.all("", pl.String) for name in (*TEXTS, "account_number", "service_code")},
            **{f"{name}_kop": self.all(None, pl.Int64) for name in self.preset.money},
            **{name: self.all(None, cells.NUMBER) for name in ("volume", "price")},
            **{f"{name}_values": self.all(None, pl.String) for name in ZONE_FIELDS},
            "paid_on": self.all(None, pl.Date),
        }
        return pl.DataFrame(
            [
                self.part.row_numbers.alias("number"),
                self.all(self.table.sheet, pl.String).alias("sheet"),
                raw.to_struct("raw"),
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
    reasons = [
        f"Період «{text[:40]}» не читається."
        if found is None
        else ""
        if found == period
        else f"Рядок за {month(found)}, а файл за {month(period)}."
        for text, found in zip(unique, parsed, strict=True)
    ]
    if not any(reasons):
        return
    reason = values.replace_strict(unique, pl.Series(reasons, dtype=pl.String))
    rows.reasons.add(reason != "", reason)


def _balances(rows: _Rows, period: Period) -> pl.DataFrame:
    preset = rows.preset
    account = rows.account()
    service = rows.service()
    if preset.service is None:
        rows.reasons.add(service == "", _shown("Невідома послуга «{}».", rows.text("service").fill_null("")))
    money = {field: rows.kop(field) for field in preset.money}
    for field in ("opening", "closing"):
        money[field] = money[field] * preset.balance_sign
    volume, price = rows.number("volume"), rows.number("price")
    zones = [_zone_values(rows, field) for field in ZONE_FIELDS]
    if preset.zones and all(zone.has_volume for zone in preset.zones):
        volume = pl.DataFrame([rows.number(f"volume_{n}") for n in range(len(preset.zones))]).sum_horizontal()
    _check_period(rows, period)
    rows.add_repeats(rows.account_text(), *([service] if preset.service is None else []))
    reached = money["opening"] + money["charged"] + money["correction"] + money["penalty"] - money["paid"]
    for field in RELIEF:
        reached = reached - money[field] if field in money else reached
    wrong = (reached != money["closing"]).fill_null(False)
    if wrong.any():
        sums = pl.DataFrame({"r": reached, "c": money["closing"]}).select(
            pl.format("Сальдо не сходиться: виходить {} грн, а у файлі {} грн.", _hryvnias("r"), _hryvnias("c"))
        )
        rows.reasons.add(wrong, sums.to_series())
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


def _register(rows: _Rows, period: Period) -> pl.DataFrame:
    account, amount = rows.account(), rows.kop("amount")
    rows.reasons.add((amount <= 0).fill_null(False), "Сума платежу має бути більшою за нуль.")
    days = rows.text("paid_on").fill_null("")
    unique = days.unique()
    parsed = pl.Series([cells.parse_day(text) for text in unique], dtype=pl.Date)
    paid_on = days.replace_strict(unique, parsed, return_dtype=pl.Date)
    rows.reasons.add(paid_on.is_null(), _shown("Дата платежу не читається: «{}».", days))
    if "transaction" in rows.places:
        rows.add_repeats(rows.text("transaction").fill_null(""))
    frame = rows.frame(account, amount.alias("paid_kop"), paid_on.alias("paid_on"), *_texts(rows))
    return frame.with_columns(_readings(rows)) if rows.preset.meters else frame


def _readings(rows: _Rows) -> pl.Series:
    """Of each row a list of its meters' cells as they are: what is wrong with a reading never touches its payment."""
    meters = [
        pl.DataFrame([rows.text(f"meter_{n}_{name}").fill_null("").alias(name) for name in METER_FIELDS]).to_struct(
            f"m{n}"
        )
        for n in range(rows.preset.meters)
    ]
    return pl.DataFrame(meters).select(pl.concat_list(pl.all()).alias("readings")).to_series()


def _addresses(rows: _Rows, period: Period) -> pl.DataFrame:
    street, building = rows.text("street"), rows.text("building")
    rows.reasons.add(street.is_null(), "Немає назви вулиці.")
    rows.reasons.add(building.is_null(), "Немає номера будинку.")
    for field in ("area_m2", "heated_area_m2", "rooms", "registered", "living", "floors", "built_in"):
        number = rows.number(field)
        rows.reasons.add((number < 0).fill_null(False), f"Від'ємне число в колонці «{field}».")
    rows.add_repeats(*(rows.text(name).fill_null("") for name in ("street", "street_kind", "building", "flat")))
    return rows.frame(*_texts(rows))


def address_frame(tables: Iterable[Table], *, preset: Preset) -> pl.DataFrame:
    """The columns that `registry.register_addresses` takes, with the row numbers, of an address file.

    Read in the parts of the check: how a part is read may depend on what else is in it.
    """
    frames = []
    for of, part in ((table, part) for table in tables for part in table.parts(CHUNK)):
        rows = _Rows(of, part, preset, Seen())
        texts = ("street_kind", "street", "old_names", "building", "postal_index", "flat")
        numbers = ("floors", "built_in", "area_m2", "heated_area_m2", "rooms", "registered", "living")
        frames.append(
            pl.DataFrame(
                [
                    rows.part.row_numbers.alias("number"),
                    *(rows.text(field) for field in texts),
                    *(rows.number(field) for field in numbers),
                ]
            )
        )
    return pl.concat(frames)
