from __future__ import annotations

import polars as pl
import pytest

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine
from domivka.kernel.money import Money
from domivka.ledger import api as ledger
from tests.builders import AccountServiceOf, Town
from tests.database.billing.town import AT, OCT, tariff

pytestmark = pytest.mark.django_db


def record(gas: AccountServiceOf, batch_id: int = 1, **changed: object) -> None:
    personal = ledger.open_personal_accounts(town_id=gas.town.row.pk, account_service_ids=[gas.id])[gas.id]
    ids = {"account_service_id": gas.id, "provider_service_id": gas.row.provider_service_id, "account_id": personal}
    line = {
        **ids, "kind": "charge", "component": "single", "meter_id": None, "previous_e3": 79_021_000, "current_e3": 79_227_000,
        "volume_e6": 206_000_000, "price_e7": 79_600_000, "amount_kop": 1639_76, **changed,
    }  # fmt: skip
    moves = [
        {**ids, "kind": "opening", "amount_kop": 12_000_50, "ref_id": 7},
        {**ids, "kind": "payment", "amount_kop": -500_00, "ref_id": 7},
    ]
    billing.record_imported(
        town_id=gas.town.row.pk,
        batch_id=batch_id,
        period=OCT,
        lines=pl.DataFrame([line], schema=billing.IMPORTED),
        movements=pl.DataFrame(moves, schema=billing.MOVEMENTS),
        at=AT,
    )


def test_imported_charge_opening_and_payment_reach_the_balance() -> None:
    gas = Town().flat().service("gas", mode="imported")

    record(gas)

    (state,) = ledger.account_states(account_service_ids=[gas.id], first=OCT, last=OCT)
    assert (state.opening, state.charged, state.paid, state.closing) == (
        Money(12_000_50),
        Money(1_639_76),
        Money(500_00),
        Money(13_140_26),
    )
    (line,) = billing.explain(account_service_id=gas.id, period=OCT).lines
    assert (line.formula, line.reproduced, line.line.method) == ("206 м³ × 7,96 грн", True, "imported")


def test_imported_batch_undone_leaves_the_balance_as_before() -> None:
    gas = Town().flat().service("gas", mode="imported")
    record(gas)

    billing.reverse_imported(batch_id=1, period=OCT, at=AT)
    billing.reverse_imported(batch_id=1, period=OCT, at=AT)

    assert ledger.balances(account_service_ids=[gas.id]) == {gas.id: Money(0)}
    assert ChargeLine.objects.count() == 2
    assert sum(ChargeLine.objects.values_list("amount_kop", flat=True)) == 0
    assert ledger.verify() == []


def explained(gas: AccountServiceOf) -> list[tuple[str, str, bool]]:
    found = billing.explain(account_service_id=gas.id, period=OCT).lines
    return [(line.volume_words, line.formula, line.reproduced) for line in found]


def test_undone_import_and_its_opposite_are_not_shown() -> None:
    gas = Town().flat().service("gas", mode="imported")
    record(gas)
    billing.reverse_imported(batch_id=1, period=OCT, at=AT)
    record(gas, batch_id=2, volume_e6=205_000_000, amount_kop=1631_80)

    lines = billing.charge_lines(account_service_ids=[gas.id], first=OCT, last=OCT)

    assert [(line.import_batch_id, line.amount) for line in lines] == [(2, Money(1631_80))]


def test_import_without_a_price_is_held_against_the_towns_tariff() -> None:
    gas = Town().flat().service("gas", mode="imported")
    tariff(gas, "single", "7.96")
    record(gas, price_e7=0)

    (line,) = billing.explain(account_service_id=gas.id, period=OCT).lines

    assert (line.formula, line.exact, line.reproduced) == ("206 м³ × 7,96 грн", "1\u00a0639,76", True)
    assert line.tariff is not None
    assert line.volume_words == (
        "Нарахував надавач послуги у своїй системі. Показання 79\u00a0227 − 79\u00a0021 = 206 м³."
    )


def test_import_that_the_tariff_does_not_give_says_so() -> None:
    gas = Town().flat().service("gas", mode="imported")
    record(gas, price_e7=0)

    assert explained(gas) == [
        ("Нарахував надавач послуги у своїй системі. Показання 79\u00a0227 − 79\u00a0021 = 206 м³.", "", False)
    ]


def test_imported_penalty_and_recalculation_are_sums_without_a_formula() -> None:
    gas = Town().flat().service("gas", mode="imported")
    none = {"previous_e3": None, "current_e3": None, "volume_e6": 0, "price_e7": 0}
    record(gas, 1, kind="penalty", amount_kop=3_10, **none)
    record(gas, 2, kind="correction", amount_kop=-93_37, **none)

    assert explained(gas) == [
        ("Пеню нарахував надавач послуги у своїй системі.", "", True),
        ("Перерахунок зробив надавач послуги у своїй системі.", "", True),
    ]
    lines = billing.charge_lines(account_service_ids=[gas.id], first=OCT, last=OCT)
    assert [line.component_words for line in lines] == ["пеня", "перерахунок"]
