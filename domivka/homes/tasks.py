"""Jobs of homes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.homes import share_letters
from domivka.kernel import clock


@app.periodic(cron="20 7 * * *")
@app.task(name="homes.remind_of_shares", queueing_lock="homes.remind_of_shares")
def remind_of_shares(timestamp: int) -> None:
    """Every morning: access of helpers that ends in a week. It closes by time, with or without this job."""
    share_letters.remind_of_the_end(at=clock.now())
