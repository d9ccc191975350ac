"""Addresses of portal."""

from django.urls import URLPattern, URLResolver, path

from domivka.portal.web import site

app_name = "portal"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", site.landing, name="landing"),
    path("help/", site.help_page, name="help"),
    path("accessibility/", site.accessibility, name="accessibility"),
    path("design/", site.design, name="design"),
    path("theme/", site.theme, name="theme"),
]
