"""The door for gateways."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from domivka.identity.access import public
from domivka.kernel import clock
from domivka.payments import api


@public  # a gateway does not sign in: its signature over the body is checked instead
@csrf_exempt  # there is no browser and no cookie here, so nothing that CSRF could abuse
@require_POST
def callback(request: HttpRequest, gateway: str) -> HttpResponse:
    """Keep what the gateway says and apply it once; 200 means it need not be repeated."""
    received = api.receive_callback(gateway=gateway, body=request.body, headers=request.headers, at=clock.now())
    return HttpResponse("ok" if received.accepted else "bad signature", status=200 if received.accepted else 403)
