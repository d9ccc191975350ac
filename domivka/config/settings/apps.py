"""What is installed. Our contexts in the order of the layers, top first."""

CONTEXTS = [
    "privacy",
    "backoffice",
    "portal",
    "partner_api",
    "exchange",
    "appointments",
    "cnap",
    "statements",
    "payments",
    "billing",
    "metering",
    "tariffs",
    "ledger",
    "homes",
    "registry",
    "identity",
    "notifications",
    "kernel",
]

INSTALLED_APPS = [
    *(f"domivka.{name}" for name in ["demo", *CONTEXTS]),
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
]
