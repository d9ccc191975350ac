"""Jobs of backoffice."""

from __future__ import annotations

from procrastinate.contrib.django import app

from domivka.backoffice import jobs
from domivka.kernel import clock


@app.task(name="backoffice.verify_ledger")
def verify_ledger() -> None:
    """Prove the ledger; findings stay on the operator's page."""
    jobs.verify(at=clock.now())
