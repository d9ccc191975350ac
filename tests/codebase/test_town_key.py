"""Town is the key by which data could be spread over database servers (docs/operations.md, «Many towns»)."""

from __future__ import annotations

from django.apps import apps
from django.db.models import ForeignKey, Model

from domivka.registry.models import Town

# Small tables that every server would hold in whole, and what belongs to people or to the installation, not to a town.
EVERYWHERE = {
    "registry.Service", "tariffs.PenaltySuspension",  # national
    "identity.User", "identity.RoleGrant",
    "cnap.StoredFile", "cnap.Document", "cnap.Message", "privacy.Export", "privacy.Erasure",  # people's own
    "notifications.Message", "notifications.Attachment",
    "kernel.AuditEntry", "kernel.JobProgress", "kernel.SystemState",
    "demo.DemoTown",
    "payments.GatewayEvent",  # what a bank sent, before it is known whose it is
    "ledger.Seal",  # one chain over the whole journal; a chain a town is what spreading it would need
}  # fmt: skip
# Ids without a foreign key, and what they name: partitioned tables and those of a context above.
NAMED = {
    "owner_id": None,  # ledger.Account: its own town_id stands beside it
    "account_id": "ledger.Account",
    "transaction_id": "ledger.Transaction",
    "ledger_transaction_id": "ledger.Transaction",
    "meter_id": "metering.Meter",
    "account_service_id": "registry.AccountService",
    "premises_id": "registry.Premises",
    "batch_id": "exchange.ImportBatch",
    "run_id": "billing.Run",
    "town_id": "registry.Town",
}


def _towards(model: type[Model]) -> set[str]:
    found = {
        field.related_model._meta.label
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and isinstance(field.related_model, type)
    }
    names = {field.attname for field in model._meta.concrete_fields}
    return found | {label for name, label in NAMED.items() if label and name in names}


def test_every_table_of_a_town_leads_to_it() -> None:
    models = [model for model in apps.get_models() if model.__module__.startswith("domivka.")]
    leads = {Town._meta.label}
    while True:
        more = {model._meta.label for model in models if _towards(model) & leads} - leads
        if not more:
            break
        leads |= more

    lost = {model._meta.label for model in models} - leads - EVERYWHERE

    assert lost == set()
