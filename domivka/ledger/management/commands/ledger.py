"""`domivka ledger verify` and `domivka ledger seal`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from domivka.kernel import clock
from domivka.ledger.api import seal, verify


class Command(BaseCommand):
    help = "verify: prove that the journal balances, equals the balances and was not edited. seal: chain what is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["verify", "seal"])
        parser.add_argument("--workers", type=int, default=1, help="processes that verify (1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "seal":
            self.stdout.write(f"sealed {seal(at=clock.now())} transactions")
            return
        findings = verify(workers=options["workers"])
        for finding in findings:
            self.stdout.write(f"{finding.kind}: {finding.where}")
        if findings:
            raise CommandError(f"the ledger does not hold: {len(findings)} findings")
        self.stdout.write(
            "the ledger holds: every transaction balances, balances equal the journal, the chain is whole"
        )
