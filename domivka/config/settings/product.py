"""Domivka's own settings. Each is a decision of the town, so each has a default that a town may change."""

from domivka.config import environment

DOMIVKA_HOME = environment.home()
DEMO = environment.flag("DOMIVKA_DEMO", default=False)
BASE_URL = environment.text("DOMIVKA_BASE_URL", "http://127.0.0.1:8000")
SANDBOX_BANK_URL = environment.text("DOMIVKA_SANDBOX_BANK_URL", "http://127.0.0.1:8001")
HOMES_PER_USER = environment.number("DOMIVKA_HOMES_PER_USER", 4)

# homes: the PIN by e-mail and the authorisation key of the bill
AUTHORISATION_KEY_SECRET = environment.secret("DOMIVKA_KEY_SECRET", "authorisation-key")
PIN_MINUTES = environment.number("DOMIVKA_PIN_MINUTES", 30)
PIN_TRIES = environment.number("DOMIVKA_PIN_TRIES", 3)
PIN_RESEND_SECONDS = environment.number("DOMIVKA_PIN_RESEND_SECONDS", 60)
PINS_PER_HOUR = environment.number("DOMIVKA_PINS_PER_HOUR", 10)
KEY_TRIES = environment.number("DOMIVKA_KEY_TRIES", 5)
KEY_BLOCK_MINUTES = environment.number("DOMIVKA_KEY_BLOCK_MINUTES", 60)
HOME_UNDO_HOURS = environment.number("DOMIVKA_HOME_UNDO_HOURS", 24)

# homes: sharing one with a helper (docs/sharing.md)
HELPERS_PER_HOME = environment.number("DOMIVKA_HELPERS_PER_HOME", 5)
INVITATIONS_PER_DAY = environment.number("DOMIVKA_INVITATIONS_PER_DAY", 10)  # by one owner
INVITATIONS_TO_ONE_PER_DAY = environment.number("DOMIVKA_INVITATIONS_TO_ONE_PER_DAY", 3)  # to one address, by anybody

# notifications: without a mail server or SMS gateway messages stay in the outbox (docs/people.md)
EMAIL_HOST = environment.text("DOMIVKA_SMTP_HOST")
EMAIL_PORT = environment.number("DOMIVKA_SMTP_PORT", 587)
EMAIL_HOST_USER = environment.text("DOMIVKA_SMTP_USER")
EMAIL_HOST_PASSWORD = environment.text("DOMIVKA_SMTP_PASSWORD")
EMAIL_USE_TLS = environment.flag("DOMIVKA_SMTP_TLS", default=True)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("DOMIVKA_MAIL_FROM", "Домівка <noreply@localhost>")
SMS_URL = environment.text("DOMIVKA_SMS_URL")
SMS_TOKEN = environment.text("DOMIVKA_SMS_TOKEN")
MESSAGE_KEPT_DAYS = environment.number("DOMIVKA_MESSAGE_KEPT_DAYS", 180)
MESSAGE_TRIES = environment.number("DOMIVKA_MESSAGE_TRIES", 8)
READING_REMINDER_DAYS = environment.number("DOMIVKA_READING_REMINDER_DAYS", 2)  # before the window closes

# payments: how far in advance one may pay a service, and how often one may start.
PAYMENT_ADVANCE_LIMIT_KOP = environment.number("DOMIVKA_PAYMENT_ADVANCE_LIMIT_KOP", 1_000_000)
PAYMENTS_PER_HOUR = environment.number("DOMIVKA_PAYMENTS_PER_HOUR", 30)
# A gateway without its secret is not offered: nobody may forge a payment with a secret that everyone knows.
SANDBOX_BANK_SECRET = environment.text("DOMIVKA_SANDBOX_BANK_SECRET", "demo-sandbox-secret" if DEMO else "")
LIQPAY_URL = environment.text("DOMIVKA_LIQPAY_URL", "http://127.0.0.1:8002" if DEMO else "https://www.liqpay.ua")
LIQPAY_PUBLIC_KEY = environment.text("DOMIVKA_LIQPAY_PUBLIC_KEY", "sandbox_i00000000" if DEMO else "")
LIQPAY_PRIVATE_KEY = environment.text("DOMIVKA_LIQPAY_PRIVATE_KEY", "demo-liqpay-private-key" if DEMO else "")

# privacy: how long an export waits to be downloaded, and how long an erasure can be taken back (docs/personal-data.md)
EXPORT_KEPT_DAYS = environment.number("DOMIVKA_EXPORT_KEPT_DAYS", 7)
ERASURE_GRACE_DAYS = environment.number("DOMIVKA_ERASURE_GRACE_DAYS", 14)

# partner_api: how often a provider's system may call
API_IDEMPOTENCY_DAYS = environment.number("DOMIVKA_API_IDEMPOTENCY_DAYS", 30)  # a repeated message is known that long
API_REQUESTS_PER_MINUTE = environment.number("DOMIVKA_API_REQUESTS_PER_MINUTE", 300)

# cnap: files of residents and the antivirus daemon that looks at them (docs/cnap.md)
CNAP_DOCUMENTS = environment.number("DOMIVKA_CNAP_DOCUMENTS", 200)  # in one person's library
CLAMAV = environment.text("DOMIVKA_CLAMAV")  # unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310; empty: no scanner
CLAMAV_SECONDS = environment.number("DOMIVKA_CLAMAV_SECONDS", 20)
