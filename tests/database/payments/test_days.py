"""The day on which somebody paid, as penalty counts it."""

from __future__ import annotations

import datetime as dt

import polars as pl

from domivka.payments import api
from domivka.payments.queries.days import paid_days
from tests.database.payments.bank import create, hear, mark_started
from tests.database.payments.town import AT, NOV, OCT, House


def test_register_counts_the_day_of_the_payment_and_another_months_row_is_not_of_this(house: House) -> None:
    rows = [
        api.RegisterRow(1, "d1", "77-00101", 300_00, dt.date(2026, 11, 2)),
        api.RegisterRow(2, "d2", "77-00101", 200_00, dt.date(2026, 11, 2)),
        api.RegisterRow(3, "d3", "77-00101", 100_00, dt.date(2026, 10, 31)),
    ]
    api.record_register(town_id=house.town_id, bank="oschad", batch="b", rows=rows, at=AT)
    housing = pl.Series([house.services["housing"]])

    assert paid_days(housing, NOV).rows() == [(house.services["housing"], 2, 500_00)]
    assert paid_days(housing, OCT).rows() == [(house.services["housing"], 31, 100_00)]
    api.reverse_register(bank="oschad", batch="b", at=AT)
    assert paid_days(housing, NOV).is_empty()


def test_payment_of_ours_counts_the_day_in_kyiv(house: House) -> None:
    late = dt.datetime(2026, 11, 5, 22, 30, tzinfo=dt.UTC)  # half past midnight of the 6th in Kyiv
    intent_id = create(house, {"water": 500_00}, at=late)
    mark_started(intent_id)
    hear(intent_id, "success", at=late)

    assert paid_days(pl.Series([house.services["water"]]), NOV).rows() == [(house.services["water"], 6, 500_00)]
    hear(intent_id, "reversed", at=late)
    assert paid_days(pl.Series([house.services["water"]]), NOV).is_empty()
