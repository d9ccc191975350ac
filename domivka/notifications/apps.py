from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "domivka.notifications"
    label = "notifications"
