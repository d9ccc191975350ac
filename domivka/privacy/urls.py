"""Addresses of «Мої дані»."""

from django.urls import path

from domivka.privacy.web import pages

app_name = "privacy"

urlpatterns = [
    path("profile/data/", pages.home, name="home"),
    path("profile/data/views/", pages.trail_page, name="trail"),
]
