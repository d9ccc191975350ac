"""Jobs of the ledger."""

from __future__ import annotations

import datetime as dt

from django.db.models import Min
from procrastinate.contrib.django import app

from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.ledger import operations, summaries
from domivka.ledger.models import MonthSummary
from domivka.registry.models import Town


@app.task(name="ledger.summarise", retry=3)
def summarise(*, town_id: int, period: int, asked_at: str | None = None) -> None:
    """Sums by building of a month and of the later ones that are kept, where the journal has moved; the month anew when
    its sums are older than `asked_at`."""
    kept = summaries.summary_state(town_id=town_id, period=Period(period))
    if asked_at and (kept is None or kept.made_at < dt.datetime.fromisoformat(asked_at)):
        summaries.summarise(town_id=town_id, period=Period(period), at=clock.now())
    summaries.summarise_from(town_id=town_id, period=Period(period), at=clock.now())


@app.periodic(cron="10 2 * * *")
@app.task(name="ledger.summarise_all", queueing_lock="ledger.summarise_all")
def summarise_all(timestamp: int) -> None:
    """Every night: the month under way and the one before anew, for homes that moved too; older ones that changed."""
    now = clock.now()
    for town_id in Town.objects.order_by("pk").values_list("pk", flat=True):
        recent = [clock.current_period().previous, clock.current_period()]
        for period in recent:
            summaries.summarise(town_id=town_id, period=period, at=now)
        first = MonthSummary.objects.filter(town_id=town_id).aggregate(first=Min("period"))["first"]
        summaries.summarise_from(town_id=town_id, period=Period(first), at=now)


@app.periodic(cron="* * * * *")
@app.task(name="ledger.fold", queue="maintenance", queueing_lock="ledger.fold")
def fold(timestamp: int) -> None:
    """Every minute: what payments added to shared accounts goes into their balances, so that reading them stays cheap."""
    operations.fold()
