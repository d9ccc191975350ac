from django.apps import AppConfig


class CnapConfig(AppConfig):
    name = "domivka.cnap"
