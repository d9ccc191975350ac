"""Who may open which address of a home: every address there is, by everybody who might try."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from domivka.homes.models import HomeShare
from domivka.homes.rules.rights import Right
from domivka.kernel.period import Period
from domivka.registry.models import AccountService
from domivka.statements import api as statements
from tests.builders import Flat, Resident, Town, helper, person, resident
from tests.codebase.test_routes import routes

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
SEE, READINGS, PAY, OWN = Right.SEE, Right.READINGS, Right.PAY, Right.OWN

ADDRESSES: Final[dict[str, dict[str, Right]]] = {
    "": {"GET": SEE},
    "bill/": {"GET": SEE, "POST": PAY},
    "readings/": {"GET": SEE, "POST": READINGS},
    "meters/add/<int:account_service_id>/": {"GET": OWN, "POST": OWN},
    "meters/<int:meter_id>/correct/": {"GET": OWN, "POST": OWN},
    "what-if/": {"POST": READINGS},
    "why/<int:account_service_id>/<month:period>/": {"GET": SEE},
    "history/": {"GET": SEE},
    "accounts/<int:account_service_id>/<slug:tab>/": {"GET": SEE},
    "statistics/": {"GET": SEE},
    "statistics/comparison/": {"POST": OWN},
    "payments/": {"GET": SEE},
    "certificate/": {"GET": OWN},
    "certificate.pdf": {"GET": OWN},
    "bills/": {"GET": SEE},
    "bills/paper/": {"POST": OWN},
    "bill.pdf": {"GET": SEE},
    "pin/": {"GET": OWN, "POST": OWN},
    "key/": {"GET": OWN, "POST": OWN},
    "edit/": {"GET": OWN, "POST": OWN},
    "restore/": {"POST": OWN},
    "helpers/": {"GET": OWN},
    "helpers/invite/": {"GET": OWN, "POST": OWN},
    "helpers/<int:share_id>/": {"GET": OWN, "POST": OWN},
    "helpers/<int:share_id>/again/": {"POST": OWN},
    "helpers/<int:share_id>/revoke/": {"POST": OWN},
    "access/": {"GET": SEE, "POST": SEE},
    "access/leave/": {"POST": SEE},
}
ONLY_A_HELPERS = {"access/leave/"}
OF_A_REMOVED_HOME = {"restore/"}


class Everybody:
    """A home with an owner, its helpers of every kind, and people with nothing to do with it."""

    def __init__(self) -> None:
        self.flat: Flat = Town().flat()
        self.water = self.flat.service("water", metered=True)
        self.meter_id = self.water.meter()
        self.water.charge(Period(202610), 100_00)
        statements.issue_bills(town_id=self.flat.town.row.pk, period=Period(202610), at=NOW, user_id=None)
        self.owner: Resident = resident(self.flat)
        self.rights: dict[Any, set[Right]] = {
            helper(self.owner): {SEE},
            helper(self.owner, readings=True): {SEE, READINGS},
            helper(self.owner, pays=True): {SEE, PAY},
            helper(self.owner, readings=True, pays=True): {SEE, READINGS, PAY},
        }
        revoked = helper(self.owner, readings=True, pays=True)
        HomeShare.objects.filter(helper=revoked).update(state="revoked", ended_at=NOW)
        neighbour = resident(self.flat.town.flat()).user
        expired = helper(self.owner, readings=True, pays=True, until=NOW)
        self.nobodies = [expired, revoked, neighbour, person()]

    def address(self, path: str) -> str:
        values = {
            "<int:account_service_id>": self.water.id,
            "<int:meter_id>": self.meter_id,
            "<month:period>": "2026-10",
            "<slug:tab>": "state",
            "<int:share_id>": HomeShare.objects.order_by("pk").values_list("pk", flat=True)[0],
        }
        for name, value in values.items():
            path = path.replace(name, str(value))
        return f"/homes/{self.owner.home.pk}/{path}"


def ask(user: Any, method: str, url: str) -> int:
    client = Client()
    client.force_login(user)
    answer = client.get(url) if method == "GET" else client.post(url)
    return answer.status_code


def test_every_address_of_a_home_is_in_the_table() -> None:
    prefix = "homes/<int:home_id>/"
    found = {route.removeprefix(prefix) for route, _ in routes(get_resolver().url_patterns) if route.startswith(prefix)}
    elsewhere = {route for route, _ in routes(get_resolver().url_patterns) if "home_id" in route}

    assert found == set(ADDRESSES)
    assert elsewhere == {prefix + path for path in ADDRESSES}


@pytest.mark.parametrize(("path", "method"), [(path, method) for path, asks in ADDRESSES.items() for method in asks])
def test_address_opens_for_whoever_was_given_it_and_nobody_else(path: str, method: str, settings: Settings) -> None:
    settings.FROZEN_NOW = NOW
    everybody, needed = Everybody(), ADDRESSES[path][method]
    url = everybody.address(path)

    nobodies = [ask(user, method, url) for user in everybody.nobodies]
    helpers = {frozenset(rights): ask(user, method, url) for user, rights in everybody.rights.items()}
    owner = ask(everybody.owner.user, method, url)

    assert nobodies == [404, 404, 404, 404]
    for rights, status in helpers.items():
        assert (status < 403 or status == 422) is (needed in rights), (rights, status)
        assert status not in (405, 500)
    if path in ONLY_A_HELPERS | OF_A_REMOVED_HOME:
        assert owner == 404
    else:
        assert owner in (200, 302, 422)


@pytest.mark.parametrize("state", ["locked", "removed", "pending"])
def test_home_that_is_not_open_to_its_owner_is_not_open_to_helpers(state: str, settings: Settings) -> None:
    settings.FROZEN_NOW = NOW
    everybody = Everybody()
    type(everybody.owner.home).objects.filter(pk=everybody.owner.home.pk).update(state=state)

    statuses = {ask(user, "GET", everybody.address("")) for user in everybody.rights}

    assert statuses == {404}


def test_home_of_a_closed_account_is_closed_to_its_helpers(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW
    everybody = Everybody()
    type(everybody.owner.user).objects.filter(pk=everybody.owner.user.pk).update(is_active=False)

    statuses = {ask(user, "GET", everybody.address("")) for user in everybody.rights}

    assert statuses == {404}


def test_accounts_of_another_home_are_not_found_through_a_shared_one(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW
    everybody = Everybody()
    other = everybody.flat.town.flat().service("water")
    user = next(iter(everybody.rights))

    status = ask(user, "GET", f"/homes/{everybody.owner.home.pk}/accounts/{other.id}/state/")

    assert AccountService.objects.filter(pk=other.id).exists()
    assert status == 404
