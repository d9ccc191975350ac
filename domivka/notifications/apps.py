from django.apps import AppConfig
from django.core.checks import register


class NotificationsConfig(AppConfig):
    name = "domivka.notifications"
    label = "notifications"

    def ready(self) -> None:
        from domivka.notifications import checks  # models can be imported only now

        register(checks.messages_leave, deploy=True)
