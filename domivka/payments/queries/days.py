"""On which day people paid: what penalty is counted by."""

from __future__ import annotations

from typing import Final

import polars as pl

from domivka.kernel.frames import id_array, read_frame
from domivka.kernel.period import Period
from domivka.tariffs.rules.overdue import PAID

# A register's row: the day it says the person paid, not the day of the file. A payment of ours: the day it was confirmed, in
# Kyiv. A transaction that was taken back paid nothing.
_DAYS_SQL: Final = """
SELECT o.id, coalesce(r.paid_on, (p.recorded_at AT TIME ZONE 'Europe/Kyiv')::date) - %(first_day)s + 1, sum(l.amount_kop)::bigint
FROM unnest(%(services)s::bigint[]) AS o (id)
CROSS JOIN LATERAL (SELECT id FROM ledger_account WHERE kind = 'personal' AND owner_id = o.id OFFSET 0) a
CROSS JOIN LATERAL (
    SELECT DISTINCT p.transaction_id, t.recorded_at
    FROM ledger_posting p JOIN ledger_transaction t ON t.id = p.transaction_id AND t.cause IN ('payment', 'register')
    WHERE p.account_id = a.id AND p.period = %(period)s AND p.kind = 'payment'
      AND NOT EXISTS (SELECT FROM ledger_transaction back WHERE back.reverses_id = t.id) OFFSET 0
) p
CROSS JOIN LATERAL (
    SELECT amount_kop, register_payment_id FROM payments_allocation
    WHERE ledger_transaction_id = p.transaction_id AND account_service_id = o.id OFFSET 0
) l
LEFT JOIN payments_registerpayment r ON r.id = l.register_payment_id
WHERE r.id IS NULL OR r.paid_on BETWEEN %(first_day)s AND %(last_day)s
GROUP BY 1, 2
"""


def paid_days(account_service_ids: pl.Series, period: Period) -> pl.DataFrame:
    """What the account services (sorted) paid in a month by days (`PAID`); payments taken back left out. One query."""
    return read_frame(
        query=_DAYS_SQL,
        parameters={
            "services": id_array(account_service_ids),
            "period": int(period),
            "first_day": period.first_day,
            "last_day": period.last_day,
        },
        schema=PAID,
    )
