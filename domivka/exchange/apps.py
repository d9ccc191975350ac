from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "domivka.exchange"
    label = "exchange"
