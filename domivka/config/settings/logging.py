"""One line an event on the standard error stream. Never a name, a phone, an e-mail, a number of an account."""

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stream": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stream"], "level": "WARNING"},
    "loggers": {
        "domivka": {"level": "INFO"},
        "procrastinate": {"level": "WARNING"},  # its INFO lines carry the arguments of jobs
        "django": {"handlers": ["stream"], "level": "WARNING", "propagate": False},
        "django.request": {"level": "ERROR"},  # not every address somebody guessed
        "django.server": {"handlers": ["stream"], "level": "ERROR", "propagate": False},
    },
}
