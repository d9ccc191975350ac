"""Every table with a person in it is exported or says why not; is erased or says why it stays. A new table has to choose."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from domivka.identity.models import User
from domivka.privacy import collect, erasures, exports
from tests.database.privacy.everything import AT, everything

PERSONS = re.compile(r"^((user|person|actor)(_ids?)?|\w+_by_(id|name)|recipient|surname|holder|e?mail|login)$")

# What «Вивантажити мої дані» leaves out, and why.
NOT_EXPORTED = {
    "exchange.ImportBatch": "what staff did at work: whose file it is, is in the audit trail",
    "exchange.ImportRow": "the provider's file; what was taken of it is in accounts, bills and balances",
}
# What an erasure leaves as it is, and why.
NOT_ERASED = {
    "appointments.VisitStep": "history of a visit whose names are blanked; ids only",
    "billing.Recalculation": "accounting document of a home's charge; who made it did so at work, ids only",
    "cnap.Case": "the official file of a sealed application; the id of a person without a name",
    "cnap.Office": "a centre's address, not a person's",
    "cnap.Subject": "a body's address, not a person's",
    "exchange.ImportBatch": "what staff did at work; they cannot be erased while they work here",
    "exchange.ImportRow": "the provider's file; the provider is who it belongs to",
    "kernel.AuditEntry": "proves who did what; append-only, ids only (new entries tell of the erasure)",
    "metering.MeterCorrection": "part of the history of a meter; ids only",
    "metering.Reading": "charges were made from it; ids only",
    "payments.Intent": "accounting document; the id of a person without a name",
    "payments.IntentLine": "accounting document: the recipient is a provider",
    "tariffs.Benefit": "charges were made by it; the provider answers for it, and it stands on the provider's account",
    "registry.PersonalAccount": "the provider's account; its holder is changed by the provider",
    "registry.Provider": "a company's address, not a person's",
}


def persons_tables() -> dict[str, type[Model]]:
    """Models with a column that names a person, by their labels."""
    return {
        model._meta.label: model
        for model in apps.get_models()
        if model is User
        or any(
            getattr(field, "related_model", None) is User or PERSONS.match(field.name)
            for field in model._meta.concrete_fields
        )
    }


def tables_in(queries: CaptureQueriesContext, verb: str) -> str:
    return "\n".join(
        one["sql"] for one in queries.captured_queries if one["sql"] and re.match(verb, one["sql"].strip())
    )


@pytest.fixture(autouse=True)
def _folder(settings: Settings, tmp_path: Path) -> None:
    settings.DOMIVKA_HOME = tmp_path
    settings.FROZEN_NOW = AT


@pytest.mark.django_db
def test_every_table_with_a_person_is_exported_or_says_why_not() -> None:
    of = collect.subject(user_id=everything("olena@example.org").user.pk)

    with CaptureQueriesContext(connection) as queries:
        for part in collect.PARTS:
            part(of)

    asked = tables_in(queries, "SELECT|WITH")
    silent = {name for name, model in persons_tables().items() if not _named(asked, model)}
    assert silent - set(NOT_EXPORTED) == set(), "export it in its context's personal.py, or name it above with a reason"
    assert set(NOT_EXPORTED) - silent == set(), "these are exported after all, or are gone: take them off the list"


@pytest.mark.django_db
def test_every_table_with_a_person_is_erased_or_says_why_it_stays() -> None:
    user_id = everything("olena@example.org").user.pk
    exports.ask_export(user_id=user_id, at=AT)
    erasures.ask_erasure(user_id=user_id, at=AT)

    with CaptureQueriesContext(connection) as queries:
        erasures.erase_due(at=AT + dt.timedelta(days=14))

    changed = tables_in(queries, "UPDATE|DELETE")
    kept = {name for name, model in persons_tables().items() if not _named(changed, model)}
    assert kept - set(NOT_ERASED) == set(), "erase it in its context's personal.py, or name it above with a reason"
    assert set(NOT_ERASED) - kept == set(), "these are erased after all, or are gone: take them off the list"


def _named(statements: str, model: type[Model]) -> bool:
    return re.search(rf"\b{model._meta.db_table}\b", statements) is not None


def test_tables_with_persons_are_found_by_their_columns() -> None:
    found = set(persons_tables())

    assert {"identity.User", "homes.Home", "cnap.Visit", "cnap.Application", "kernel.AuditEntry"} - found == {
        "cnap.Visit"
    }
    assert {"notifications.Message", "metering.Reading", "appointments.Visit", "registry.PersonalAccount"} <= found
    assert not {"registry.Street", "ledger.Account", "cnap.Service"} & found
