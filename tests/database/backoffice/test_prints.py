"""Pages of the print run: their queries, their lists page by page, the order of columns chosen by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import prints
from domivka.identity.models import Role, RoleGrant
from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.statements import api as statements
from domivka.statements.models import DeliveryRoute, PrintPart, PrintRun
from tests.builders import Town, person

pytestmark = pytest.mark.django_db
WHEN = "2026-11-04T09:00:00Z"


@pytest.fixture
def operator(client: Client) -> Client:
    user = person()
    RoleGrant.objects.create(user=user, role=Role.OPERATOR, scope_id=None)
    client.force_login(user)
    return client


def begun(town: Town, *, files: int = 1) -> int:
    run = PrintRun.objects.create(town=town.row, period=Period(202610), started_at=WHEN, resumed_at=WHEN)
    for number in range(1, files + 1):
        PrintPart.objects.create(
            run=run, number=number, first=number, last=number, bill_ids=[number], to_pay_kop=1_00, charged_kop=1_00
        )
    return run.pk


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_runs_costs_a_fixed_number_of_queries(
    count: int, operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    town = Town()
    for _ in range(count):
        begun(town)

    with django_assert_num_queries(10):
        answer = operator.get("/staff/prints/")

    assert answer.content.decode().count("жовтень 2026 · №") == count


@pytest.mark.parametrize("files", [1, 3])
def test_page_of_a_run_costs_a_fixed_number_of_queries(
    files: int, operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run_id = begun(Town(), files=files)

    with django_assert_num_queries(9):
        answer = operator.get(f"/staff/prints/{run_id}/")

    assert answer.content.decode().count("ще готується") == files


@pytest.mark.parametrize("count", [1, 3])
def test_routes_cost_a_fixed_number_of_queries(
    count: int, operator: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    town = Town()
    for number in range(count):
        DeliveryRoute.objects.create(town=town.row, name=f"Дільниця {number}", kind="courier")

    with django_assert_num_queries(10):
        answer = operator.get(f"/staff/towns/{town.row.pk}/routes/")

    assert answer.content.decode().count('<th scope="row">Дільниця') == count


def test_long_lists_are_shown_page_by_page(operator: Client) -> None:
    town = Town()
    run_id = begun(town, files=101)
    for _ in range(30):
        begun(town)

    first, second = (operator.get(f"/staff/prints/?page={number}").content.decode() for number in (1, 2))
    files = operator.get(f"/staff/prints/{run_id}/?page=2").content.decode()

    assert first.count("жовтень 2026 · №") == 30
    assert second.count("жовтень 2026 · №") == 1
    assert f"№ {run_id}<" in second
    assert files.count("ще готується") == 1
    assert "101 · ще готується" in files
    assert prints.count() == 31


def test_file_of_bills_that_was_taken_is_in_the_trail(operator: Client, settings: Settings, tmp_path: Path) -> None:
    settings.DOMIVKA_HOME = tmp_path
    town = Town()
    run_id = begun(town, files=2)
    assert operator.get(f"/staff/prints/{run_id}/files/2.pdf").status_code == 404
    assert not AuditEntry.objects.filter(action="statements.print_file_read").exists()
    PrintPart.objects.filter(run_id=run_id, number=2).update(done_at=WHEN)
    path = statements.file_of(run_id=run_id, number=2)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"%PDF")

    taken = operator.get(f"/staff/prints/{run_id}/files/2.pdf")

    assert b"".join(taken.streaming_content) == b"%PDF"  # type: ignore[attr-defined]  # it is a file
    entry = AuditEntry.objects.get(action="statements.print_file_read")
    assert (entry.object_kind, entry.object_id, entry.town_id) == ("print_run", str(run_id), town.row.pk)
    assert (entry.is_read, entry.detail) == (True, {"file": 2})
    page = operator.get("/staff/audit/").content.decode()
    assert "Завантажено файл друку з рахунками" in page
    assert f"друк рахунків {run_id}" in page


def chosen(**places: str) -> dict[str, str]:
    """The form of the design with the usual order, but for these places."""
    usual = {f"column_{number}": name for number, name in enumerate(statements.COLUMNS, start=1)}
    return {"colour": "#1e4f91", **usual, **places}


def test_order_of_columns_is_chosen_by_their_names(operator: Client) -> None:
    town = Town()
    path = f"/staff/towns/{town.row.pk}/bill-design/"

    page = operator.get(path).content.decode()
    answer = operator.post(path, chosen(column_7="debt", column_8="charged"))

    assert page.count(">Борг або переплата</option>") == len(statements.COLUMNS)
    assert answer.status_code == 302
    assert statements.look_of(town_id=town.row.pk).columns[6:8] == ("debt", "charged")


def test_column_chosen_twice_is_refused_by_its_name(operator: Client) -> None:
    town = Town()

    answer = operator.post(f"/staff/towns/{town.row.pk}/bill-design/", chosen(column_7="debt"))

    assert answer.status_code == 400
    assert "Двічі: Борг або переплата. Бракує: Нараховано." in answer.content.decode()
    assert statements.look_of(town_id=town.row.pk) == statements.Look()
