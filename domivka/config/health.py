"""`GET /healthz`: what monitoring asks."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from domivka.identity.access import public

# A worker reports every ten seconds.
WORKER_SILENT_S = 35


def database() -> bool:
    """Does the database answer."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        connection.close()
        return False
    return True


def jobs() -> bool:
    """Did a worker report in the last half a minute."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s))",
                [WORKER_SILENT_S],
            )
            return bool(cursor.fetchone()[0])
    except DatabaseError:
        connection.close()
        return False


@public
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when web, database and jobs are up; 503 with what is down."""
    state = {"web": True, "database": database()}
    state["jobs"] = state["database"] and jobs()
    return JsonResponse(
        {name: "up" if up else "down" for name, up in state.items()}, status=200 if all(state.values()) else 503
    )
