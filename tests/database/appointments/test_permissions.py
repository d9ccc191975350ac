"""Every address of visits against every role."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from pytest_django import Settings

from domivka.appointments.urls import urlpatterns
from domivka.identity.models import Role, User
from tests.builders import ROLES, holder
from tests.database.appointments.office import NOW, hall
from tests.database.appointments.test_booking import booked, user

pytestmark = pytest.mark.django_db

PUBLIC = {"screen"}
RESIDENT = {"list", "choose", "hold", "visit", "details", "move", "cancel", "ics", "ticket"}
DESK = {
    "desk",
    "board",
    "walk_in",
    "call_next",
    "act",
    "report",
    "calendar",
    "save",
    "remove",
    "report_csv",
    "holidays",
    "save_holiday",
    "fill_holidays",
    "remove_holiday",
    "copy",
    "slip",
    "slip_pdf",
    "displaced",
    "move_for",
    "cancel_for",
}


@pytest.fixture(autouse=True)
def friday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


def addresses(**known: int) -> dict[str, str]:
    """Every address by name; ids that are not given name nothing."""
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        words = {key: "serve" if key == "what" else known.get(key, 987_654) for key in pattern.pattern.converters}
        found[str(pattern.name)] = reverse(f"appointments:{pattern.name}", kwargs=words)
    return found


def client_of(who: User) -> Client:
    client = Client()
    client.force_login(who)
    return client


def statuses(client: Client, path: str) -> set[int]:
    return {client.get(path).status_code, client.post(path).status_code}


def test_every_address_is_in_the_matrix() -> None:
    assert set(addresses()) == PUBLIC | RESIDENT | DESK


@pytest.mark.parametrize("role", ROLES)
def test_desk_is_opened_by_its_role_only(role: str) -> None:
    of = hall()
    client = client_of(holder(ROLES[role], of.town_id))

    for name, path in addresses(office_id=of.office_id).items():
        if name in DESK and role != "cnap":
            assert 403 in statuses(client, path), name
            assert 200 not in statuses(client, path), name
        else:
            assert 403 not in statuses(client, path), name


def test_strangers_are_asked_to_sign_in_everywhere_but_before_the_screen() -> None:
    of = hall()

    for name, path in addresses(office_id=of.office_id).items():
        if name in PUBLIC:
            assert Client().get(path).status_code == 200
        else:
            assert statuses(Client(), path) <= {302, 405}, name


def test_administrator_of_another_town_finds_nothing() -> None:
    of, other = hall(), hall()
    visit_id = booked(of, user(), "2020-07-10 09:40")
    client = client_of(holder(Role.CNAP, other.town_id))
    known = {"office_id": of.office_id, "visit_id": visit_id, "window_id": of.windows[0]}

    for name, path in addresses(**known).items():
        if name in DESK - {"desk"}:
            assert statuses(client, path) <= {404, 405}, name
