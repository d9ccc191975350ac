"""Print runs: which bills, in which files, that they add up, and that a killed run is finished by the next."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pypdfium2
import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.backoffice import prints
from domivka.billing import api as billing
from domivka.kernel.errors import NotFoundError
from domivka.statements import api as statements
from domivka.statements.models import Bill, BillDesign, DeliveryRoute, PrintPart, PrintRun, RouteBuilding
from tests.database.billing.town import AT, OCT, House

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> None:
    settings.DOMIVKA_HOME = tmp_path


def issued_house(flats: int) -> House:
    house = House(flats=flats)
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    return house


def finished(house: House, **options: int | bool) -> int:
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT, **options)  # type: ignore[arg-type]  # options
    statements.print_all(run_id=run_id, at=AT)
    return run_id


def files_of(run_id: int) -> list[bytes]:
    return [
        statements.file_of(run_id=run_id, number=part.number).read_bytes()
        for part in PrintPart.objects.filter(run_id=run_id).order_by("number")
    ]


def numbers_in(pdf: bytes) -> list[str]:
    """Bill numbers of the pages that have one, in their order."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return [word for page in pages if "РАХУНОК" in page for word in page.split() if word.startswith("202610-")][
        ::2
    ]  # the subtitle and the foot say it


def test_print_run_has_every_paper_bill_once_in_the_order_of_addresses() -> None:
    house = issued_house(3)
    opted_out = house.flats[1].row
    opted_out.paper_bill = False
    opted_out.save()

    run_id = finished(house)

    (pdf,) = files_of(run_id)
    assert numbers_in(pdf) == [
        f"202610-{house.flats[0].row.pk:07d}",
        f"202610-{house.flats[2].row.pk:07d}",
    ]
    assert len(pypdfium2.PdfDocument(pdf)) == 4  # a bill and its address side each


def test_control_totals_of_a_run_are_the_issued_bills_and_the_ledger() -> None:
    house = issued_house(3)
    opted_out = house.flats[1].row
    opted_out.paper_bill = False
    opted_out.save()

    view = prints.one(run_id=finished(house), now=AT)

    rows = {name: (bills, to_pay.kop, charged.kop) for name, bills, to_pay, charged in view.control}
    assert rows["printed"][0] == 2
    assert rows["without_paper"][0] == 1
    assert rows["issued"][0] == 3
    assert rows["issued"][1] == sum(Bill.objects.values_list("to_pay_kop", flat=True))
    assert rows["issued"][2] == view.ledger_charged.kop > 0
    assert view.agrees


def test_control_totals_that_differ_from_the_ledger_are_said() -> None:
    house = issued_house(1)
    Bill.objects.update(charged_kop=1)

    view = prints.one(run_id=finished(house), now=AT)

    assert not view.agrees


def test_files_are_cut_by_route_and_size() -> None:
    house = issued_house(3)
    route = DeliveryRoute.objects.create(town_id=house.id, name="Дільниця 4", kind="courier")
    RouteBuilding.objects.create(building=house.flats[0].row.building, route=route)

    run_id = finished(house, part_size=2)

    parts = [(part.number, part.route, part.kind, part.first, part.last) for part in prints.parts(run_id=run_id)]
    assert parts == [(1, "Дільниця 4", "courier", 1, 2), (2, "Дільниця 4", "courier", 3, 3)]
    (report,) = prints.by_route(prints.parts(run_id=run_id))
    assert (report.route, report.files, report.bills, report.pages) == ("Дільниця 4", 2, 3, 6)
    assert report.to_pay.kop == sum(Bill.objects.values_list("to_pay_kop", flat=True))


def test_print_run_looks_like_the_single_bill() -> None:
    house = issued_house(2)
    BillDesign.objects.create(town_id=house.id, colour="#7a1f5c", heading="Міська рада", notice="Дякуємо.")

    (pdf,) = files_of(finished(house))

    single = pypdfium2.PdfDocument(statements.bill_pdf(premises_id=house.flats[1].row.pk, period=OCT))
    printed = pypdfium2.PdfDocument(pdf)
    assert printed[2].render(scale=2).to_numpy().tobytes() == single[0].render(scale=2).to_numpy().tobytes()


def test_design_of_a_run_is_what_the_town_had_when_it_began() -> None:
    house = issued_house(1)
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT)
    before = files_of(finished_again(run_id))
    BillDesign.objects.create(town_id=house.id, colour="#7a1f5c")
    PrintPart.objects.filter(run_id=run_id).update(done_at=None)

    after = files_of(finished_again(run_id))

    assert after == before


def finished_again(run_id: int) -> int:
    statements.print_all(run_id=run_id, at=AT)
    return run_id


def test_reprint_of_a_range_gives_those_bills_with_their_numbers() -> None:
    house = issued_house(4)
    run_id = finished(house, part_size=2)

    again = statements.reprint(run_id=run_id, first=2, last=3, at=AT)
    statements.print_all(run_id=again, at=AT)

    (pdf,) = files_of(again)
    assert numbers_in(pdf) == [f"202610-{flat.row.pk:07d}" for flat in house.flats[1:3]]
    assert [(part.first, part.last) for part in prints.parts(run_id=again)] == [(2, 3)]


def test_reprint_beyond_the_run_is_refused() -> None:
    house = issued_house(1)
    run_id = finished(house)

    with pytest.raises(statements.NothingToPrint):
        statements.reprint(run_id=run_id, first=5, last=9, at=AT)
    with pytest.raises(NotFoundError):
        statements.reprint(run_id=run_id + 1, first=1, last=1, at=AT)


def test_month_without_bills_is_not_printed() -> None:
    house = House()

    with pytest.raises(statements.NothingToPrint):
        statements.start_print(town_id=house.id, period=OCT, at=AT)


def test_second_run_of_a_month_waits_for_the_first() -> None:
    house = issued_house(1)
    statements.start_print(town_id=house.id, period=OCT, at=AT)

    with pytest.raises(statements.PrintRunning):
        statements.start_print(town_id=house.id, period=OCT, at=AT)


def test_cancelled_run_makes_no_more_files_until_it_goes_on() -> None:
    house = issued_house(3)
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT, part_size=1)
    first, second, _third = statements.open_parts(run_id=run_id)
    statements.print_part(part_id=first, at=AT)

    statements.cancel_print(run_id=run_id, at=AT, user_id=1)
    made = statements.print_part(part_id=second, at=AT)
    left = statements.resume_print(run_id=run_id, at=AT, user_id=1)
    for part in left:
        statements.print_part(part_id=part, at=AT)

    assert not made
    assert len(left) == 2
    assert prints.one(run_id=run_id, now=AT).state == "done"
    assert [numbers_in(pdf) for pdf in files_of(run_id)] == [[f"202610-{flat.row.pk:07d}"] for flat in house.flats]


@pytest.mark.parametrize("flats", [1, 3])
def test_part_takes_the_same_queries_for_any_number_of_bills(
    flats: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    house = issued_house(flats)
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT)
    (part,) = statements.open_parts(run_id=run_id)

    with django_assert_num_queries(8):  # part, bills, savepoint, lock, mark, any open, close, release
        statements.print_part(part_id=part, at=AT)


KILLED = """
    import os, django
    django.setup()
    from pathlib import Path
    from django.conf import settings
    from django.db import connection
    settings.DOMIVKA_HOME = Path({folder!r})
    connection.settings_dict["NAME"] = {database!r}
    left = {statements}
    def kill(execute, sql, params, many, context):
        global left
        if left == 0:
            os.kill(os.getpid(), 9)
        left -= 1
        return execute(sql, params, many, context)
    replace = Path.replace
    def killed_before_renaming(self, target):
        if {renaming}:
            os.kill(os.getpid(), 9)
        return replace(self, target)
    Path.replace = killed_before_renaming
    from domivka.statements import api as statements
    from tests.database.billing.town import AT
    with connection.execute_wrapper(kill):
        statements.print_all(run_id={run}, at=AT)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("queries", "renaming"), [(0, False), (2, False), (4, False), (6, False), (9, False), (99, True)]
)
def test_print_killed_anywhere_is_finished_by_the_next(queries: int, renaming: bool, tmp_path: Path) -> None:
    house = issued_house(3)
    whole = files_of(finished(house, part_size=1))
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT, part_size=1)
    code = textwrap.dedent(
        KILLED.format(
            statements=queries,
            renaming=renaming,
            run=run_id,
            database=connection.settings_dict["NAME"],
            folder=str(tmp_path),
        )
    )

    killed = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": "."}, check=False)
    statements.print_all(run_id=run_id, at=AT)

    assert killed.returncode == -9, "the process must die before it ends, or this test proves nothing"
    assert PrintRun.objects.get(pk=run_id).state == "done"
    assert files_of(run_id) == whole


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_the_same_files_as_one() -> None:
    house = issued_house(4)
    alone = files_of(finished(house, part_size=1))
    run_id = statements.start_print(town_id=house.id, period=OCT, at=AT, part_size=1)

    statements.print_all(run_id=run_id, at=AT, workers=2)

    assert files_of(run_id) == alone
