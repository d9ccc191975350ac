"""`domivka print --period YYYY-MM [--town KATOTTG] [--workers N]`, `domivka print --resume RUN`: print files."""

from __future__ import annotations

import signal
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.kernel.pace import pace
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.statements import api as statements


class Command(BaseCommand):
    help = "Make the print files of a month's paper bills. Ctrl-C stops after the files being made; --resume goes on."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--period", metavar="YYYY-MM", help="begin a run of this month's bills")
        what.add_argument("--resume", type=int, metavar="RUN", help="finish a run that was stopped or killed")
        parser.add_argument("--town", default="", metavar="KATOTTG", help="needed when there are several towns")
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--no-address-side", action="store_true", help="without the back that shows in an envelope")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 with one sentence when there is nothing to print, or when it was stopped."""
        try:
            run_id = self._start(options) if options["resume"] is None else options["resume"]
            if options["resume"] is not None:
                statements.resume_print(run_id=run_id, at=clock.now(), user_id=None)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.began, self.before, self.run_id, self.stopping = time.monotonic(), -1, run_id, False
        usual = signal.signal(signal.SIGINT, self._stop)
        try:
            statements.print_all(run_id=run_id, workers=options["workers"], progress=self._progress)
        finally:
            signal.signal(signal.SIGINT, usual)
        folder = statements.file_of(run_id=run_id, number=1).parent
        if statements.open_parts(run_id=run_id):
            raise CommandError(f"Друк зупинено. Щоб продовжити: domivka print --resume {run_id}")
        self.stdout.write(f"Друк № {run_id} завершено, файли в {folder}")

    def _start(self, options: dict[str, Any]) -> int:
        try:
            period = Period.parse(options["period"])
        except ValueError as error:
            raise CommandError("Напишіть місяць так: 2026-10.") from error
        towns = [town for town in registry.towns() if options["town"] in ("", town.katottg)]
        if len(towns) != 1:
            raise CommandError(f"Назвіть одне місто: --town КАТОТТГ (підходить {len(towns)}).")
        return statements.start_print(
            town_id=towns[0].id, period=period, at=clock.now(), address_side=not options["no_address_side"]
        )

    def _stop(self, *_signal: object) -> None:
        self.stopping = True
        self.stderr.write("\nЗупиняємо після файлів, які вже почато…")

    def _progress(self, done: int, total: int) -> None:
        """A line that is written over in a terminal. The run is stopped here, between two files."""
        if self.stopping:
            self.stopping = False
            statements.cancel_print(run_id=self.run_id, at=clock.now(), user_id=None)
        if self.before < 0:
            self.before = done
        now = pace(done=done - self.before, total=total - self.before, seconds=time.monotonic() - self.began)
        words = ", ".join(
            filter(None, [f"{done} з {total} рахунків", now.rate_words, now.left_words if done < total else ""])
        )
        self.stdout.write(words, ending="\r" if sys.stdout.isatty() and done < total else "\n")
