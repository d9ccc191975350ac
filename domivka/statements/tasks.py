"""Jobs: the receipt of a payment by e-mail, a month's bills, the files of a print run."""

from __future__ import annotations

import uuid
from contextlib import suppress

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from procrastinate.contrib.django import app

from domivka.homes import api as homes
from domivka.identity.models import User
from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.notifications import api as notifications
from domivka.payments import api as payments
from domivka.statements import printing
from domivka.statements.issuing import IssuingCancelled, issue_bills, stopped
from domivka.statements.papers import receipt


@app.task(name="statements.send_receipt", retry=5)
def send_receipt(*, intent_id: str) -> None:
    """Send the receipt of a confirmed payment to its payer, and tell the owner's log when the payer helps there; once
    however often the job runs."""
    paid = payments.intent(intent_id=uuid.UUID(intent_id))
    payer = User.objects.filter(pk=paid.user_id).first() if paid.user_id else None
    with transaction.atomic():
        if payer is not None and payer.email:
            file = notifications.File(f"receipt-{paid.receipt_number}.pdf", "application/pdf", receipt(intent=paid))
            with override(payer.language):
                notifications.send_email(
                    to=payer.email,
                    template="statements.receipt",
                    subject=_("Квитанція: сплачено %(sum)s грн") % {"sum": paid.total_with_fee},
                    body=_("Дякуємо, платіж проведено. Квитанція у вкладенні, а також тут: %(url)s")
                    % {"url": settings.BASE_URL + reverse("statements:receipt", args=[paid.id])},
                    at=clock.now(),
                    attachments=[file],
                    idempotency_key=f"receipt:{paid.id}",
                )
        if payments.receipt_sent(intent_id=paid.id, at=clock.now()) and paid.user_id is not None:
            homes.note_payment(
                user_id=paid.user_id,
                premises_id=paid.premises_id,
                begun_at=paid.created_at,
                amount_kop=paid.total.kop,
                receipt=paid.receipt_number,
                at=clock.now(),
            )


@app.task(name="statements.issue_bills", retry=3)
def issue(*, town_id: int, period: int, user_id: int | None) -> None:
    """Issue the bills of a month that are not there yet; one whose worker died is taken over and goes on."""
    if stopped(town_id=town_id, period=Period(period), at=clock.now()):
        return
    with suppress(IssuingCancelled):
        issue_bills(town_id=town_id, period=Period(period), at=clock.now(), user_id=user_id)


@app.task(name="statements.print_part", retry=3)
def print_part(*, part_id: int) -> None:
    """Make one file of a print run; the last one closes the run."""
    printing.print_part(part_id=part_id, at=clock.now())
