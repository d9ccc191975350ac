"""Undo of an applied file: opposite postings and lines; what was opened is closed again."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction

from domivka.billing import api as billing
from domivka.exchange.errors import CannotUndo
from domivka.exchange.models import ImportBatch, ImportReading, ImportRow
from domivka.exchange.operations.staging import State, locked, note
from domivka.exchange.preset import load_preset
from domivka.kernel import clock
from domivka.kernel.period import Period
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
# A reading ends its month and begins the next one: whatever was charged since for either may stand on it.
_CHARGED = """
SELECT count(DISTINCT r.meter_id) FROM exchange_importreading r
JOIN metering_reading x ON x.period = r.period AND x.meter_id = r.meter_id AND x.client_key = %(key)s
    AND x.superseded_at IS NULL
JOIN metering_meter m ON m.id = r.meter_id
WHERE r.batch_id = %(batch)s AND r.state = 'taken' AND EXISTS (
    SELECT FROM billing_charge_line l WHERE l.account_service_id = m.account_service_id AND l.period >= r.period
        AND l.run_id IS NOT NULL AND l.created_at > %(applied_at)s)
"""


@transaction.atomic
def undo(*, batch_id: int, user_id: int | None, at: dt.datetime) -> None:
    """Take an applied file back. Raises `WrongState`, `CannotUndo` when something later stands on it."""
    batch = locked(batch_id, State.APPLIED)
    preset = load_preset(batch.preset)
    if preset.kind == "addresses":
        raise CannotUndo("Адресний реєстр не скасовують: виправлення надсилають новим файлом.")
    if preset.kind == "register":
        _undo_readings(batch, at)
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
    metering.reverse_imported_readings(
        batch_id=batch.pk, periods=[batch.period.previous, batch.period], applied_at=batch.applied_at, at=at
    )
    registry.close_account_services(opened=batch.opened, on=at.astimezone(clock.KYIV).date())
    ImportRow.objects.filter(batch=batch, difference_kop__isnull=False).update(difference_kop=None)


def _undo_readings(batch: ImportBatch, at: dt.datetime) -> None:
    """Take the readings of a register back; those they replaced stand again. Raises `CannotUndo`."""
    taken = batch.readings.filter(state=ImportReading.State.TAKEN)
    periods = [Period(month) for month in taken.order_by().values_list("period", flat=True).distinct() if month]
    if not periods:
        return
    assert batch.applied_at is not None  # noqa: S101 - an applied batch has the moment
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"import:{batch.town_id}"])
        key = metering.import_key(batch.pk)
        cursor.execute(_CHARGED, {"batch": batch.pk, "applied_at": batch.applied_at, "key": key})
        (charged,) = cursor.fetchone()
    if charged:
        raise CannotUndo(f"Скасувати не можна: за показаннями з цього файлу вже нараховано, лічильників: {charged}.")
    if later := metering.count_replaced_by_imports(batch_id=batch.pk, periods=periods):
        raise CannotUndo(f"Скасувати не можна: пізніший імпорт замінив показань: {later}. Спершу скасуйте його.")
    metering.reverse_imported_readings(batch_id=batch.pk, periods=periods, applied_at=batch.applied_at, at=at)
    taken.update(state=ImportReading.State.UNDONE)
