"""Long jobs that an operator starts and watches: the month's run and the proof of the ledger."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from domivka.kernel import audit
from domivka.kernel.models import JobProgress
from domivka.ledger import api as ledger

VERIFY = "verify"


def start_verification(*, user_id: int, at: dt.datetime) -> None:
    """Queue the proof of the ledger unless one is under way."""
    from domivka.backoffice.tasks import verify_ledger  # tasks import this module

    with transaction.atomic():
        row, _ = JobProgress.objects.select_for_update().get_or_create(kind=VERIFY, subject_id="ledger")
        if row.state == JobProgress.State.RUNNING or (row.state == JobProgress.State.WAITING and row.updated_at):
            return
        row.state, row.message, row.done, row.total = JobProgress.State.WAITING, "", 0, 1
        row.updated_at, row.finished_at = at, None
        row.save()
        audit.record(at=at, actor_id=user_id, action="ledger.verify", object_kind="ledger", object_id="all")
        verify_ledger.defer()


def verify(*, at: dt.datetime) -> list[ledger.Finding]:
    """Prove the ledger and keep what was found where the operator's page shows it."""
    JobProgress.objects.filter(kind=VERIFY, subject_id="ledger").update(
        state=JobProgress.State.RUNNING, started_at=at, updated_at=at
    )
    findings = ledger.verify()
    JobProgress.objects.filter(kind=VERIFY, subject_id="ledger").update(
        state=JobProgress.State.FAILED if findings else JobProgress.State.DONE,
        done=1,
        message="\n".join(f"{finding.kind}: {finding.where}" for finding in findings),
        finished_at=at,
        updated_at=at,
    )
    return findings


def verification() -> JobProgress | None:
    """The last proof, or the one under way."""
    return JobProgress.objects.filter(kind=VERIFY, subject_id="ledger").first()
