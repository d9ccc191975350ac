from django.apps import AppConfig


class PartnerApiConfig(AppConfig):
    name = "domivka.partner_api"
    label = "partner_api"
