"""`domivka import`: what it prints and how it refuses."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from domivka.exchange.models import ImportBatch
from domivka.ledger.models import Transaction
from tests.database.exchange.town import GOOD, KATOTTG, SECOND, add_addresses, gaz_csv, make_town

pytestmark = pytest.mark.django_db
STRANGER = "009999999;Х;Неіснуюча;404;4;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96"


def run(file: Path, *options: str, period: str = "2026-10", preset: str = "gaz") -> dict[str, Any]:
    out = StringIO()
    call_command("import", str(file), "--preset", preset, "--period", period, "--json", *options, stdout=out)
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gaz.csv"
    path.write_bytes(gaz_csv(GOOD, SECOND, STRANGER))
    return path


def test_import_prints_control_totals_and_applies(file: Path) -> None:
    add_addresses(make_town(), [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])

    summary = run(file)

    assert {key: summary[key] for key in ("rows", "well_formed", "rejected", "unknown_accounts", "state")} == {
        "rows": 3,
        "well_formed": 3,
        "rejected": 0,
        "unknown_accounts": 1,
        "state": "applied",
    }
    assert summary["totals"]["charged"] == "931.32"
    assert run(file)["state"] == "applied before"
    assert Transaction.objects.count() == 1


def test_file_of_strangers_is_kept_and_nothing_is_applied(tmp_path: Path) -> None:
    make_town()
    path = tmp_path / "gaz.csv"
    path.write_bytes(gaz_csv(STRANGER))

    summary = run(path)

    assert (summary["state"], summary["well_formed"], summary["unknown_accounts"]) == ("nothing to apply", 1, 1)
    assert ImportBatch.objects.get().state == "checked"
    assert Transaction.objects.count() == 0


def test_dry_run_writes_nothing(file: Path) -> None:
    make_town()

    assert run(file, "--dry-run")["state"] == "dry run"
    assert ImportBatch.objects.count() == 0


def test_plain_output_is_for_people(file: Path) -> None:
    out = StringIO()

    call_command("import", str(file), "--preset", "gaz", "--period", "2026-10", "--dry-run", stdout=out)

    assert "Правильних: 3" in out.getvalue()
    assert "Нараховано: 931.32 грн" in out.getvalue()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"period": "жовтень"}, "Напишіть його як 2026-10"),
        ({"preset": "nothing"}, "Немає шаблону"),
        ({"preset": "teplo"}, "читає файли XLS"),
        ({"period": "2026-09"}, "Файл за жовтень 2026, а ви обрали вересень 2026"),
    ],
)
def test_refusal_is_one_clear_sentence(file: Path, options: dict[str, str], problem: str) -> None:
    make_town()

    with pytest.raises(CommandError, match=problem):
        run(file, **options)
    assert Transaction.objects.count() == 0


def test_missing_and_empty_files_are_refused(tmp_path: Path) -> None:
    make_town()
    (tmp_path / "empty.csv").write_bytes(b"")

    with pytest.raises(CommandError, match="не вдалося відкрити"):
        run(tmp_path / "none.csv")
    with pytest.raises(CommandError, match="порожній"):
        run(tmp_path / "empty.csv")


def test_town_must_be_named_when_there_are_several(file: Path) -> None:
    with pytest.raises(CommandError, match="Ще немає жодного міста"):
        run(file)
    make_town()
    make_town("UA05020030010063858")
    with pytest.raises(CommandError, match="Міст кілька"):
        run(file)
    with pytest.raises(CommandError, match="UA00000000000000000 немає"):
        run(file, "--town", "UA00000000000000000")

    assert run(file, "--town", KATOTTG, "--dry-run")["rows"] == 3
