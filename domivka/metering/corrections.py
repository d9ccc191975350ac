"""Corrections of a meter that a resident asks for: its number, or the value its next consumption is counted from.

Either changes money, so nothing changes until the provider's desk accepts. A correction of a value names the reading it
is about and supersedes exactly that one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.period import Period
from domivka.kernel.reads import prepared_rows
from domivka.metering.errors import MeterExists, MeterNotFound
from domivka.metering.models import Channel, Meter, MeterCorrection, Reading
from domivka.metering.operations import insert_reading
from domivka.metering.queries import MeterView, meters_of, premises_of_meters

SHOWN: Final = dt.timedelta(days=60)
"""How long a refusal stays beside the meter."""


class NothingToCorrect(DomainError):
    """What was typed is what the meter already says."""

    def __init__(self) -> None:
        super().__init__(_("Змініть номер або попереднє показання: зараз вони такі самі, як у нас."))


class CorrectionWaits(DomainError):
    """The same thing of the meter waits for the provider already."""

    def __init__(self) -> None:
        super().__init__(_("Попереднє виправлення ще на перевірці. Зачекайте на відповідь надавача."))


class CorrectionOutdated(DomainError):
    """The meter or its reading has changed since the resident asked, or the correction was decided already."""

    def __init__(self) -> None:
        super().__init__(_("Дані лічильника вже змінилися, тому це виправлення не можна прийняти."))


class ReasonMissing(DomainError):
    """A refusal must say why."""

    def __init__(self) -> None:
        super().__init__(_("Напишіть мешканцеві, чому виправлення не прийнято."))


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """`zone` is empty for the number; `accepted` is None while it waits; `period` is the month of the corrected reading, of a
    number the one in which it was asked."""

    id: int
    meter_id: int
    account_service_id: int
    meter_number: str
    zone: str
    period: Period
    old: str
    new: str
    asked_at: dt.datetime
    accepted: bool | None
    reason: str

    @property
    def is_number(self) -> bool:
        return not self.zone

    @property
    def old_shown(self) -> str:
        return self.old if self.is_number else _plain(self.old)

    @property
    def new_shown(self) -> str:
        return self.new if self.is_number else _plain(self.new)

    @property
    def old_value(self) -> Decimal | None:
        return None if self.is_number else Decimal(self.old)

    @property
    def difference(self) -> Decimal | None:
        """By how much the value grows; None for a number."""
        return None if self.is_number else Decimal(self.new) - Decimal(self.old)


def _plain(value: str) -> str:
    """`58.000` → «58»."""
    return f"{Decimal(value).normalize():f}".replace(".", ",")


@transaction.atomic
def ask_correction(
    *,
    town_id: int,
    account_service_ids: Sequence[int],
    meter_id: int,
    number: str,
    values: Mapping[str, Decimal],
    user_id: int,
    at: dt.datetime,
) -> int:
    """Ask for another number and other previous values ({zone: value}) of a meter; returns how many things were asked.

    What is the same as now is left out. Errors: `MeterNotFound`, `MeterExists`, `NothingToCorrect`, `CorrectionWaits`.
    """
    on = at.astimezone(KYIV).date()
    Meter.objects.select_for_update().filter(pk=meter_id).count()
    found = [m for m in meters_of(account_service_ids=account_service_ids, on=on) if m.id == meter_id]
    if not found:
        raise MeterNotFound
    meter = found[0]
    asked = _number(meter, number.strip()) + [
        row for zone, value in values.items() if (row := _value(meter, zone, value)) is not None
    ]
    if not asked:
        raise NothingToCorrect
    waiting = MeterCorrection.objects.filter(meter_id=meter_id, accepted=None, zone__in=[row.zone for row in asked])
    if waiting.exists():
        raise CorrectionWaits
    for row in asked:
        row.asked_by_id, row.asked_at = user_id, at
    MeterCorrection.objects.bulk_create(asked)
    _record("asked", meter_id, town_id, user_id, at, {row.zone or "number": [row.old, row.new] for row in asked})
    return len(asked)


def _number(meter: MeterView, number: str) -> list[MeterCorrection]:
    if number in ("", meter.number):
        return []
    if Meter.objects.filter(account_service_id=meter.account_service_id, number=number).exists():
        raise MeterExists(number)
    return [MeterCorrection(meter_id=meter.id, period=meter.period, old=meter.number, new=number)]


def _value(meter: MeterView, zone: str, value: Decimal) -> MeterCorrection | None:
    """None where no reading stands yet or the value is the same. The reading is the one `meters_of` calls previous."""
    standing = Reading.objects.filter(
        Q(period__lt=meter.period) | Q(channel=Channel.INITIAL),
        meter_id=meter.id, zone=zone, superseded_at=None, period__lte=meter.period,
    )  # fmt: skip
    reading = max(standing, key=lambda r: (r.period, r.channel != Channel.INITIAL, r.taken_on), default=None)
    if reading is None or reading.value == value:
        return None
    return MeterCorrection(
        meter_id=meter.id,
        zone=zone,
        period=reading.period,
        of_initial=reading.channel == Channel.INITIAL,
        old=f"{reading.value:f}",
        new=f"{value:f}",
    )


@transaction.atomic
def accept_correction(*, provider_id: int, town_id: int, correction_id: int, user_id: int, at: dt.datetime) -> None:
    """The meter takes the number, or a new reading supersedes the one in question; charges already made stay as they are.

    Errors: `NotFoundError` for other providers', `CorrectionOutdated`, `MeterExists`.
    """
    row = _waiting(provider_id, correction_id)
    if row.zone:
        _replace_reading(row, user_id, at)
    else:
        if row.meter.number != row.old:
            raise CorrectionOutdated
        if Meter.objects.filter(account_service_id=row.meter.account_service_id, number=row.new).exists():
            raise MeterExists(row.new)
        Meter.objects.filter(pk=row.meter_id).update(number=row.new)
    _decide(row, town_id, user_id, at, accepted=True)


def _replace_reading(row: MeterCorrection, user_id: int, at: dt.datetime) -> None:
    rows = Reading.objects.filter(meter_id=row.meter_id, zone=row.zone, period=row.period, superseded_at=None)
    rows = rows.filter(channel=Channel.INITIAL) if row.of_initial else rows.exclude(channel=Channel.INITIAL)
    reading = rows.first()
    if reading is None or reading.value != Decimal(row.old):
        raise CorrectionOutdated
    rows.update(superseded_at=at)
    insert_reading(
        meter_id=row.meter_id,
        zone=row.zone,
        period=reading.period,
        value=Decimal(row.new),
        taken_on=reading.taken_on,
        channel=Channel.INITIAL if row.of_initial else Channel.PROVIDER,
        user_id=user_id,
        at=at,
    )


@transaction.atomic
def reject_correction(
    *, provider_id: int, town_id: int, correction_id: int, reason: str, user_id: int, at: dt.datetime
) -> None:
    """Nothing changes; the resident reads the reason. Errors: `NotFoundError`, `CorrectionOutdated`, `ReasonMissing`."""
    if not reason.strip():
        raise ReasonMissing
    row = _waiting(provider_id, correction_id)
    row.reason = reason.strip()[:300]
    _decide(row, town_id, user_id, at, accepted=False)


def _waiting(provider_id: int, correction_id: int) -> MeterCorrection:
    """The correction, locked with its meter."""
    row = _of_provider(provider_id).filter(pk=correction_id).first()
    if row is None:
        raise NotFoundError(_("Такого виправлення немає."))
    Meter.objects.select_for_update().filter(pk=row.meter_id).count()
    row.refresh_from_db(fields=["accepted"])
    if row.accepted is not None:
        raise CorrectionOutdated
    return row


def _decide(row: MeterCorrection, town_id: int, user_id: int, at: dt.datetime, *, accepted: bool) -> None:
    row.accepted, row.decided_by_id, row.decided_at = accepted, user_id, at
    row.save(update_fields=["accepted", "reason", "decided_by_id", "decided_at"])
    detail = {row.zone or "number": [row.old, row.new], "reason": row.reason}
    _record("accepted" if accepted else "rejected", row.meter_id, town_id, user_id, at, detail)


def _record(
    what: str, meter_id: int, town_id: int, user_id: int, at: dt.datetime, detail: Mapping[str, object]
) -> None:
    audit.record(
        at=at, actor_id=user_id, action=f"metering.correction_{what}", object_kind="meter", object_id=meter_id,
        town_id=town_id, detail=dict(detail), premises_ids=premises_of_meters(meter_ids=[meter_id]),
    )  # fmt: skip


def _of_provider(provider_id: int) -> QuerySet[MeterCorrection]:
    rows = MeterCorrection.objects.filter(meter__account_service__provider_service__provider_id=provider_id)
    return rows.select_related("meter")


_SHOWN = """
SELECT c.id, c.meter_id, m.account_service_id, m.number, c.zone, c.period, c.old, c.new, c.asked_at, c.accepted, c.reason
FROM metering_metercorrection c JOIN metering_meter m ON m.id = c.meter_id
WHERE c.meter_id = ANY(%(meters)s::bigint[]) AND (c.accepted IS NULL OR NOT c.accepted AND c.decided_at > %(since)s)
ORDER BY c.id DESC
"""


def corrections_of(*, meter_ids: Collection[int], at: dt.datetime) -> dict[int, list[CorrectionView]]:
    """What residents see beside their meters: what waits, and what was refused lately. One query; none without meters."""
    found: dict[int, list[CorrectionView]] = defaultdict(list)
    if meter_ids:
        for row in prepared_rows(_SHOWN, {"meters": list(meter_ids), "since": at - SHOWN}):
            number, meter, account_service, meter_number, zone, period, *rest = row
            view = CorrectionView(number, meter, account_service, meter_number, zone, Period(period), *rest)
            found[meter].append(view)
    return found


def waiting_corrections(*, provider_id: int, limit: int, offset: int = 0) -> list[CorrectionView]:
    """What waits for a provider, oldest first. One query."""
    rows = _of_provider(provider_id).filter(accepted=None).order_by("asked_at", "pk")
    return [_view(row) for row in rows[offset : offset + limit]]


def count_waiting_corrections(*, provider_id: int) -> int:
    return _of_provider(provider_id).filter(accepted=None).count()


def _view(row: MeterCorrection) -> CorrectionView:
    return CorrectionView(
        id=row.pk,
        meter_id=row.meter_id,
        account_service_id=row.meter.account_service_id,
        meter_number=row.meter.number,
        zone=row.zone,
        period=row.period,
        old=row.old,
        new=row.new,
        asked_at=row.asked_at,
        accepted=row.accepted,
        reason=row.reason,
    )
