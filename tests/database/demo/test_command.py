"""The command that builds the demo town: once, with a description of it and people who can sign in."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from domivka.cnap.models import Application, Case, Consultation
from domivka.identity import api as identity
from domivka.ledger import api as ledger
from domivka.privacy import trail
from domivka.privacy.models import Export
from domivka.registry.models import Premises


def test_command_writes_the_description_once_and_people_can_sign_in(
    db: None, settings: Settings, tmp_path: Path
) -> None:
    settings.DOMIVKA_HOME = tmp_path
    settings.FROZEN_NOW = dt.datetime(2026, 11, 21, 9, tzinfo=dt.UTC)

    call_command("demo-town", premises=60)

    text = (tmp_path / "demo.json").read_text()
    described = json.loads(text)
    assert set(described) == {"url", "mailbox_url", "sandbox_bank_url", "openapi", "api_key", "people"}
    roles = [person["role"] for person in described["people"]]
    assert roles == ["resident"] * 6 + ["provider", "provider", "authority", "cnap", "operator"]
    assert (Consultation.objects.count(), Application.objects.count(), Case.objects.count()) == (3, 3, 1)
    for person in described["people"]:
        client = Client()
        entered = client.post("/accounts/login/", {"login": person["login"], "password": person["password"]})
        assert entered.status_code == 302, person["login"]
        if person["role"] == "resident":
            assert person["authorisation_key"]
            assert person["home"]
    for person in described["people"][:5]:  # those with a home find who looked at their data
        user_id = identity.find_person(login=person["login"])
        assert user_id is not None
        _page, looks = trail.trail(user_id=user_id, only_reads=True)
        assert len({one.who for one in looks}) >= 2, person["login"]
    assert Export.objects.get().state == "ready"
    (tmp_path / "demo.json").unlink()
    call_command("demo-town", if_absent=True)
    assert json.loads((tmp_path / "demo.json").read_text()) == described
    assert Premises.objects.count() == 660
    assert ledger.verify() == []
