from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "domivka.payments"
    label = "payments"
