"""What a typed reading costs to price: the whole home by the code of the monthly run, beside one empty round trip.

python -m bench.what_if [accounts]
"""

from __future__ import annotations

import json
import sys
import time
from decimal import Decimal

from bench.rated_town import rated_town

ROUNDS = 200


def measure(accounts: int = 20_000) -> dict[str, float]:
    """Milliseconds of `what_if` for homes all over the town; the reference is `SELECT 1`."""
    with rated_town(accounts) as town_id:
        from django.db import connection  # after django.setup

        from domivka.billing.api import what_if
        from domivka.kernel.period import Period
        from domivka.metering.models import Meter
        from domivka.registry.models import Premises

        homes = list(Premises.objects.filter(town_id=town_id).order_by("pk").values_list("pk", flat=True))
        taken, empty = [], []
        for n in range(ROUNDS):
            home = homes[n * 97 % len(homes)]
            meter = Meter.objects.filter(account_service__account__premises_id=home).earliest("pk").pk
            start = time.perf_counter()
            lines = what_if(premises_id=home, period=Period(202610), readings={(meter, "single"): Decimal(900)})
            taken.append((time.perf_counter() - start) * 1000)
            assert len(lines) >= 5
            start = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            empty.append((time.perf_counter() - start) * 1000)
    taken.sort()
    empty.sort()
    return {
        "accounts": accounts,
        "what_if_p50_ms": round(taken[ROUNDS // 2], 2),
        "what_if_p99_ms": round(taken[ROUNDS * 99 // 100], 2),
        "reference_round_trip_p50_ms": round(empty[ROUNDS // 2], 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(*map(int, sys.argv[1:])), indent=2))
