# ruff: noqa: N999 - the command is called `import`, and so is its module
"""`domivka import --preset NAME --period YYYY-MM [--dry-run] [--json] [--town KATOTTG] FILE`."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from domivka.exchange import api as exchange
from domivka.exchange import progress
from domivka.exchange.operations.staging import provider_ids
from domivka.exchange.queries import batches
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.kernel.pace import pace
from domivka.kernel.period import Period
from domivka.registry import api as registry


class Command(BaseCommand):
    help = "Read a provider's file or a bank register: check it, and apply it unless --dry-run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--preset", required=True, metavar="NAME", help=", ".join(exchange.preset_names()))
        parser.add_argument("--period", required=True, metavar="YYYY-MM", help="the month of the file")
        parser.add_argument("--dry-run", action="store_true", help="only read and check, write nothing")
        parser.add_argument("--json", action="store_true", help="print the summary as JSON")
        parser.add_argument("--town", default="", metavar="KATOTTG", help="needed when there are several towns")

    def handle(self, *args: object, **options: Any) -> None:
        """Exit code 1 with one sentence when the file cannot be taken."""
        try:
            summary = self._run(options)
        except DomainError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(summary, ensure_ascii=False, indent=1))
        else:
            self._print(summary)

    def _run(self, options: dict[str, Any]) -> dict[str, Any]:
        preset, period = exchange.load_preset(options["preset"]), _period(options["period"])
        content = _content(options["file"])
        if options["dry_run"]:
            town_id = _town_id(options["town"], required=False)
            codes = provider_ids(town_id) if town_id else {}
            found = exchange.examine(content, preset=preset, period=period, town_id=town_id, provider_ids=codes)
            return {**found.summary, "state": "dry run"}
        town_id = _town_id(options["town"], required=True)
        assert town_id is not None  # noqa: S101 - required
        uploaded = exchange.upload(
            town_id=town_id, preset=preset.name, period=period, file_name=options["file"].name, content=content,
            user_id=None, at=clock.now(),
        )  # fmt: skip
        row = batches(scope=exchange.Scope(everything=True)).get(pk=uploaded.batch_id)
        if row.state == "applied":
            return {**row.totals, "batch": row.pk, "state": "applied before"}
        summary = self._told(row.pk, lambda told: exchange.check(batch_id=row.pk, at=clock.now(), report=told))
        if preset.kind == "balances" and summary["well_formed"] == summary["unknown_rows"]:
            return {**summary, "batch": row.pk, "state": "nothing to apply"}
        summary = self._told(
            row.pk, lambda told: exchange.apply(batch_id=row.pk, user_id=None, at=clock.now(), report=told)
        )
        return {**summary, "batch": row.pk, "state": "applied"}

    def _told(self, batch_id: int, work: Callable[[progress.Report], dict[str, Any]]) -> dict[str, Any]:
        """Shown here and on the page of the import; either stops it, here by Ctrl-C."""
        progress.waiting(batch_id, stage="")
        return progress.told(batch_id, work, also=self._report)

    def _report(self, stage: str, done: int, total: int) -> None:
        if done == 0:
            self._started = time.monotonic()
        if sys.stderr.isatty():
            speed = pace(done=done, total=total, seconds=time.monotonic() - self._started)
            counted = f"{done:,} / {total:,}".replace(",", " ") if total else ""
            words = " · ".join(part for part in (stage, counted, speed.rate_words, speed.left_words) if part)
            self.stderr.write(f"{words}\033[K", ending="\r" if done < total else "\n")

    def _print(self, summary: dict[str, Any]) -> None:
        words = {
            "rows": "Рядків", "well_formed": "Правильних", "rejected": "Відхилено", "unknown_accounts": "Невідомих рахунків",
            "new_accounts": "Нових рахунків", "differences": "Розбіжностей сальдо",
        }  # fmt: skip
        for key, word in words.items():
            if key in summary:
                self.stdout.write(f"{word}: {summary[key]}")
        names = {"opening": "Сальдо на початок", "charged": "Нараховано", "correction": "Корекції", "penalty": "Пеня",
                 "subsidy": "Субсидія", "benefit": "Пільга",
                 "paid": "Сплачено", "closing": "Сальдо на кінець", "total": "Разом"}  # fmt: skip
        for key, amount in summary["totals"].items():
            self.stdout.write(f"{names[key]}: {amount} грн")
        if readings := summary.get("readings"):
            words = {"found": "Показань лічильників", "taken": "добрих", "same": "відомих", "refused": "не прийнято"}
            self.stdout.write(", ".join(f"{words[key]}: {count}" for key, count in readings.items()))
        states = {"applied": "Застосовано.", "applied before": "Цей файл уже застосовано раніше: нічого не змінено.",
                  "nothing to apply": "Жодного рахунка не знайдено: файл перевірено й збережено, застосувати нічого.",
                  "dry run": "Лише перевірено: нічого не записано."}  # fmt: skip
        self.stdout.write(states[summary["state"]])


def _period(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError:
        raise exchange.UnreadableFile(f"Місяць «{text}» записано не так. Напишіть його як 2026-10.") from None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise exchange.UnreadableFile(f"Файл {path} не вдалося відкрити: {error.strerror}.") from error


def _town_id(katottg: str, *, required: bool) -> int | None:
    towns = registry.towns()
    if katottg:
        found = next((town.id for town in towns if town.katottg == katottg), None)
        if found is None:
            raise exchange.UnknownTown(f"Міста з кодом {katottg} немає.")
        return found
    if len(towns) == 1:
        return towns[0].id
    if required and not towns:
        raise exchange.UnknownTown("Ще немає жодного міста. Створіть місто й надавачів.")
    if towns:
        names = ", ".join(f"{town.name} {town.katottg}" for town in towns)
        raise exchange.UnknownTown(f"Міст кілька. Назвіть одне: --town КАТОТТГ ({names}).")
    return None
