"""A resident chooses the electronic bill: the next print run leaves the home out."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from pytest_django import Settings

from domivka.kernel.models import AuditEntry
from domivka.registry.models import Premises
from domivka.statements import api as statements
from tests.builders import resident
from tests.database.billing.town import OCT
from tests.database.statements.test_bills import charged_house, issue

pytestmark = pytest.mark.django_db


def test_resident_stops_the_paper_bill_and_gets_it_back(client: Client, settings: Settings) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    house = charged_house()
    issue(house)
    owner = resident(house.flats[0])
    home = owner.home
    client.force_login(owner.user)
    before = statements.paper_bills(town_id=house.id, period=OCT)

    page = client.post(f"/homes/{home.pk}/bills/paper/", {"paper": "no"}, follow=True).content.decode()
    without = statements.paper_bills(town_id=house.id, period=OCT)
    client.post(f"/homes/{home.pk}/bills/paper/", {"paper": "yes"})

    assert len(before) == 1
    assert "Рахунок лише електронний." in page
    assert without == []
    assert statements.paper_bills(town_id=house.id, period=OCT) == before
    assert AuditEntry.objects.filter(action="statements.paper").count() == 2


def test_paper_bill_of_another_home_cannot_be_stopped(client: Client) -> None:
    house = charged_house(2)
    home = resident(house.flats[0]).home
    client.force_login(resident(house.flats[1]).user)

    response = client.post(f"/homes/{home.pk}/bills/paper/", {"paper": "no"})

    assert response.status_code == 404
    assert Premises.objects.filter(paper_bill=False).count() == 0
