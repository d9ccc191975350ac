"""Django's settings, one short file a topic."""

from domivka.config.settings.apps import *
from domivka.config.settings.auth import *
from domivka.config.settings.database import *
from domivka.config.settings.i18n import *
from domivka.config.settings.logging import *
from domivka.config.settings.product import *
from domivka.config.settings.web import *
