"""Addresses of visits: the resident's under services/visits/."""

from django.urls import URLPattern, URLResolver, path

from domivka.appointments.web import resident

app_name = "appointments"
urlpatterns: list[URLPattern | URLResolver] = [
    path("services/visits/", resident.visit_list, name="list"),
    path("services/visits/new/", resident.choose, name="choose"),
    path("services/visits/hold/", resident.hold, name="hold"),
    path("services/visits/<int:visit_id>/", resident.visit, name="visit"),
    path("services/visits/<int:visit_id>/details/", resident.details, name="details"),
    path("services/visits/<int:visit_id>/move/", resident.move, name="move"),
    path("services/visits/<int:visit_id>/cancel/", resident.cancel, name="cancel"),
]
