from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "domivka.kernel"
    label = "kernel"
