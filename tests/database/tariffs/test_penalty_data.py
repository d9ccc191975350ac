from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from domivka.tariffs import api as tariffs
from domivka.tariffs.models import Parameter, PenaltySuspension
from domivka.tariffs.rules.penalty import DebtStep, PenaltyTerms, Suspension, penalty_kop
from tests.builders import Town

pytestmark = pytest.mark.django_db

WAR = Suspension(dt.date(2022, 2, 24), dt.date(2023, 12, 29))
VINNYTSIA = "UA05020030010063857"


def test_penalty_terms_are_the_countrys_until_the_town_says_otherwise() -> None:
    town = Town().row
    Parameter.objects.create(
        town=town, code="penalty_daily_percent", value=Decimal("0.005"), valid_from=dt.date(2026, 6, 1), source="№ 5"
    )

    before = tariffs.penalty_terms(town_id=town.pk, on=dt.date(2026, 5, 31))
    after = tariffs.penalty_terms(town_id=town.pk, on=dt.date(2026, 6, 1))

    assert before == PenaltyTerms(Decimal("0.01"), Decimal(100), due_day_moves=True)
    assert after.daily_percent == Decimal("0.005")


def test_suspensions_are_those_whose_code_the_town_begins_with() -> None:
    PenaltySuspension.objects.create(katottg="UA0502", first_on=dt.date(2026, 3, 1), source="перелік територій")
    PenaltySuspension.objects.create(katottg="UA6302", first_on=dt.date(2024, 1, 1), source="перелік територій")

    found = tariffs.penalty_suspensions(katottg=VINNYTSIA)

    assert found == [WAR, Suspension(dt.date(2026, 3, 1), None)]


def test_no_penalty_grew_during_the_moratorium() -> None:
    terms = tariffs.penalty_terms(town_id=Town().row.pk, on=dt.date(2022, 2, 1))
    debt = [DebtStep(dt.date(2022, 2, 24), 1000_00)]

    penalty = penalty_kop(
        debt=debt,
        last_on=dt.date(2023, 12, 31),
        terms=terms,
        suspensions=tariffs.penalty_suspensions(katottg=VINNYTSIA),
    )

    assert penalty == 20
