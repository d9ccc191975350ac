"""`domivka run` and `domivka ledger`, as an operator types them."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from domivka.billing.models import ChargeLine, Run
from domivka.ledger.models import Account, Seal
from tests.builders import Town
from tests.database.billing.test_run import FIRST_FLAT
from tests.database.billing.town import House

pytestmark = pytest.mark.django_db


def told(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue().strip()


def test_run_tells_its_totals_to_scripts() -> None:
    House(flats=1)

    report = json.loads(told("run", "--period", "2026-10", "--json"))

    assert (report["period"], report["revision"], report["lines"]) == ("2026-10", 1, 4)
    assert report["amount_kop"] == sum(FIRST_FLAT)
    assert report["totals"]["before"]["charged_kop"] == 0
    assert report["totals"]["after"]["charged_kop"] == sum(FIRST_FLAT)


def test_run_again_says_that_nothing_changed() -> None:
    House(flats=1)
    told("run", "--period", "2026-10")

    assert told("run", "--period", "10.2026").splitlines()[-1] == "2026-10: nothing has changed since it was charged"
    assert (Run.objects.count(), ChargeLine.objects.count()) == (1, 4)


def test_run_asks_which_town_when_there_are_several() -> None:
    house = House(flats=1)
    Town()

    with pytest.raises(CommandError, match="2 towns fit"):
        told("run", "--period", "2026-10")
    told("run", "--period", "2026-10", "--town", house.town.row.katottg)

    assert ChargeLine.objects.count() == 4


@pytest.mark.parametrize("period", ["2026-13", "жовтень", "2190-01"])
def test_run_of_a_month_that_cannot_be_is_refused(period: str) -> None:
    House(flats=1)

    with pytest.raises(CommandError):
        told("run", "--period", period)

    assert not Run.objects.exists()


def test_ledger_verify_proves_a_run() -> None:
    House(flats=1)
    told("run", "--period", "2026-10")

    assert told("ledger", "seal") == "sealed 1 transactions"
    assert told("ledger", "verify").startswith("the ledger holds")
    assert Seal.objects.count() == 1


def test_ledger_verify_fails_when_a_posting_was_edited() -> None:
    House(flats=1)
    told("run", "--period", "2026-10")
    told("ledger", "seal")
    personal = Account.objects.filter(kind="personal").earliest("pk").pk
    with connection.cursor() as cursor:  # as somebody with the superuser's rights would
        cursor.execute("ALTER TABLE ledger_posting DISABLE TRIGGER USER")
        cursor.execute("UPDATE ledger_posting SET amount_kop = amount_kop + 1 WHERE account_id = %s", [personal])
        cursor.execute("ALTER TABLE ledger_posting ENABLE TRIGGER USER")

    with pytest.raises(CommandError, match="3 findings"):
        told("ledger", "verify")
