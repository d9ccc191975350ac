from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "domivka.registry"
    label = "registry"
