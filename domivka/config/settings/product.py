"""Domivka's own settings. Each is a decision of the town, so each has a default that a town may change."""

from domivka.config import environment

DOMIVKA_HOME = environment.home()
DEMO = environment.flag("DOMIVKA_DEMO", default=False)
BASE_URL = environment.text("DOMIVKA_BASE_URL", "http://127.0.0.1:8000")
SANDBOX_BANK_URL = environment.text("DOMIVKA_SANDBOX_BANK_URL", "http://127.0.0.1:8001")
HOMES_PER_USER = environment.number("DOMIVKA_HOMES_PER_USER", 4)
