from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "domivka.billing"
    label = "billing"
