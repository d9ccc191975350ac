"""Addresses of the partners' API."""

from django.urls import URLPattern, URLResolver, path

from domivka.identity.access import public
from domivka.partner_api.web import api

routes, app, namespace = api.urls
for route in routes:
    if route.callback is not None:
        public(route.callback)  # people have no part in it: the API asks every call for its key itself

urlpatterns: list[URLPattern | URLResolver] = [path("", (routes, app, namespace))]
