from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "domivka.ledger"
    label = "ledger"
