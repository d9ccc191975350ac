from __future__ import annotations

import polars as pl
import pytest

from domivka.billing import api as billing
from domivka.billing.models import ChargeLine
from domivka.kernel.money import Money
from domivka.ledger import api as ledger
from tests.builders import AccountServiceOf, Town
from tests.database.billing.town import AT, OCT

pytestmark = pytest.mark.django_db


def record(gas: AccountServiceOf, batch_id: int = 1) -> None:
    ids = {"account_service_id": gas.id, "provider_service_id": gas.row.provider_service_id}
    line = {
        **ids, "kind": "charge", "component": "single", "meter_id": None, "previous_e3": 79_021_000, "current_e3": 79_227_000,
        "volume_e6": 206_000_000, "price_e7": 79_600_000, "amount_kop": 1639_76,
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
