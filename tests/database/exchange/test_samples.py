"""The provider files beside the repository: control totals equal the manifest, and the ledger reaches them."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.registry.models import AccountService
from tests.database.exchange.town import KATOTTG, OCT, SAMPLES, add_addresses, make_town

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.exists(), reason="the sample files are not beside the repository"),
]
FILES = ["vodokanal.dbf", "teplo.xls", "gaz.csv", "oblenergo.csv", "housing.xlsx", "oschad.dbf"]


def run(file: str, *options: str, period: str = "2026-10") -> dict[str, Any]:
    out = StringIO()
    preset = file.split(".")[0]
    call_command("import", str(SAMPLES / file), "--preset", preset, "--period", period, "--json", *options, stdout=out)
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


def manifest(file: str) -> dict[str, Any]:
    entry: dict[str, Any] = json.loads((SAMPLES / "manifest.json").read_text())["files"][file]
    entry.pop("note")
    return entry


def expected_of(part: dict[str, Any]) -> dict[str, Any]:
    return {**{key: part["totals"][key] for key in part["totals"] if key in ("charged", "paid", "closing", "total")}, **{
        key: part[key] for key in ("rows", "well_formed")
    }}  # fmt: skip


@pytest.fixture
def town() -> int:
    """The addresses are those of the water file."""
    made = make_town()
    rows = exchange.examine(
        (SAMPLES / "vodokanal.dbf").read_bytes(),
        preset=exchange.load_preset("vodokanal"),
        period=OCT,
        town_id=None,
        provider_ids={},
    ).rows
    add_addresses(
        made,
        [
            (kind, name, building, flat)
            for street, building, flat in rows.select("street", "building", "flat").unique().iter_rows()
            for kind, name in [street.split(" ", 1)]
        ],
    )
    return made


@pytest.mark.parametrize("file", [file for file in FILES if file != "housing.xlsx"])
def test_dry_run_without_a_town_gives_the_totals_of_the_manifest(file: str) -> None:
    assert expected_of(run(file, "--dry-run")) == manifest(file)
    assert ImportBatch.objects.count() == 0


def test_dry_run_of_two_sheets_gives_totals_of_each() -> None:
    summary = run("housing.xlsx", "--dry-run")

    for name in ("Управління", "Відходи"):
        expected = manifest(f"housing.xlsx#{name}")
        assert {key: summary["sheets"][name][key] for key in expected} == expected
    assert summary["totals"]["charged"] == "383987.30"
    assert (summary["rows"], summary["well_formed"]) == (1200, 1200)


def test_samples_apply_and_the_ledger_reaches_every_closing_balance(town: int) -> None:
    for file in FILES[:5]:
        summary = run(file, "--town", KATOTTG)
        assert (summary["state"], summary["differences"]) == ("applied", 0), file
        assert summary["unknown_accounts"] == (1 if file == "gaz.csv" else 0)
        batch = ImportBatch.objects.get(pk=summary["batch"])
        owners = AccountService.objects.filter(account__provider=batch.provider_id).values_list("pk", flat=True)
        closing = sum(money.kop for money in ledger.balances(account_service_ids=list(owners), through=OCT).values())
        unknown = ImportRow.objects.filter(batch=batch, state="unknown").first()
        left_out = unknown.closing_kop if unknown and unknown.closing_kop else 0
        assert f"{(closing + left_out) / 100:.2f}" == summary["totals"]["closing"]

    assert AccountService.objects.count() == 1800 + 960 + 400 + 600 + 1200
    register = run("oschad.dbf", period="2026-11")
    assert (register["credited"], register["suspended"], register["suspended_kop"]) == (150, 1, 1000)
    assert register["totals"] == {"total": "69601.81"}


def test_same_sample_again_changes_nothing(town: int) -> None:
    first = run("gaz.csv")
    again = run("gaz.csv")

    assert again["state"] == "applied before"
    assert again["batch"] == first["batch"]
    assert ImportBatch.objects.count() == 1


def test_sample_of_another_month_is_refused(town: int) -> None:
    with pytest.raises(exchange.WrongPeriod, match="Файл за жовтень 2026, а ви обрали вересень 2026"):
        exchange.examine(
            (SAMPLES / "teplo.xls").read_bytes(),
            preset=exchange.load_preset("teplo"),
            period=Period(202609),
            town_id=town,
            provider_ids={},
        )
