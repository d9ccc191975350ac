from django.apps import AppConfig


class StatementsConfig(AppConfig):
    name = "domivka.statements"
    label = "statements"
