"""Settings of the site under measurement: the site itself and one bare page to compare with."""

from domivka.config.settings import *  # noqa: F403 - the same site

ROOT_URLCONF = "bench.site_urls"
