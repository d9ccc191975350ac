"""Benefits of accounts: entering and ending with all that is refused, and the data behind them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from domivka.kernel import rows
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.tariffs import api as tariffs
from domivka.tariffs.models import Benefit, BenefitNorm
from tests.builders import AccountServiceOf, Town, given_benefit

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 10, 9, 0, tzinfo=dt.UTC)
JUNE = dt.date(2026, 6, 1)


@pytest.fixture
def water() -> AccountServiceOf:
    return Town().flat(living=2).service("water")


def end(water: AccountServiceOf, benefit_id: int, last_day: dt.date | None, provider_id: int = 0) -> None:
    provider = provider_id or water.row.account.provider_id
    tariffs.end_benefit(provider_id=provider, benefit_id=benefit_id, last_day=last_day, user_id=7, at=AT)


def only(water: AccountServiceOf, on: dt.date | None = None) -> list[tuple[str, dt.date, dt.date | None]]:
    found = tariffs.benefits_of(account_ids=[water.row.account_id], on=on)
    return [(one.category, one.valid_from, one.last_day) for one in found]


def test_benefit_holds_through_its_last_day(water: AccountServiceOf) -> None:
    given_benefit(water, since=JUNE, until=dt.date(2026, 8, 31))

    assert only(water) == [("20", JUNE, dt.date(2026, 8, 31))]
    assert only(water, on=dt.date(2026, 8, 31)) == only(water)
    assert only(water, on=dt.date(2026, 9, 1)) == only(water, on=dt.date(2026, 5, 31)) == []


def test_entering_and_ending_are_audited_without_names(water: AccountServiceOf) -> None:
    end(water, given_benefit(water), dt.date(2026, 10, 31))

    entries = AuditEntry.objects.filter(object_kind="benefit").order_by("pk")
    assert [entry.action for entry in entries] == ["tariffs.benefit_added", "tariffs.benefit_ended"]
    assert entries[0].premises_ids == [water.row.account.premises_id]
    assert "Кожемяка" not in str(entries[0].detail)


def test_same_category_of_the_same_person_does_not_overlap(water: AccountServiceOf) -> None:
    given_benefit(water, since=JUNE)

    with pytest.raises(tariffs.BenefitOverlaps):
        given_benefit(water, since=dt.date(2026, 9, 1), holder="КОЖЕМЯКА  Себастьян Боромирович")

    given_benefit(water, since=JUNE, holder="Кожемяка Олена")
    given_benefit(water, since=JUNE, category="30")
    assert len(only(water)) == 3


def test_benefit_after_the_end_of_the_one_before_is_another(water: AccountServiceOf) -> None:
    end(water, given_benefit(water, since=JUNE), dt.date(2026, 8, 31))

    given_benefit(water, since=dt.date(2026, 9, 1))

    assert only(water) == [("20", dt.date(2026, 9, 1), None), ("20", JUNE, dt.date(2026, 8, 31))]


def test_mistake_never_held_and_leaves_room(water: AccountServiceOf) -> None:
    end(water, given_benefit(water, since=JUNE), None)

    (mistaken,) = tariffs.benefits_of(account_ids=[water.row.account_id])
    assert mistaken.was_mistake
    assert only(water, on=JUNE) == []
    given_benefit(water, since=JUNE)


def test_what_is_refused(water: AccountServiceOf) -> None:
    other = Town("Інше").flat().service("gas")

    with pytest.raises(tariffs.UnknownCategory):
        given_benefit(water, category="999")
    with pytest.raises(tariffs.TooManyPeople, match="зареєстровано людей: 2"):
        given_benefit(water, people=3)
    with pytest.raises(tariffs.BenefitOutsideAccount):
        given_benefit(water, since=dt.date(2023, 12, 31))
    with pytest.raises(tariffs.BenefitOutsideAccount):
        given_benefit(water, until=dt.date(2024, 1, 1))
    found = given_benefit(water, since=JUNE)
    with pytest.raises(tariffs.BenefitOutsideAccount):
        end(water, found, dt.date(2026, 5, 31))
    with pytest.raises(NotFoundError):
        end(water, found, JUNE, other.row.account.provider_id)
    assert Benefit.objects.count() == 1


def test_ending_again_changes_nothing_but_an_earlier_day(water: AccountServiceOf) -> None:
    found = given_benefit(water, since=JUNE)
    end(water, found, dt.date(2026, 8, 31))

    with pytest.raises(tariffs.BenefitEnded):
        end(water, found, dt.date(2026, 8, 31))

    end(water, found, dt.date(2026, 7, 31))
    assert only(water) == [("20", JUNE, dt.date(2026, 7, 31))]


def test_provider_sees_and_adds_only_its_own_inside_the_database(water: AccountServiceOf) -> None:
    light = Town("Інше").flat().service("electricity")
    given_benefit(light)
    given_benefit(water)
    rows.narrow(provider_ids={water.row.account.provider_id})
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT account_id FROM tariffs_benefit")
            assert cursor.fetchall() == [(water.row.account_id,)]
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Benefit.objects.create(
                account_id=light.row.account_id, category="20", holder="Ч", holder_key="ч", people=1, valid_from=JUNE,
                document_number="1", document_on=JUNE, entered_at=AT,
            )  # fmt: skip
    finally:
        rows.widen()


def test_every_per_cent_of_the_country_has_a_category_and_a_norm_or_people() -> None:
    town = Town()
    categories = tariffs.benefit_categories()

    percents = tariffs.benefit_percents(town_id=town.row.pk, on=JUNE)
    norms = {one.service_code for one in tariffs.benefit_norms(town_id=town.row.pk, on=JUNE)}

    assert {one.category for one in percents} == set(categories)
    assert {one.service_code for one in percents} - norms == {"waste"}
    assert all(one.source and 0 < one.percent <= 100 for one in percents)


def test_towns_norms_hold_on_their_days_and_do_not_overlap() -> None:
    town = Town().row
    BenefitNorm.objects.create(town=town, service_code="water", per_person=Decimal(3), valid_from=JUNE, source="№ 2")

    before, after = (
        {one.service_code: one for one in tariffs.benefit_norms(town_id=town.pk, on=day)}["water"]
        for day in (dt.date(2026, 5, 31), JUNE)
    )

    assert (before.per_person, before.is_own) == (Decimal("3.6"), False)
    assert (after.per_person, after.is_own) == (Decimal(3), True)
    with pytest.raises(IntegrityError), transaction.atomic():
        BenefitNorm.objects.create(
            town=town, service_code="water", per_person=Decimal(2), valid_from=dt.date(2026, 9, 1), source="№ 3"
        )
