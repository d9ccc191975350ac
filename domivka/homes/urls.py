"""Addresses of homes."""

from django.urls import path

from domivka.homes import web

app_name = "homes"

urlpatterns = [
    path("homes/", web.home_list, name="list"),
    path("homes/add/", web.add, name="add"),
    path("homes/add/streets/", web.streets, name="streets"),
    path("homes/<int:home_id>/pin/", web.pin, name="pin"),
    path("homes/<int:home_id>/key/", web.key, name="key"),
    path("homes/<int:home_id>/edit/", web.edit, name="edit"),
    path("homes/<int:home_id>/restore/", web.restore, name="restore"),
]
