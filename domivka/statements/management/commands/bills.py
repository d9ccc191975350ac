"""`domivka bills --period YYYY-MM`: issue the bills of a month and rotate the authorisation keys."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from domivka.kernel import clock
from domivka.kernel.pace import pace
from domivka.kernel.period import Period
from domivka.registry.models import Town
from domivka.statements.api import BillDoesNotAddUp, IssuingCancelled, issue_bills


class Command(BaseCommand):
    help = "Issue the bills of a month; homes that have theirs keep it; after a stop or a kill: the rest."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", required=True, help="YYYY-MM")
        parser.add_argument("--workers", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = Period.parse(options["period"])
        except ValueError as error:
            raise CommandError(f"--period: {error}") from error
        for town in Town.objects.order_by("pk"):
            self.began = time.monotonic()
            try:
                issued = issue_bills(
                    town_id=town.pk, period=period, at=clock.now(), workers=options["workers"], progress=self._progress
                )
            except (BillDoesNotAddUp, IssuingCancelled) as error:
                raise CommandError(f"{town.name}: {type(error).__name__}: {error}") from error
            self.stdout.write(f"{town.name}: {issued.bills} bills, {issued.to_pay} грн to pay")

    def _progress(self, done: int, total: int) -> None:
        so_far = pace(done=done, total=total, seconds=time.monotonic() - self.began)
        self.stdout.write(f"home {done} of {total}, {so_far.seconds_left or 0:.0f} s left")
