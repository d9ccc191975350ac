from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "domivka.demo"
    label = "demo"
