"""`domivka print`: files from the terminal, stopped by Ctrl-C, finished by --resume, killed at any moment."""

from __future__ import annotations

import io
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from domivka.statements import api as statements
from domivka.statements.models import PrintPart, PrintRun
from tests.database.billing.town import AT, OCT
from tests.database.statements.test_printing import files_of, finished, issued_house


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.DOMIVKA_HOME = tmp_path


def told(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command("print", *arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


@pytest.mark.django_db
def test_command_makes_the_files_of_a_month_and_tells_how_far_it_is() -> None:
    issued_house(3)

    words = told("--period", "2026-10", "--workers", "1")

    run = PrintRun.objects.get()
    assert run.state == "done"
    assert "0 з 3 рахунків" in words
    assert re.search(r"3 з 3 рахунків, \d+ за (секунду|хвилину)", words)
    assert f"Друк № {run.pk} завершено" in words
    assert len(files_of(run.pk)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--period", "жовтень"], "Напишіть місяць так: 2026-10."),
        (["--period", "2026-10", "--town", "UA0"], "Назвіть одне місто"),
        (["--period", "2026-09"], "Паперових рахунків для друку немає."),
        (["--resume", "0"], "Немає такого друку."),
    ],
)
def test_command_says_why_it_cannot_print(arguments: list[str], words: str) -> None:
    issued_house(1)

    with pytest.raises(CommandError, match=re.escape(words)):
        told(*arguments)


@pytest.mark.django_db
def test_interrupted_command_stops_between_files_and_goes_on_when_resumed() -> None:
    house = issued_house(3)
    whole = files_of(finished(house, part_size=1))
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT, part_size=1)

    class Impatient(io.StringIO):
        """Someone who presses Ctrl-C when the first file is ready."""

        def write(self, text: str) -> int:
            if text.startswith("1 з 3"):
                os.kill(os.getpid(), signal.SIGINT)
            return super().write(text)

    with pytest.raises(CommandError, match=f"--resume {run_id}"):
        call_command("print", "--resume", str(run_id), "--workers", "1", stdout=Impatient(), stderr=io.StringIO())
    stopped, made = PrintRun.objects.get(pk=run_id).state, PrintPart.objects.filter(run_id=run_id, done_at=None).count()
    told("--resume", str(run_id), "--workers", "1")

    assert (stopped, made) == ("cancelled", 1)
    assert files_of(run_id) == whole


PRINTING = """
import sys
from pathlib import Path
import django
django.setup()
from django.conf import settings
from django.db import connection
settings.DOMIVKA_HOME = Path(sys.argv[1])
connection.settings_dict["NAME"] = sys.argv[2]
from domivka.statements import api as statements
from tests.database.billing.town import AT
statements.print_all(run_id=int(sys.argv[3]), at=AT, progress=lambda done, total: print(done, flush=True))
"""


@pytest.mark.django_db(transaction=True)
def test_print_killed_at_random_moments_gives_the_same_files(tmp_path: Path) -> None:
    house = issued_house(8)
    whole = files_of(finished(house, part_size=1))
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT, part_size=1)
    moments = [random.uniform(0, 0.06) for _ in range(3)]
    database = str(connection.settings_dict["NAME"])

    killed = 0
    for moment in moments:
        running = subprocess.Popen(
            [sys.executable, "-c", PRINTING, str(tmp_path), database, str(run_id)],
            env={**os.environ, "PYTHONPATH": "."},
            stdout=subprocess.PIPE,
        )
        assert running.stdout is not None
        running.stdout.readline()  # it begins
        time.sleep(moment)
        running.kill()
        killed += running.wait() == -signal.SIGKILL
        running.stdout.close()
    statements.print_all(run_id=run_id, at=AT)

    assert killed > 0, "a process must die before it ends, or this test proves nothing"
    assert PrintRun.objects.get(pk=run_id).state == "done"
    assert files_of(run_id) == whole, moments
