"""The command `domivka`: Django's commands, with the embedded server running before any of them."""

from __future__ import annotations

import os
import sys

from domivka.config import environment, postgres


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "domivka.config.settings")
    from django.core.management import execute_from_command_line  # settings must be named before this import

    if not environment.text("DATABASE_URL"):
        postgres.start(environment.home())
    execute_from_command_line(sys.argv)
