from django.apps import AppConfig


class AppointmentsConfig(AppConfig):
    name = "domivka.appointments"
