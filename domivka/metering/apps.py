from django.apps import AppConfig


class MeteringConfig(AppConfig):
    name = "domivka.metering"
    label = "metering"
