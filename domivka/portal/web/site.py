"""Pages that belong to no home: the landing, help, accessibility, the look, errors."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from domivka.homes.door import homes_open_to
from domivka.identity import api as identity
from domivka.identity.access import public
from domivka.identity.models import Role, User
from domivka.portal.context import STAFF_FLAG, THEME_COOKIE, THEMES, link
from domivka.portal.web.specimens import specimens

_YEAR = 365 * 24 * 3600


@public
@require_GET
def landing(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        return HttpResponseRedirect(_first_page(request, request.user.pk))
    return render(request, "portal/landing.html")


@public
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/help.html")


@public
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/accessibility.html")


@public
@require_GET
def design(request: HttpRequest) -> HttpResponse:
    """Every component of the design system on one page; only in the demo."""
    if not settings.DEMO:
        raise Http404
    return render(request, "portal/design.html", specimens())


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or “as the device” in a cookie for a year, and go back."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "auto")
    if chosen in THEMES and chosen != "auto":
        response.set_cookie(THEME_COOKIE, chosen, max_age=_YEAR, samesite="Lax", secure=request.is_secure())
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")
    return response


def _first_page(request: HttpRequest, user_id: int) -> str:
    """The person's first open home; the desk of whoever works for the town and has none; else «Мої об'єкти»."""
    works = any(role is not Role.RESIDENT for role, _scope in identity.roles_of(user_id=user_id))
    request.session[STAFF_FLAG] = works  # shows the link to the desk; the desk itself asks for the role
    opened = [home for home in homes_open_to(request) if home.is_open]
    if opened:
        return f"/homes/{opened[0].id}/"
    return link("backoffice:dashboard") or "/homes/" if works else "/homes/"


@public
@require_GET
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "portal/offline.html")


SHELL: Final = (
    "css/tokens.css", "css/base.css", "css/frame.css", "css/components.css", "css/pages.css", "css/print.css",
    "js/frame.js", "js/readings.js", "js/queue.js", "js/meters.js", "js/offline.js", "img/icons.svg", "img/arms.svg",
)  # fmt: skip
"""What the installed app keeps on the device (below static/domivka/)."""


@functools.cache
def _shell_version() -> str:
    """Changes when a kept file changes, so that devices take the new ones."""
    digest = hashlib.sha256()
    for name in SHELL:
        found = finders.find(f"domivka/{name}")
        if isinstance(found, str):
            digest.update(Path(found).read_bytes())
    return digest.hexdigest()[:12]


@public
@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """Served from the root, because a service worker rules only what lies below it."""
    context = {"version": _shell_version(), "files": [static(f"domivka/{name}") for name in SHELL]}
    response = render(request, "portal/service-worker.js", context, content_type="text/javascript")
    response.headers["Cache-Control"] = "no-cache"
    return response
