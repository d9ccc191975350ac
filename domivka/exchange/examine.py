"""A file looked at against the registry, without writing anything: the dry run, and the first half of a check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from domivka.exchange.errors import FileTooLarge
from domivka.exchange.formats.read import read_tables
from domivka.exchange.formats.table import Table
from domivka.exchange.preset import MONEY, Preset
from domivka.exchange.rows import read_chunks, read_rows
from domivka.kernel.frames import read_frame
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.registry.api import AddressText
from domivka.registry.rules.folding import fold

MAX_BYTES: Final = 256 * 1024 * 1024
MAX_ROWS: Final = 2_000_000

READY, REJECTED, UNKNOWN = "ready", "rejected", "unknown"


@dataclass(frozen=True, slots=True)
class Examined:
    """Rows with state, reason, and what they were matched to; the encoding; the summary that is printed and kept."""

    rows: pl.DataFrame
    encoding: str
    summary: dict[str, Any]


def open_tables(content: bytes, *, preset: Preset) -> list[Table]:
    """The tables of a file as text. Raises `UnreadableFile` and its kinds."""
    if len(content) > MAX_BYTES:
        raise FileTooLarge(f"Файл завеликий: {len(content) >> 20} МБ, а можна до {MAX_BYTES >> 20} МБ.")
    tables = read_tables(content, expected=preset.formats, accept=preset.accepts, sheets=frozenset(preset.sheets))
    if sum(table.cells.height for table in tables) > MAX_ROWS:
        raise FileTooLarge(f"У файлі понад {MAX_ROWS} рядків. Поділіть його на частини.")
    return tables


def parse(content: bytes, *, preset: Preset, period: Period) -> tuple[pl.DataFrame, str]:
    """Rows and encoding of a file. Raises `UnreadableFile` and its kinds."""
    tables = open_tables(content, preset=preset)
    return read_rows(tables, preset=preset, period=period), tables[0].encoding


def examine(
    content: bytes, *, preset: Preset, period: Period, town_id: int | None, provider_ids: Mapping[str, int]
) -> Examined:
    """Read a file and match its rows. `provider_ids` are the town's providers by code; no town leaves all unknown."""
    tables = open_tables(content, preset=preset)
    rows = pl.concat(
        match_rows(part, preset=preset, town_id=town_id, provider_ids=provider_ids)
        for part in read_chunks(tables, preset=preset, period=period)
    )
    return Examined(rows, tables[0].encoding, summarise(rows, preset=preset))


def match_rows(
    rows: pl.DataFrame, *, preset: Preset, town_id: int | None, provider_ids: Mapping[str, int]
) -> pl.DataFrame:
    """Rows as read, with their state and what they were matched to."""
    if preset.kind == "balances":
        return _match_accounts(rows, preset=preset, town_id=town_id, provider_id=provider_ids.get(preset.provider))
    if preset.kind == "register":
        return _match_numbers(rows, preset=preset, town_id=town_id, provider_ids=provider_ids)
    return _with_matches(rows).with_columns(_state(pl.lit(True)))


def _with_matches(rows: pl.DataFrame) -> pl.DataFrame:
    blank = pl.lit(None, dtype=pl.Int64)
    return rows.with_columns(account_service_id=blank, premises_id=blank)


def _state(known: pl.Expr) -> pl.Expr:
    return (
        pl.when(pl.col("reason") != "")
        .then(pl.lit(REJECTED))
        .when(known)
        .then(pl.lit(READY))
        .otherwise(pl.lit(UNKNOWN))
        .alias("state")
    )


_KNOWN: Final = """
SELECT a.number, a.premises_id, a.closed_on IS NULL, a.holder, s.code, x.id, x.closed_on IS NULL
FROM registry_personalaccount a
LEFT JOIN registry_accountservice x ON x.account_id = a.id
LEFT JOIN registry_providerservice p ON p.id = x.provider_service_id
LEFT JOIN registry_service s ON s.id = p.service_id
WHERE a.provider_id = %(provider)s AND a.number = ANY(%(numbers)s)
"""
_KNOWN_SCHEMA: Final = {
    "account_number": pl.String, "known_premises": pl.Int64, "account_open": pl.Boolean, "known_holder": pl.String,
    "service_code": pl.String, "account_service_id": pl.Int64, "service_open": pl.Boolean,
}  # fmt: skip


def _match_accounts(
    rows: pl.DataFrame, *, preset: Preset, town_id: int | None, provider_id: int | None
) -> pl.DataFrame:
    """Find each row's account service; an unknown account is to be opened where the preset allows and its address
    is exactly one premises of the town."""
    if town_id is None or provider_id is None:
        return (
            _with_matches(rows)
            .with_columns(_state(pl.lit(False)))
            .with_columns(
                reason=_unless_rejected(pl.lit("Особовий рахунок невідомий: надавача цього шаблону ще немає в місті."))
            )
        )
    numbers = rows.filter(reason="")["account_number"].unique().to_list()
    known = read_frame(query=_KNOWN, parameters={"provider": provider_id, "numbers": numbers}, schema=_KNOWN_SCHEMA)
    services = known.filter(pl.col("service_open") & pl.col("account_open")).select(
        "account_number", "service_code", "account_service_id"
    )
    accounts = known.select("account_number", "known_premises", "account_open").unique("account_number")
    rows = rows.join(services, on=["account_number", "service_code"], how="left", maintain_order="left").join(
        accounts, on="account_number", how="left", maintain_order="left"
    )
    supplied = set(_supplied(provider_id))
    rows = rows.with_columns(supplied=pl.col("service_code").is_in(list(supplied)))
    premises_id = pl.when(pl.col("account_open")).then(pl.col("known_premises"))
    rows = rows.with_columns(premises_id=premises_id)
    strangers = rows.filter(pl.col("known_premises").is_null())["account_number"].unique().to_list()
    lost = _lost_zeros(strangers, provider_id) if strangers else {}
    if preset.open_unknown:
        rows = _match_addresses(rows, town_id)
    damaged = pl.col("account_number").is_in(list(lost))  # never opened beside the account it was before Excel
    may_open = pl.lit(preset.open_unknown) & pl.col("supplied") & pl.col("premises_id").is_not_null() & ~damaged
    rows = rows.with_columns(_state(pl.col("account_service_id").is_not_null() | may_open))
    return rows.with_columns(reason=_unknown_reasons(rows, preset, lost)).drop(
        "known_premises", "account_open", "supplied"
    )


def _supplied(provider_id: int) -> list[str]:
    return [service.service_code for service in registry.supplies_of(provider_id=provider_id)]


def _match_addresses(rows: pl.DataFrame, town_id: int) -> pl.DataFrame:
    """Fill `premises_id` of unknown and closed accounts by their address."""
    names = ["street", "building", "flat"]
    wanted = rows.filter(pl.col("premises_id").is_null() & (pl.col("reason") == "") & (pl.col("street") != ""))
    addresses = [AddressText(*row) for row in wanted.select(names).unique().iter_rows()]
    if not addresses:
        return rows
    found = registry.premises_at(town_id=town_id, addresses=addresses)
    matches = pl.DataFrame(
        [(a.street, a.building, a.flat, premises_id) for a, premises_id in found.items()],
        schema={**dict.fromkeys(names, pl.String), "found": pl.Int64},
        orient="row",
    )
    # An account that is known, and closed, is opened again only in its own premises.
    same = pl.col("known_premises").is_null() | (pl.col("known_premises") == pl.col("found"))
    return (
        rows.join(matches, on=names, how="left", maintain_order="left")
        .with_columns(premises_id=pl.coalesce("premises_id", pl.when(same).then(pl.col("found"))))
        .drop("found")
    )


def _unless_rejected(text: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("state") == UNKNOWN).then(text).otherwise(pl.col("reason"))


def _unknown_reasons(rows: pl.DataFrame, preset: Preset, lost: dict[str, str]) -> pl.Series:
    hints = pl.col("account_number").replace_strict(
        list(lost), list(lost.values()), default=None, return_dtype=pl.String
    )
    address = pl.concat_str(["street", "building", "flat"], separator=", ").str.slice(0, 90)
    not_found = (
        pl.format("Особовий рахунок невідомий, а приміщення за адресою «{}» не знайдено однозначно.", address)
        if preset.open_unknown
        else pl.lit("Особовий рахунок невідомий.")
    )
    text = (
        pl.when(hints.is_not_null())
        .then(pl.format("Особовий рахунок невідомий. Є {}: схоже, Excel відкинув нулі на початку.", hints))
        .when(~pl.col("supplied"))
        .then(pl.lit("Надавач не постачає цієї послуги в місті."))
        .when(pl.col("account_open") == pl.lit(False))
        .then(pl.lit("Особовий рахунок закрито."))
        .otherwise(not_found)
    )
    return rows.select(_unless_rejected(text).alias("reason")).to_series()


def _lost_zeros(numbers: list[str], provider_id: int) -> dict[str, str]:
    digits = [number for number in numbers if number.isdigit() and not number.startswith("0")]
    found = read_frame(
        query="SELECT ltrim(number, '0'), number FROM registry_personalaccount"
        " WHERE provider_id = %(provider)s AND number LIKE '0%%' AND ltrim(number, '0') = ANY(%(numbers)s)",
        parameters={"provider": provider_id, "numbers": digits},
        schema={"short": pl.String, "number": pl.String},
    )
    return dict(found.iter_rows())


def _match_numbers(
    rows: pl.DataFrame, *, preset: Preset, town_id: int | None, provider_ids: Mapping[str, int]
) -> pl.DataFrame:
    """Of a register: is the account known at the provider that the purpose names, or at any when it names none."""
    purposes = rows["purpose"].unique()
    codes = [provider_ids.get(preset.purposes.get(fold(text), ""), 0) for text in purposes]
    rows = _with_matches(rows).with_columns(
        provider_id=pl.col("purpose").replace_strict(purposes, pl.Series(codes, dtype=pl.Int64))
    )
    known = read_frame(
        query="SELECT number, provider_id FROM registry_personalaccount"
        " WHERE town_id = %(town)s AND number = ANY(%(numbers)s)",
        parameters={"town": town_id, "numbers": rows["account_number"].unique().to_list()},
        schema={"account_number": pl.String, "provider_id": pl.Int64},
    )
    anywhere = known.select("account_number").unique().with_columns(provider_id=pl.lit(0, dtype=pl.Int64))
    matched = pl.concat([known, anywhere]).unique().with_columns(is_known=pl.lit(True))
    rows = rows.join(matched, on=["account_number", "provider_id"], how="left", maintain_order="left")
    rows = rows.with_columns(_state(pl.col("is_known").fill_null(False)))
    reason = _unless_rejected(pl.lit("Особовий рахунок невідомий: гроші чекатимуть серед нез'ясованих."))
    return rows.with_columns(reason=reason).drop("is_known", "provider_id")


SUMMED: Final = (
    "state", "account_number", "account_service_id", "sheet", "service_code", *(f"{name}_kop" for name in MONEY),
)  # fmt: skip
"""The columns that `summarise` reads."""


def summarise(rows: pl.DataFrame, *, preset: Preset) -> dict[str, Any]:
    """Control totals over the well-formed rows: strings of hryvnias with two decimals."""
    fine = rows.filter(pl.col("state") != REJECTED)
    unknown = fine.filter(state=UNKNOWN)
    opened = fine.filter((pl.col("state") == READY) & pl.col("account_service_id").is_null())
    summary: dict[str, Any] = {
        "rows": rows.height,
        "well_formed": fine.height,
        "rejected": rows.height - fine.height,
        "unknown_accounts": unknown["account_number"].n_unique(),
        "unknown_rows": unknown.height,
        "new_accounts": opened["account_number"].n_unique() if preset.kind == "balances" else 0,
        "totals": _totals(fine, preset),
    }
    if preset.sheets:
        summary["sheets"] = {
            name: {
                "rows": rows.filter(sheet=name).height,
                "well_formed": fine.filter(sheet=name).height,
                **_totals(fine.filter(sheet=name), preset),
            }
            for name in preset.sheets
        }
    if preset.kind == "balances":
        summary["services"] = {
            code: {"rows": part.height, **_totals(part, preset)}
            for (code,), part in sorted(fine.group_by("service_code"))
        }
    return summary


def _totals(rows: pl.DataFrame, preset: Preset) -> dict[str, str]:
    if preset.kind == "register":
        return {"total": _plain(rows, "paid")}
    if preset.kind == "addresses":
        return {}
    return {field: _plain(rows, field) for field in ("charged", "paid", "closing", "opening", "correction", "penalty")}


def _plain(rows: pl.DataFrame, field: str) -> str:
    assert field in MONEY  # noqa: S101 - names come from this module
    return Money(int(rows[f"{field}_kop"].sum() or 0)).plain()
