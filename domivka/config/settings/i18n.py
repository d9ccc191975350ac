"""Ukrainian is the source of truth on screen; English is complete."""

LANGUAGE_CODE = "uk"
LANGUAGES = [("uk", "Українська"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Kyiv"
FORMAT_MODULE_PATH = ["domivka.config.formats"]
