from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "domivka.portal"
    label = "portal"
