from django.apps import AppConfig


class TariffsConfig(AppConfig):
    name = "domivka.tariffs"
    label = "tariffs"
