from django.apps import AppConfig


class HomesConfig(AppConfig):
    name = "domivka.homes"
    label = "homes"
