"""The one place that calls gateways over HTTP."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext as _

from domivka.payments.errors import GatewayUnavailable

TIMEOUT_S: Final = 8
_LARGEST: Final = 1_000_000  # bytes of an answer


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A gateway's API does not redirect; following would send signed data elsewhere."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects)


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """POST and return the status and body, errors 4xx included. Raises `GatewayUnavailable` for 5xx, a timeout
    or no connection."""
    if not url.startswith(("https://", "http://")):
        raise ValueError(f"{url} is not an HTTP address")
    request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - checked above
    try:
        with _opener.open(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read(_LARGEST)
    except urllib.error.HTTPError as error:
        with error:
            if error.code >= 500:
                raise GatewayUnavailable(_("Банк тимчасово не відповідає.")) from error
            return error.code, error.read(_LARGEST)
    except (OSError, ValueError) as error:
        raise GatewayUnavailable(_("Банк тимчасово не відповідає.")) from error
