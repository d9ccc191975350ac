"""Addresses of «Мої дані»."""

from django.urls import path

from domivka.privacy.web import erasure, export, pages

app_name = "privacy"

urlpatterns = [
    path("profile/data/", pages.home, name="home"),
    path("profile/data/views/", pages.trail_page, name="trail"),
    path("profile/data/export/", export.export, name="export"),
    path("profile/data/export/progress/", export.progress, name="export_progress"),
    path("profile/data/export/<int:export_id>/", export.download, name="download"),
    path("profile/data/erasure/", erasure.erasure, name="erasure"),
    path("profile/data/erasure/cancel/", erasure.cancel, name="cancel_erasure"),
]
