"""What the rows of the biggest tables name is there, and stays (docs/adr/0013-references-by-statement.md)."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from domivka.metering.models import Reading
from tests.builders import Town

pytestmark = pytest.mark.django_db
MISSING = 999_999_999

ACCOUNT = (
    "INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)"
    " SELECT {town}, {provider}, {premises}, 'x', '', '2026-01-01' FROM registry_personalaccount LIMIT 1"
)
SERVICE = (
    "INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, opened_on)"
    " SELECT {account}, {supplied}, '', '', '2026-01-01' FROM registry_accountservice LIMIT 1"
)
METER = (
    "INSERT INTO metering_meter (account_service_id, number, model, zones, digits, decimals, installed_on,"
    f" added_by_resident) VALUES ({MISSING}, '1', '', '[]', 5, 3, '2026-01-01', false)"
)
READING = (
    "INSERT INTO metering_reading (period, meter_id, zone, value, taken_on, channel, submitted_at)"
    f" SELECT period, {MISSING}, zone, value, taken_on, channel, submitted_at FROM metering_reading LIMIT 1"
)


def refused(statement: str) -> str:
    with pytest.raises(IntegrityError) as error, connection.cursor() as cursor:
        cursor.execute(statement)
    return str(error.value)


@pytest.fixture(autouse=True)
def water() -> None:
    """A home with metered water: every table has a row."""
    Town().flat().service("water", metered=True).meter()


@pytest.mark.parametrize("missing", ["town", "provider", "premises"])
def test_account_of_nothing_is_refused(missing: str) -> None:
    named = {"town": "town_id", "provider": "provider_id", "premises": "premises_id"} | {missing: str(MISSING)}

    assert refused(ACCOUNT.format(**named)).startswith(f"there is no registry_{missing} {MISSING}")


@pytest.mark.parametrize(("missing", "table"), [("account", "personalaccount"), ("supplied", "providerservice")])
def test_service_of_nothing_is_refused(missing: str, table: str) -> None:
    named = {"account": "account_id", "supplied": "provider_service_id"} | {missing: str(MISSING)}

    assert refused(SERVICE.format(**named)).startswith(f"there is no registry_{table} {MISSING}")


def test_account_is_not_moved_to_nothing() -> None:
    assert "there is no registry_premises" in refused(f"UPDATE registry_personalaccount SET premises_id = {MISSING}")


def test_meter_of_no_service_is_refused() -> None:
    assert refused(METER).startswith(f"there is no account service {MISSING}")


def test_reading_of_no_meter_is_refused() -> None:
    assert refused(READING).startswith(f"there is no meter {MISSING}")


def test_reading_is_not_moved_to_another_meter() -> None:
    assert "stays with its meter" in refused("UPDATE metering_reading SET meter_id = meter_id + 1")


@pytest.mark.parametrize(
    "table", ["registry_premises", "registry_providerservice", "registry_personalaccount", "registry_accountservice"]
)
def test_what_is_named_stays(table: str) -> None:
    assert "stays" in refused(f"DELETE FROM {table}")


def test_readings_go_with_their_meter() -> None:
    assert Reading.objects.count() == 1

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM metering_meter")

    assert Reading.objects.count() == 0
