"""Reading intents."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money
from domivka.payments.models import Allocation, Intent, IntentLine
from domivka.payments.rules.states import WAITING, State
from domivka.payments.types import AllocationView, IntentView, RecipientLine
from domivka.registry.api import service_name

_LINES = Prefetch(
    "lines",
    IntentLine.objects.select_related(
        "account_service__account", "account_service__provider_service__service"
    ).order_by("account_service__provider_service__service__position", "account_service_id"),
)
_ALLOCATIONS = Prefetch("lines__allocations", Allocation.objects.order_by("for_period", "is_advance"))


def _line(line: IntentLine) -> RecipientLine:
    account_service = line.account_service
    service = account_service.provider_service.service
    return RecipientLine(
        account_service_id=account_service.pk,
        service=service_name(service.name, service.name_en),
        icon=service.icon,
        account_number=account_service.account.number,
        provider_id=account_service.provider_service.provider_id,
        recipient=line.recipient,
        recipient_code=line.recipient_code,
        iban=line.iban,
        bank_name=line.bank_name,
        purpose=line.purpose,
        amount=Money(line.amount_kop),
        fee=Money(line.fee_kop),
    )


def _view(intent: Intent) -> IntentView:
    lines = list(intent.lines.all())
    return IntentView(
        id=intent.pk,
        user_id=intent.user_id,
        premises_id=intent.premises_id,
        town_id=intent.premises.town_id,
        state=State(intent.state),
        method=intent.method,
        gateway=intent.gateway,
        gateway_reference=intent.gateway_reference,
        period=intent.period,
        lines=tuple(_line(line) for line in lines),
        allocations=tuple(
            AllocationView(part.account_service_id, part.for_period, part.is_advance, Money(part.amount_kop))
            for line in lines
            for part in line.allocations.all()
        ),
        total=Money(intent.amount_kop),
        fee=Money(intent.fee_kop),
        total_with_fee=Money(intent.amount_kop + intent.fee_kop),
        created_at=intent.created_at,
        expires_at=intent.expires_at,
        confirmed_at=intent.confirmed_at,
        failure=intent.failure,
        receipt_number=intent.receipt_number,
        receipt_sent_at=intent.receipt_sent_at,
    )


def intents(*, ids: Iterable[uuid.UUID]) -> list[IntentView]:
    """The intents of `ids`, newest first; three queries. Not scoped to a person: for jobs and staff."""
    rows = (
        Intent.objects.filter(pk__in=list(ids))
        .select_related("premises")
        .prefetch_related(_LINES, _ALLOCATIONS)
        .order_by("-created_at")
    )
    return [_view(row) for row in rows]


def intent(*, intent_id: uuid.UUID) -> IntentView:
    """One intent, not scoped to a person: for jobs and staff. Raises `NotFoundError`."""
    for found in intents(ids=[intent_id]):
        return found
    raise NotFoundError(_("Такого платежу немає."))


def intent_view(*, user_id: int, intent_id: uuid.UUID) -> IntentView:
    """A person's own payment. Raises `NotFoundError` for anyone else's, so that the two cannot be told apart."""
    found = intent(intent_id=intent_id)
    if found.user_id != user_id:
        raise NotFoundError(_("Такого платежу немає."))
    return found


def waiting_intents(*, user_id: int, premises_id: int, at: dt.datetime) -> list[IntentView]:
    """A person's payments of a home that the bank has not decided yet, newest first."""
    ids = Intent.objects.filter(user_id=user_id, premises_id=premises_id, state__in=WAITING).values_list(
        "pk", flat=True
    )
    return intents(ids=ids)
