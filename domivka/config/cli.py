"""The command `domivka`: Domivka's own processes and tools, and Django's commands, with the database running first."""

from __future__ import annotations

import importlib
import os
import sys

from domivka.config import environment, postgres

# Commands that are not Django's: the module whose `main(argv) -> int` does it.
OWN = {
    "messages": "domivka.config.messages",
}
WITHOUT_DATABASE = {"messages"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "domivka.config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_DATABASE and not environment.text("DATABASE_URL"):
        postgres.start(environment.home())
    if command in OWN:
        sys.exit(importlib.import_module(OWN[command]).main(sys.argv[2:]))
    from django.core.management import execute_from_command_line  # settings must be named before this import

    execute_from_command_line(sys.argv)
