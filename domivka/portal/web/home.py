"""The home page."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page
from domivka.kernel import clock
from domivka.portal.overview import overview


@require_GET
@home_page(Right.SEE)
def home(request: HttpRequest, home: HomeView) -> HttpResponse:
    context = {"home": home, "view": overview(home=home, today=clock.today()), "token": uuid.uuid4().hex}
    return render(request, "portal/home.html", context)
