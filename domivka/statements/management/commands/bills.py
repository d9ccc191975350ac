"""`domivka bills --period YYYY-MM`: issue the bills of a month and rotate the authorisation keys."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.registry.models import Town
from domivka.statements.api import issue_bills


class Command(BaseCommand):
    help = "Issue the bills of a month; premises that have theirs keep it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--period", required=True, help="YYYY-MM")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            period = Period.parse(options["period"])
        except ValueError as error:
            raise CommandError(f"--period: {error}") from error
        for town in Town.objects.order_by("pk"):
            issued = issue_bills(town_id=town.pk, period=period, at=clock.now())
            self.stdout.write(f"{town.name}: {issued.bills} bills, {issued.to_pay} грн to pay")
