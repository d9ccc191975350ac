"""The command `domivka`: Domivka's own processes and tools, and Django's commands, with the database running first."""

from __future__ import annotations

import importlib
import os
import sys

from domivka.config import environment, postgres

# Commands that are not Django's: who does it.
OWN = {
    "serve": "domivka.config.processes:serve",
    "worker": "domivka.config.processes:worker",
    "demo": "domivka.config.supervisor:main",
    "sandbox-bank": "domivka.emulators.sandbox_bank:main",
    "liqpay-emulator": "domivka.emulators.liqpay:main",
    "messages": "domivka.config.messages:main",
    "assets": "domivka.config.assets:main",
    "draw-states": "domivka.payments.draw:main",
    "stop": "domivka.config.cli:stop",
}
WITHOUT_DATABASE = {"demo", "sandbox-bank", "liqpay-emulator", "messages", "assets", "draw-states", "stop"}


def stop(argv: list[str]) -> int:
    """Stop the embedded database server of the data folder."""
    postgres.stop(environment.home())
    return 0


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "domivka.config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if command not in WITHOUT_DATABASE and not environment.text("DATABASE_URL"):
            postgres.start(environment.home())
    except postgres.PostgresError as error:
        sys.exit(f"domivka: {error}")
    if command in OWN:
        module, _, function = OWN[command].partition(":")
        sys.exit(getattr(importlib.import_module(module), function)(sys.argv[2:]))
    from django.core.management import execute_from_command_line  # settings must be named before this import

    execute_from_command_line(sys.argv)
