"""What benefits covered in a month's charges of a provider; recalculations stand among corrections and are not in it."""

from __future__ import annotations

from typing import Final

from django.db import connection

from domivka.kernel.money import Money
from domivka.kernel.period import Period

# From the accounts that ever had a benefit, by index to their lines of the month.
_LINES: Final = """
FROM (
    SELECT DISTINCT b.account_id FROM tariffs_benefit b
    JOIN registry_personalaccount a ON a.id = b.account_id AND a.provider_id = %(provider)s
) o
JOIN registry_accountservice s ON s.account_id = o.account_id
JOIN billing_charge_line l ON l.account_service_id = s.id AND l.period = %(period)s AND l.kind = 'benefit'
"""


def benefits_by_category(*, provider_id: int, period: Period) -> list[tuple[str, int, Money]]:
    """(category, accounts, covered) of the month's charges; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT l.base_kind, count(DISTINCT s.account_id), -sum(l.amount_kop)::bigint {_LINES} GROUP BY 1 ORDER BY 1",
            {"provider": provider_id, "period": int(period)},
        )
        return [(category, accounts, Money(kop)) for category, accounts, kop in cursor.fetchall()]


def benefits_by_account(*, provider_id: int, period: Period) -> dict[tuple[int, str], Money]:
    """Covered by personal account and category; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.account_id, l.base_kind, -sum(l.amount_kop)::bigint {_LINES} GROUP BY 1, 2",
            {"provider": provider_id, "period": int(period)},
        )
        return {(account, category): Money(kop) for account, category, kop in cursor.fetchall()}
