"""The site's addresses, and a bare page: signed in, three queries of the ORM, a list of a few rows."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from domivka.homes.door import person_id
from domivka.homes.models import Home
from domivka.identity.access import signed_in


@signed_in
def bare(request: HttpRequest) -> HttpResponse:
    """The session, the person (both by Django itself) and the person's homes."""
    homes = Home.objects.filter(user_id=person_id(request)).select_related("premises__building__street")
    rows = "".join(f"<li>{home.premises.building.street.name}, {home.premises.flat}</li>" for home in homes)
    return HttpResponse(f"<!doctype html><title>{len(homes)}</title><ul>{rows}</ul>")


urlpatterns = [path("bench/bare/", bare), path("", include("domivka.config.urls"))]
