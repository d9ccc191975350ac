"""`domivka run --period YYYY-MM`: the monthly charge run in this process."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from domivka.billing.api import MonthNotOver, RunCancelled, run_month
from domivka.kernel import clock
from domivka.kernel.money import Money
from domivka.kernel.pace import pace
from domivka.kernel.period import Period
from domivka.registry.models import Town


class Command(BaseCommand):
    help = "Charge a month of every calculated service; again: post what changed; after a kill: finish."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", required=True, help="YYYY-MM")
        parser.add_argument("--town", default="", help="KATOTTG; needed when there are several towns")
        parser.add_argument("--workers", type=int, default=1)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = Period.parse(options["period"])
        except ValueError as error:
            raise CommandError(f"--period: {error}") from error
        towns = Town.objects.filter(katottg=options["town"]) if options["town"] else Town.objects.all()
        if len(towns) != 1:
            raise CommandError(f"{len(towns)} towns fit; name one with --town KATOTTG")
        self.began = time.monotonic()
        progress = None if options["json"] else self._progress
        try:
            report = run_month(
                town_id=towns[0].pk, period=period, at=clock.now(), workers=options["workers"], progress=progress
            )
        except (MonthNotOver, RunCancelled) as error:
            raise CommandError(f"{type(error).__name__}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps({**dataclasses.asdict(report), "period": str(period)}))
        elif report.run_id is None:
            self.stdout.write(f"{period}: nothing has changed since it was charged")
        else:
            what = "charged" if report.revision == 1 else f"corrected (revision {report.revision})"
            self.stdout.write(f"{period} {what}: {report.lines} lines, {Money(report.amount_kop)} грн")

    def _progress(self, done: int, total: int) -> None:
        so_far = pace(done=done, total=total, seconds=time.monotonic() - self.began)
        self.stdout.write(f"range {done} of {total}, {so_far.seconds_left or 0:.0f} s left")
