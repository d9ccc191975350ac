from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "domivka.identity"
    label = "identity"
