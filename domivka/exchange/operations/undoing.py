"""Undo of an applied file: opposite postings and lines; what was opened is closed again."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from domivka.billing import api as billing
from domivka.exchange.errors import CannotUndo
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.exchange.operations.staging import State, locked, note
from domivka.exchange.preset import load_preset
from domivka.kernel import clock
from domivka.ledger import api as ledger
from domivka.metering import api as metering
from domivka.payments import api as payments
from domivka.registry import api as registry

_LATER = """
SELECT t.cause, count(DISTINCT a.owner_id)
FROM (
    SELECT account_service_id AS id FROM exchange_importrow
    WHERE batch_id = %(batch)s AND state = 'ready' AND account_service_id IS NOT NULL
    UNION
    SELECT x.id FROM registry_accountservice x
    JOIN unnest(%(firsts)s::bigint[], %(lasts)s::bigint[]) opened(first, last) ON x.id BETWEEN opened.first AND opened.last
) s
JOIN ledger_account a ON a.kind = 'personal' AND a.owner_id = s.id
JOIN ledger_posting p ON p.account_id = a.id AND p.period >= %(period)s
JOIN ledger_transaction t ON t.id = p.transaction_id
WHERE t.cause <> 'reversal'
  AND t.id > (SELECT id FROM ledger_transaction WHERE idempotency_key = 'import:' || %(batch)s)
  AND NOT EXISTS (SELECT 1 FROM ledger_transaction x WHERE x.reverses_id = t.id)
GROUP BY t.cause ORDER BY 2 DESC LIMIT 1
"""
_CAUSES = {
    "import": "пізніший імпорт змінив {count} рахунків. Спершу скасуйте його.",
    "run": "після нього вже нараховано за {count} рахунками.",
    "payment": "мешканці вже сплатили за {count} рахунками. Надішліть файл із корекціями.",
    "register": "за {count} рахунками вже зараховано платежі банку. Спершу скасуйте реєстр.",
}


@transaction.atomic
def undo(*, batch_id: int, user_id: int | None, at: dt.datetime) -> None:
    """Take an applied file back. Raises `WrongState`, `CannotUndo` when something later stands on it."""
    batch = locked(batch_id, State.APPLIED)
    preset = load_preset(batch.preset)
    if preset.kind == "addresses":
        raise CannotUndo("Адресний реєстр не скасовують: виправлення надсилають новим файлом.")
    if preset.kind == "register":
        for key in batch.provider_batches:
            payments.reverse_register(bank=preset.bank, batch=key, at=at)
    else:
        _undo_balances(batch, at)
    batch.state, batch.undone_at = State.UNDONE, at
    batch.save(update_fields=["state", "undone_at"])
    note(batch, "exchange.undone", user_id, at)
    ledger.summarise_later(town_id=batch.town_id, period=batch.period)


def _undo_balances(batch: ImportBatch, at: dt.datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import:{batch.town_id}"])
        firsts, lasts = [first for first, _ in batch.opened], [last for _, last in batch.opened]
        cursor.execute(_LATER, {"batch": batch.pk, "period": int(batch.period), "firsts": firsts, "lasts": lasts})
        later = cursor.fetchone()
    if later is not None:
        words = _CAUSES.get(later[0], "з {count} рахунками після нього вже щось зроблено.")
        raise CannotUndo("Скасувати не можна: " + words.format(count=later[1]))
    assert batch.applied_at is not None  # noqa: S101 - an applied batch has the moment
    billing.reverse_imported(batch_id=batch.pk, period=batch.period, at=at)
    metering.reverse_imported_readings(batch_id=batch.pk, period=batch.period, applied_at=batch.applied_at, at=at)
    registry.close_account_services(opened=batch.opened, on=at.astimezone(clock.KYIV).date())
    ImportRow.objects.filter(batch=batch, difference_kop__isnull=False).update(difference_kop=None)
