"""Every address has a permission decision."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from domivka.identity import access
from domivka.identity.models import Role

PACKAGE = Path(__file__).resolve().parents[2] / "domivka"


def routes(patterns: list[Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, before + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield before + str(pattern.pattern), pattern.callback


def test_every_route_has_a_permission_decision() -> None:
    found = dict(routes(get_resolver().url_patterns))

    undecided = [route for route, view in found.items() if access.decision(view) is None]

    assert undecided == []
    assert len(found) > 40


def test_only_the_middleware_turns_not_found_into_404() -> None:
    """A view lets `NotFoundError` through; kernel/middleware.py answers 404 for all of them."""
    views = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "kernel/middleware.py"]

    mapping = [str(path) for path in views if re.search(r"except .*\n\s+raise Http404.*from error", path.read_text())]

    assert mapping == [str(PACKAGE / "statements/web.py")]  # a month that cannot be read


def test_routes_open_to_everybody_are_these() -> None:
    """Whatever else becomes public is added here on purpose."""
    ours = {
        route
        for route, view in routes(get_resolver().url_patterns)
        if (decision := access.decision(view)) is not None
        and decision.anonymous
        and not route.startswith(("accounts/", "i18n/"))
    }

    assert ours <= PUBLIC, ours - PUBLIC


def test_the_desk_of_the_cnap_is_its_administrators_alone() -> None:
    """Nobody else opens what residents wrote there, and they open nothing of others but the first page of staff."""
    found = {route: access.decision(view) for route, view in routes(get_resolver().url_patterns)}

    desk = {route for route, one in found.items() if one is not None and one.roles == frozenset({Role.CNAP})}
    theirs = {route for route, one in found.items() if one is not None and Role.CNAP in one.roles}

    assert desk == {route for route in found if route.startswith(("staff/cnap/", "staff/visits/"))}
    assert theirs - desk == {"staff/"}
    assert len(desk) > 15


def test_services_of_the_town_are_for_the_signed_in() -> None:
    """Whose each thing is, the operations ask: tests/database/cnap/test_permissions.py is the matrix."""
    found = {route: access.decision(view) for route, view in routes(get_resolver().url_patterns)}

    assert {one for route, one in found.items() if route.startswith("services/")} == {access.SIGNED_IN}


PUBLIC = {
    "",
    "accessibility/",
    "design/",
    "gateways/<slug:gateway>/callback/",  # signed by the gateway
    "hall/<int:office_id>/",  # the screen in the hall: numbers only
    "healthz",
    "help/",
    "invitations/<str:token>/",  # whoever holds the link; the home's address is told after sign-in only
    "mailbox/",  # in the demo only
    "mailbox/attachments/<int:attachment_id>/",
    "offline/",
    "service-worker.js",
    "tariffs/",
    "tariffs/<int:plan_id>/",
    "theme/",
    "api/v1/",  # the partners' API asks every call for its key itself
    "api/v1/accounts",
    "api/v1/accounts/<number>",
    "api/v1/health",
    "api/v1/imports",
    "api/v1/openapi.json",
    "api/v1/readings",
}
