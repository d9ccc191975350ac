from django.apps import AppConfig


class PaymentsConfig(AppConfig):
    name = "domivka.payments"
    label = "payments"

    def ready(self) -> None:
        from domivka.billing.api import tell_payment_days  # models can be imported only now
        from domivka.payments.queries.days import paid_days

        tell_payment_days(paid_days)
