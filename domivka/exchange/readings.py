"""Meter readings of a bank's register: found in its rows, judged by metering, worded for the clerk, staged.

A reading never touches its payment: what cannot be taken is kept beside it with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any, Final

import polars as pl

from domivka.exchange import cells
from domivka.exchange.matching import REJECTED
from domivka.exchange.models import ImportReading
from domivka.exchange.preset import Preset
from domivka.kernel.copy import copy_frame
from domivka.kernel.frames import read_frame
from domivka.metering import api as metering
from domivka.metering.api import DeskReading
from domivka.registry.rules.folding import fold

State = ImportReading.State
_VALUE: Final = pl.Decimal(14, 3)
FOUND: Final[dict[str, Any]] = {
    "number": pl.Int64, "sheet": pl.String, "place": pl.Int64, "account_number": pl.String, "provider_id": pl.Int64,
    "meter_number": pl.String, "zone": pl.String, "said": pl.String, "value": _VALUE, "previous": _VALUE, "paid_on": pl.Date,
}  # fmt: skip
"""A reading a row, in the order of the file; no value where the cell cannot be read."""
_JUDGED: Final = {
    "state": pl.String, "reason": pl.String, "meter_id": pl.Int64, "period": pl.Int64, "premises_id": pl.Int64,
}  # fmt: skip
_TOO_LONG: Final = 10**11  # what the column cannot hold


def found_in(rows: pl.DataFrame, *, preset: Preset, provider_ids: Mapping[str, int]) -> pl.DataFrame:
    """The readings of matched rows of a register whose payments are taken, as `FOUND`."""
    if not preset.meters:
        return pl.DataFrame(schema=FOUND)
    cut = (
        rows.filter(pl.col("state") != REJECTED)
        .select("sheet", "account_number", "purpose", "paid_on", "readings", row="number")
        .explode("readings")
        .unnest("readings")
        .with_columns(place=pl.int_range(pl.len()).over("sheet", "row"))
        .filter(pl.col("current") != "")
    )
    if cut.is_empty():
        return pl.DataFrame(schema=FOUND)
    zones = {text: preset.zone_codes.get(fold(text), text) for text in cut["zone"].unique()}
    owners = {text: provider_ids.get(preset.purposes.get(fold(text), "")) for text in cut["purpose"].unique()}
    return cut.select(
        pl.col("row").cast(pl.Int64).alias("number"),
        "sheet",
        pl.col("place").cast(pl.Int64),
        "account_number",
        pl.col("purpose")
        .replace_strict(list(owners), list(owners.values()), return_dtype=pl.Int64)
        .alias("provider_id"),
        pl.col("number").str.slice(0, 32).alias("meter_number"),
        pl.col("zone").replace_strict(list(zones), list(zones.values()), return_dtype=pl.String).str.slice(0, 10),
        pl.col("current").str.slice(0, 40).alias("said"),
        _value(cut["current"]).alias("value"),
        _value(cut["previous"]).alias("previous"),
        "paid_on",
    )


def _value(column: pl.Series) -> pl.Series:
    """Digits of a meter with at most three decimals; null for what is none."""
    number, _ = cells.to_number(column)
    thousandths = number * 1000
    readable = (thousandths == thousandths.cast(pl.Int64)) & (number >= 0) & (number < _TOO_LONG)
    return number.to_frame("n").select(pl.when(readable).then(pl.col("n")).cast(_VALUE)).to_series()


def read_staged(*, batch_id: int) -> pl.DataFrame:
    """The readings of a checked file, as `FOUND`."""
    frame = read_frame(
        query=f"SELECT {', '.join(FOUND)} FROM exchange_importreading WHERE batch_id = %(batch)s ORDER BY id",
        parameters={"batch": batch_id},
        schema={name: pl.String if name in ("value", "previous") else kind for name, kind in FOUND.items()},
    )
    return frame.with_columns(
        pl.col("value", "previous").cast(_VALUE), pl.col("sheet", "meter_number", "zone").fill_null("")
    )


def judge(
    readings: pl.DataFrame,
    *,
    by: Callable[[pl.DataFrame], list[DeskReading]],
    fine: State = State.READY,
    repeated: Collection[tuple[str, int]] = (),
) -> pl.DataFrame:
    """The readings with state, reason, meter and month. `by` looks at them, or takes them; `fine` is the state of those
    that are; `repeated` are rows, by sheet and number, whose payments came before."""
    numbered = readings.with_row_index("key").with_columns(pl.col("key").cast(pl.Int64))
    again = pl.DataFrame(sorted(repeated), schema={"sheet": pl.String, "number": pl.Int64}, orient="row")
    fresh = numbered.join(again, on=["sheet", "number"], how="anti").filter(pl.col("value").is_not_null())
    asked = fresh.with_columns(value_e3=(pl.col("value") * 1000).cast(pl.Int64), taken_on=pl.col("paid_on"))
    known = {one.key: one for one in by(asked.sort("key").select(list(metering.DESK_READINGS)))}
    numbers = readings["number"].to_list()
    judged = [
        _outcome(known.get(row["key"]), row, fine, numbers)
        for row in numbered.select("key", "value", "said", "meter_number", "zone").iter_rows(named=True)
    ]
    return readings.with_columns(pl.DataFrame(judged, schema=_JUDGED, orient="row"))


def _outcome(
    one: DeskReading | None, row: Mapping[str, Any], fine: State, numbers: list[int]
) -> tuple[str, str, int | None, int | None, int | None]:
    if row["value"] is None:
        return State.REFUSED.value, f"Показання не читається: «{row['said']}».", None, None, None
    if one is None:
        return State.SAME.value, "Цей платіж уже був у застосованому раніше файлі.", None, None, None
    meter = one.meter
    state = fine if not one.problem else State.SAME if one.problem == metering.SAME else State.REFUSED
    by = f"{numbers[one.by]}" if one.by is not None else ""
    reason = _words(one, row["meter_number"], row["zone"], by)
    place = (meter.id, int(meter.period)) if meter else (None, None)
    return state.value, reason[:200], *place, one.premises_id


def _words(one: DeskReading, number: str, zone: str, by: str) -> str:
    """Why a reading is not taken, for the clerk; '' when it is."""
    meter, register = one.meter, one.register
    plain = {
        "": "",
        "unknown_account": "Особовий рахунок невідомий.",
        "several_accounts": "Такий номер рахунку є в кількох надавачів, а чий він, у реєстрі не сказано.",
        "no_meter": "На цьому рахунку немає лічильника.",
        "unknown_meter": f"Лічильника № {number} на цьому рахунку немає.",
        "several_meters": "На рахунку кілька таких лічильників: без номера не видно, чиє показання.",
        "several_zones": "У лічильника кілька зон, а зони не вказано.",
        "unknown_zone": f"У лічильника немає зони «{zone}».",
        metering.SAME: "Таке саме показання вже є.",
        metering.REPLACED: f"У файлі є новіше показання цього лічильника: рядок {by}.",
    }
    if one.problem in plain or meter is None or register is None:
        return plain[one.problem]
    value, previous = _digits(one.value), _digits(register.previous)
    current_on = f"{register.current_on:%d.%m.%Y}" if register.current_on else ""
    window = f"{meter.window_from:%d.%m} до {meter.window_to:%d.%m}" if meter.window_from and meter.window_to else ""
    return {
        "outside_window": f"Показання приймають з {window}, а назвали його {one.taken_on:%d.%m.%Y}.",
        "too_long": f"Забагато цифр: на лічильнику їх {meter.digits} до коми.",
        "below_previous": f"Показання {value} менше за попереднє ({previous}).",
        "too_high": f"Виходить {_digits(one.value - register.previous)} – значно більше, ніж зазвичай"
        f" ({_digits(register.usual or Decimal(0))} на місяць).",
        "stronger": f"За цей місяць уже є показання від {current_on} ({register.current_by}).",
        "newer": f"За цей місяць уже є новіше показання з каси чи термінала, від {current_on}.",
    }[one.problem]


def _digits(value: Decimal) -> str:
    return f"{value.normalize():f}".replace(".", ",")


def write(readings: pl.DataFrame, *, batch_id: int) -> None:
    """Stage judged readings instead of those staged before."""
    ImportReading.objects.filter(batch_id=batch_id).delete()
    copy_frame(table="exchange_importreading", frame=readings.with_columns(batch_id=pl.lit(batch_id, dtype=pl.Int64)))


def counted(readings: pl.DataFrame) -> dict[str, int]:
    """How many readings a file has, how many are good, there before, refused."""
    states = dict(readings["state"].value_counts().iter_rows())
    return {
        "found": readings.height,
        "taken": states.get(State.READY.value, 0) + states.get(State.TAKEN.value, 0),
        "same": states.get(State.SAME.value, 0),
        "refused": states.get(State.REFUSED.value, 0),
    }
