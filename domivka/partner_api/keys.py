"""API keys: made once, shown once, checked by hash, slowed down by the minute."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection, transaction

from domivka.kernel import audit
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.partner_api.models import ApiKey, KeyUse, SubmittedReadings

SCOPES: Final = ("accounts", "readings", "imports")
"""What a key may do: look accounts and balances up, send readings, send files of charges."""


class UnknownScope(DomainError):
    """No such right of a key."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose system is calling."""

    key_id: int
    provider_id: int
    provider_code: str
    town_id: int
    scopes: frozenset[str]


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()  # the key is 192 random bits: nothing to slow a guesser down for


def issue_key(*, provider_id: int, name: str, scopes: Sequence[str], at: dt.datetime, actor_id: int | None) -> str:
    """Make a key and return it; it cannot be read again. Raises `UnknownScope`."""
    if unknown := set(scopes) - set(SCOPES):
        raise UnknownScope(f"Немає такого права ключа: {', '.join(sorted(unknown))}.")
    prefix, secret = secrets.token_hex(4), secrets.token_urlsafe(24)
    key = f"dmv_{prefix}_{secret}"
    with transaction.atomic():
        row = ApiKey.objects.create(
            provider_id=provider_id, name=name, prefix=prefix, key_hash=_hash(key), scopes=list(scopes), created_at=at
        )
        audit.record(at=at, actor_id=actor_id, action="api.key_issued", object_kind="api_key", object_id=row.pk,
                     detail={"provider": provider_id, "scopes": list(scopes)})  # fmt: skip
    return key


def revoke_key(*, key_id: int, at: dt.datetime, actor_id: int | None) -> None:
    """The key stops working at once. Raises `NotFoundError`."""
    with transaction.atomic():
        if not ApiKey.objects.filter(pk=key_id, revoked_at=None).update(revoked_at=at):
            raise NotFoundError("Немає такого ключа.")
        audit.record(at=at, actor_id=actor_id, action="api.key_revoked", object_kind="api_key", object_id=key_id)


def caller(*, key: str, at: dt.datetime) -> Caller | None:
    """Who sends this key; None for a wrong or revoked one."""
    parts = key.split("_", 2)
    if len(parts) != 3 or parts[0] != "dmv" or "\x00" in key:
        return None
    row = ApiKey.objects.filter(prefix=parts[1][:12], revoked_at=None).select_related("provider").first()
    if row is None or not hmac.compare_digest(bytes(row.key_hash), _hash(key)):
        return None
    if row.used_at is None or at - row.used_at > dt.timedelta(minutes=1):
        ApiKey.objects.filter(pk=row.pk).update(used_at=at)
    return Caller(row.pk, row.provider_id, row.provider.code, row.provider.town_id, frozenset(row.scopes))


def count_request(*, key_id: int, at: dt.datetime) -> int:
    """Count a request of the key; how many it made in this minute. One statement, exact under parallel requests."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO partner_api_keyuse (key_id, minute, requests) VALUES (%s, date_trunc('minute', %s::timestamptz), 1)"
            " ON CONFLICT (key_id, minute) DO UPDATE SET requests = partner_api_keyuse.requests + 1 RETURNING requests",
            [key_id, at],
        )
        return int(cursor.fetchone()[0])


def forget(*, answers_before: dt.datetime, minutes_before: dt.datetime) -> None:
    """Drop answers to messages and counters of requests from before these moments."""
    SubmittedReadings.objects.filter(at__lt=answers_before).delete()
    KeyUse.objects.filter(minute__lt=minutes_before - dt.timedelta(minutes=1)).delete()


def too_many(requests: int) -> bool:
    return requests > settings.API_REQUESTS_PER_MINUTE
