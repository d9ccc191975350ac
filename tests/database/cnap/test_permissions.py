"""Every address of the CNAP against every role: deny by default, and other people's things do not exist."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from domivka.cnap.urls import urlpatterns
from domivka.identity import api as identity
from domivka.identity.models import Role
from tests.builders import ROLES, holder
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of

pytestmark = pytest.mark.django_db

# Nothing of these exists in the test: whoever may come in gets 200, a redirect or 404, never 403; and the other way round.
RESIDENT = {
    "documents", "document", "document_file", "delete_document", "consultations", "new_consultation",
    "consultation", "send_consultation", "delete_consultation", "consultation_file", "remove_file", "messages", "message",
    "catalogue", "service", "applications", "application", "delete_application", "supply_document", "application_file",
    "cases", "application_place", "application_preview", "consultation_preview",
}  # fmt: skip
DESK = {
    "desk", "desk_consultations", "desk_consultation", "desk_consultation_file", "act_on_consultation",
    "desk_templates", "desk_remove_template", "desk_copy_service", "desk_move_slot", "desk_report_file", "desk_take_consultations", "desk_take_applications", "desk_offices", "desk_office", "desk_close_office", "desk_subjects",
    "desk_close_subject", "desk_terms", "desk_remove_term", "desk_reasons", "desk_retire_reason", "desk_applications", "desk_application", "desk_application_file", "act_on_application",
    "desk_services", "desk_new_service", "desk_service", "desk_save_offer", "desk_save_slot", "desk_reports", "desk_cases", "desk_open_case", "desk_case", "desk_remove_stage",
    "desk_application_preview", "desk_consultation_preview",
}  # fmt: skip
WORDS = {"what": "take"}


def addresses() -> dict[str, str]:
    """Every address by name; its ids name nothing."""
    found = {}
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        arguments = {key: WORDS.get(key, 987_654) for key in pattern.pattern.converters}
        found[str(pattern.name)] = reverse(f"cnap:{pattern.name}", kwargs=arguments)
    return found


def answers(client: Client, path: str) -> set[int]:
    return {client.get(path).status_code, client.post(path).status_code}


def test_every_address_is_in_the_matrix() -> None:
    assert set(addresses()) == RESIDENT | DESK


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_own_pages_only(role: str) -> None:
    client = client_of(holder(ROLES[role], Desk().town.row.pk))
    opened = {name for name, path in addresses().items() if answers(client, path).isdisjoint({403})}

    assert opened == (RESIDENT | DESK if role == "cnap" else RESIDENT)


def test_strangers_are_asked_to_sign_in() -> None:
    client = Client()

    for path in addresses().values():
        assert client.get(path).url == f"/accounts/login/?next={path}"  # type: ignore[attr-defined]  # a redirect
        assert client.post(path).status_code in (302, 403)


@pytest.mark.parametrize("role", ["resident", "cnap"])
def test_what_does_not_exist_is_404(role: str) -> None:
    client = client_of(holder(ROLES[role], Desk().town.row.pk))

    for name, path in addresses().items():
        if "987654" in path and (role == "cnap" or name in RESIDENT):
            assert answers(client, path) <= {404, 405}, name


def test_revoked_role_closes_the_desk_at_once() -> None:
    desk = Desk()
    client = client_of(desk.admin)
    open_before = client.get("/staff/cnap/consultations/").status_code

    identity.revoke_role(
        user_id=desk.admin.pk, role=Role.CNAP, scope_id=desk.town.row.pk, at=AT + dt.timedelta(1), actor_id=None
    )

    assert open_before == 200
    assert client.get("/staff/cnap/consultations/").status_code == 403
