from django.apps import AppConfig


class BackofficeConfig(AppConfig):
    name = "domivka.backoffice"
    label = "backoffice"
