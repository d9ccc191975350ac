"""Corrections of a meter: nothing changes until the provider accepts, and then only what was asked about."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from django.db import IntegrityError, transaction

from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.metering.models import Meter, MeterCorrection, Reading
from tests.builders import AccountServiceOf, Town

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
RESIDENT, CLERK = 7, 8


class Water:
    """A meter installed at 54 and read 58 in October."""

    def __init__(self) -> None:
        self.town = Town()
        self.service: AccountServiceOf = self.town.flat().service("water", metered=True)
        self.meter = self.service.meter("032264", initial="54", on=dt.date(2026, 9, 10))
        self.service.read(self.meter, "58", on=dt.date(2026, 10, 20))
        self.provider = self.service.row.account.provider_id

    def ask(self, *, number: str = "032264", value: str = "58") -> int:
        return metering.ask_correction(
            town_id=self.town.row.pk,
            account_service_ids=[self.service.id],
            meter_id=self.meter,
            number=number,
            values={"single": Decimal(value)},
            user_id=RESIDENT,
            at=AT,
        )

    def accept(self) -> None:
        row = MeterCorrection.objects.get(accepted=None)
        metering.accept_correction(
            provider_id=self.provider, town_id=self.town.row.pk, correction_id=row.pk, user_id=CLERK, at=AT
        )

    def reject(self, reason: str) -> None:
        row = MeterCorrection.objects.get(accepted=None)
        metering.reject_correction(
            provider_id=self.provider,
            town_id=self.town.row.pk,
            correction_id=row.pk,
            reason=reason,
            user_id=CLERK,
            at=AT,
        )

    def view(self) -> metering.MeterView:
        (view,) = metering.meters_of(account_service_ids=[self.service.id], on=AT.date())
        return view


@pytest.fixture
def water() -> Water:
    return Water()


def test_asking_changes_nothing(water: Water) -> None:
    assert water.ask(number="032265", value="57") == 2

    assert water.view().number == "032264"
    assert water.view().registers[0].previous == Decimal(58)
    kept = MeterCorrection.objects.order_by("zone").values_list("zone", "old", "new", "asked_by_id", "asked_at")
    assert list(kept) == [("", "032264", "032265", RESIDENT, AT), ("single", "58.000", "57", RESIDENT, AT)]


def test_accepted_number_changes_the_meter_only(water: Water) -> None:
    water.ask(number="032265")

    water.accept()

    assert water.view().number == "032265"
    assert Reading.objects.count() == 2
    assert AuditEntry.objects.get(action="metering.correction_accepted").actor_id == CLERK


def test_accepted_value_supersedes_that_reading(water: Water) -> None:
    water.ask(value="57,5".replace(",", "."))

    water.accept()

    october = Reading.objects.filter(period=202610).order_by("id").values_list("value", "superseded_at", "channel")
    assert list(october) == [(Decimal("58.000"), AT, "web"), (Decimal("57.500"), None, "provider")]
    assert water.view().registers[0].previous == Decimal("57.500")
    assert water.view().registers[0].previous_on == dt.date(2026, 10, 20)
    assert Reading.objects.get(channel="initial").value == Decimal(54)


def test_accepted_starting_value_stays_the_initial_one() -> None:
    water = Water()
    Reading.objects.filter(period=202610).delete()
    water.ask(value="50")

    water.accept()

    rows = Reading.objects.filter(channel="initial").order_by("id").values_list("value", "superseded_at")
    assert list(rows) == [(Decimal("54.000"), AT), (Decimal("50.000"), None)]


def test_value_that_changed_meanwhile_is_not_replaced(water: Water) -> None:
    water.ask(value="57")
    Reading.objects.filter(period=202610).update(value=Decimal(59))

    with pytest.raises(metering.CorrectionOutdated, match="вже змінилися"):
        water.accept()

    assert water.view().registers[0].previous == Decimal(59)
    assert MeterCorrection.objects.get().accepted is None


def test_number_of_another_meter_of_the_account_is_refused(water: Water) -> None:
    water.service.meter("032265")

    with pytest.raises(metering.MeterExists):
        water.ask(number="032265")

    assert MeterCorrection.objects.count() == 0


def test_the_same_thing_is_asked_once_at_a_time(water: Water) -> None:
    water.ask(number="032265")

    with pytest.raises(metering.CorrectionWaits):
        water.ask(number="032266")
    with pytest.raises(metering.NothingToCorrect):
        water.ask()


def test_refusal_says_why_and_changes_nothing(water: Water) -> None:
    water.ask(value="57")
    with pytest.raises(metering.ReasonMissing):
        water.reject("  ")

    water.reject("Контролер бачив 58.")

    (shown,) = metering.corrections_of(meter_ids=[water.meter], at=AT)[water.meter]
    assert (shown.accepted, shown.reason, shown.difference) == (False, "Контролер бачив 58.", Decimal(-1))
    assert water.view().registers[0].previous == Decimal(58)
    assert metering.corrections_of(meter_ids=[water.meter], at=AT + dt.timedelta(days=61)) == {}
    assert water.ask(value="57") == 1  # one may ask again


def test_decided_correction_is_not_decided_again(water: Water) -> None:
    water.ask(number="032265")
    row = MeterCorrection.objects.get()
    water.accept()

    with pytest.raises(metering.CorrectionOutdated):
        metering.reject_correction(
            provider_id=water.provider, town_id=1, correction_id=row.pk, reason="Ні.", user_id=CLERK, at=AT
        )


def test_another_provider_does_not_find_it(water: Water) -> None:
    water.ask(number="032265")
    gas = water.town.flat().service("gas")

    with pytest.raises(NotFoundError):
        metering.accept_correction(
            provider_id=gas.row.account.provider_id,
            town_id=water.town.row.pk,
            correction_id=MeterCorrection.objects.get().pk,
            user_id=CLERK,
            at=AT,
        )

    assert Meter.objects.get().number == "032264"
    assert metering.waiting_corrections(provider_id=gas.row.account.provider_id, limit=10) == []


def test_database_refuses_a_rejection_without_a_reason(water: Water) -> None:
    water.ask(number="032265")

    with pytest.raises(IntegrityError, match="correction_rejected_with_reason"), transaction.atomic():
        MeterCorrection.objects.update(accepted=False, decided_at=AT)

    assert Period(202611) == MeterCorrection.objects.get().period


def test_file_without_numbers_goes_on_reading_the_meter_that_got_one(water: Water) -> None:
    gas = water.town.flat().service("gas", metered=True)

    def file(batch: int, period: int, previous: int, current: int) -> list[str]:
        readings = pl.DataFrame(
            [(gas.id, "б/н", "Самгаз", 0, "single", previous * 1000, current * 1000)],
            schema=metering.IMPORTED_READINGS,
            orient="row",
        )
        found = metering.record_imported_readings(batch_id=batch, period=Period(period), readings=readings, at=AT)
        return found["meter_number"].to_list()

    assert file(1, 202609, 10, 20) == ["б/н"]
    Meter.objects.filter(account_service_id=gas.id).update(number="00417733")

    assert file(2, 202610, 20, 31) == ["б/н"]  # as the file says, so that its lines find the meter

    (meter,) = Meter.objects.filter(account_service_id=gas.id)
    assert (meter.number, meter.removed_on) == ("00417733", None)
    values = Reading.objects.filter(meter=meter, superseded_at=None).order_by("value").values_list("value", flat=True)
    assert list(values) == [Decimal(10), Decimal(20), Decimal(31)]
