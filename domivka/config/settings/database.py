"""PostgreSQL only: `DATABASE_URL`, or the embedded server of the data folder."""

import dj_database_url

from domivka.config import environment, postgres

DATABASE_URL = environment.text("DATABASE_URL")
_parsed = dj_database_url.parse(DATABASE_URL) if DATABASE_URL else postgres.connection_settings(environment.home())
DATABASES = {
    "default": {
        **_parsed,
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        # Only kernel.reads leaves its statements whole; what a connection repeats there is planned once.
        "OPTIONS": {**_parsed.get("OPTIONS", {}), "prepare_threshold": 1},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
