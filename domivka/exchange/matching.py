"""Whose row is it: rows of a file against the accounts and addresses of the registry.

What the registry has of a provider is read once for a file; its parts are then matched without the database, but for
addresses of accounts that are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from domivka.exchange.preset import Preset
from domivka.kernel.frames import read_frame
from domivka.registry import api as registry
from domivka.registry.rules.folding import fold

READY, REJECTED, UNKNOWN = "ready", "rejected", "unknown"
Match = Callable[[pl.DataFrame], pl.DataFrame]
"""Rows as read, with their state, reason, and what they were matched to."""

_NOWHERE: Final = {"account_service_id": pl.lit(None, dtype=pl.Int64), "premises_id": pl.lit(None, dtype=pl.Int64)}


def matcher(*, preset: Preset, town_id: int | None, provider_ids: Mapping[str, int]) -> Match:
    """How rows of a preset are matched in a town. `provider_ids` are its providers by code; no town leaves all unknown."""
    if preset.kind == "balances":
        provider_id = provider_ids.get(preset.provider)
        if town_id is None or provider_id is None:
            return _match_nothing
        return _Accounts(preset, town_id, provider_id)
    if preset.kind == "register":
        return _numbers(preset, town_id, provider_ids)
    return lambda rows: rows.with_columns(**_NOWHERE).with_columns(_state(pl.lit(True)))


def _state(known: pl.Expr) -> pl.Expr:
    return (
        pl.when(pl.col("reason") != "")
        .then(pl.lit(REJECTED))
        .when(known)
        .then(pl.lit(READY))
        .otherwise(pl.lit(UNKNOWN))
        .alias("state")
    )


def _unless_rejected(text: pl.Expr) -> pl.Expr:
    return pl.when(pl.col("state") == UNKNOWN).then(text).otherwise(pl.col("reason"))


def _match_nothing(rows: pl.DataFrame) -> pl.DataFrame:
    reason = _unless_rejected(pl.lit("Особовий рахунок невідомий: надавача цього шаблону ще немає в місті."))
    return rows.with_columns(**_NOWHERE).with_columns(_state(pl.lit(False))).with_columns(reason=reason)


_NUMBERS: Final = """
SELECT id, number, premises_id, closed_on IS NULL FROM registry_personalaccount WHERE provider_id = %(provider)s
"""
_SERVICES: Final = """
SELECT x.account_id, s.code, x.id FROM registry_accountservice x
JOIN registry_providerservice p ON p.id = x.provider_service_id JOIN registry_service s ON s.id = p.service_id
WHERE p.provider_id = %(provider)s AND x.closed_on IS NULL
"""
_ADDRESS: Final = ["street", "building", "flat"]
_READ: Final = ["account_number", "service_code", "reason", *_ADDRESS]


class _Accounts:
    """The accounts of one provider. A row finds its account service by number and service; an unknown account is to be
    opened where the preset allows and its address is exactly one premises of the town."""

    def __init__(self, preset: Preset, town_id: int, provider_id: int) -> None:
        self.preset, self.town_id, self.provider_id = preset, town_id, provider_id
        self.accounts = read_frame(
            query=_NUMBERS,
            parameters={"provider": provider_id},
            schema={
                "account_id": pl.Int64, "account_number": pl.String, "known_premises": pl.Int64, "account_open": pl.Boolean,
            },
        )  # fmt: skip
        self.services = read_frame(
            query=_SERVICES,
            parameters={"provider": provider_id},
            schema={"account_id": pl.Int64, "service_code": pl.Categorical, "account_service_id": pl.Int64},
        )
        self.supplied = [supply.service_code for supply in registry.supplies_of(provider_id=provider_id)]

    def __call__(self, rows: pl.DataFrame) -> pl.DataFrame:
        found = self._known(rows.select(_READ))
        strangers = found.filter(pl.col("known_premises").is_null())["account_number"].unique().to_list()
        lost = _lost_zeros(strangers, self.provider_id) if strangers else {}
        if self.preset.open_unknown:
            found = self._at_addresses(found)
        damaged = pl.col("account_number").is_in(list(lost))  # never opened beside the account it was before Excel
        may_open = (
            pl.lit(self.preset.open_unknown) & pl.col("supplied") & pl.col("premises_id").is_not_null() & ~damaged
        )
        found = found.with_columns(_state(pl.col("account_service_id").is_not_null() | may_open))
        if (found["state"] == UNKNOWN).any():
            found = found.with_columns(reason=_unknown_reasons(found, self.preset, lost))
        return rows.with_columns(found.select("account_service_id", "premises_id", "state", "reason"))

    def _known(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with what the registry knows of their numbers."""
        # The larger side is only looked through, never made a table of: both joins build theirs from the part.
        accounts = self.accounts.join(rows.select("account_number").unique(), on="account_number", how="semi")
        services = (
            self.services.join(accounts.filter("account_open").select("account_id", "account_number"), on="account_id")
            .drop("account_id")
            .with_columns(pl.col("service_code").cast(pl.String))
        )
        return (
            rows.join(services, on=["account_number", "service_code"], how="left", maintain_order="left")
            .join(accounts.drop("account_id"), on="account_number", how="left", maintain_order="left")
            .with_columns(
                supplied=pl.col("service_code").is_in(self.supplied),
                premises_id=pl.when(pl.col("account_open")).then(pl.col("known_premises")),
            )
        )

    def _at_addresses(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Fill `premises_id` of unknown and closed accounts by their address."""
        wanted = rows.filter(pl.col("premises_id").is_null() & (pl.col("reason") == "") & (pl.col("street") != ""))
        if wanted.is_empty():
            return rows
        matches = registry.premises_at(town_id=self.town_id, addresses=wanted.select(_ADDRESS).unique())
        # An account that is known, and closed, is opened again only in its own premises.
        same = pl.col("known_premises").is_null() | (pl.col("known_premises") == pl.col("found"))
        return (
            rows.join(matches.rename({"premises_id": "found"}), on=_ADDRESS, how="left", maintain_order="left")
            .with_columns(premises_id=pl.coalesce("premises_id", pl.when(same).then(pl.col("found"))))
            .drop("found")
        )


def _unknown_reasons(rows: pl.DataFrame, preset: Preset, lost: dict[str, str]) -> pl.Series:
    hints = pl.col("account_number").replace_strict(
        list(lost), list(lost.values()), default=None, return_dtype=pl.String
    )
    address = pl.concat_str(_ADDRESS, separator=", ").str.slice(0, 90)
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


def _numbers(preset: Preset, town_id: int | None, provider_ids: Mapping[str, int]) -> Match:
    """Of a register: is the account known at the provider that the purpose names, or at any when it names none."""

    def match(rows: pl.DataFrame) -> pl.DataFrame:
        purposes = rows["purpose"].unique()
        codes = [provider_ids.get(preset.purposes.get(fold(text), ""), 0) for text in purposes]
        rows = rows.with_columns(
            provider_id=pl.col("purpose").replace_strict(purposes, pl.Series(codes, dtype=pl.Int64)), **_NOWHERE
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

    return match
