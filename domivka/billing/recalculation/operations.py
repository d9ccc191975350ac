"""Making, applying and undoing an act. The ledger gets one transaction, `recalculation:<id>`, and its exact reversal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import polars as pl
from django.db import connection, transaction
from django.utils.translation import gettext as _

from domivka.billing.lines import charge_postings, write_lines
from domivka.billing.models import Recalculation, Run
from domivka.billing.recalculation.asked import Asked, checked
from domivka.billing.recalculation.errors import (
    MonthBeingCharged,
    MonthNotCharged,
    NothingToTakeOff,
    PreviewChanged,
    WrongState,
)
from domivka.billing.recalculation.progress import Report, silent
from domivka.billing.recalculation.reading import Reason, months_of, rows_of
from domivka.billing.runs import booked_in
from domivka.kernel import audit
from domivka.kernel.errors import NotFoundError
from domivka.kernel.frames import read_frame
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Transaction
from domivka.tariffs.rules.pricing import LINES
from domivka.tariffs.rules.recalculation import share_e6

State = Recalculation.State
_UNDER_WAY: Final = [Run.State.PLANNED, Run.State.RUNNING]


@transaction.atomic
def draft(*, asked: Asked, user_id: int | None, at: dt.datetime) -> int:
    """Keep a checked act as a draft with what it would take off; its id. Nothing is posted.

    Raises `BadRecalculation`, `NotCalculatedHere`, `MonthNotCharged`, `MonthBeingCharged`.
    """
    town_id, fields = checked(asked)
    act = Recalculation(**fields, made_by_id=user_id, made_at=at)
    _refuse_uncharged(town_id, list(months_of(act)))
    act.totals = _totals(_rows(act))
    act.save()
    _note(act, "billing.recalculation_drafted", user_id, at)
    return act.pk


def apply(*, recalculation_id: int, user_id: int | None, at: dt.datetime, report: Report = silent) -> bool:
    """Post a draft in one transaction; False when it was applied before and nothing is done.

    Raises `WrongState` for an undone act, `PreviewChanged` when the charges are others than at the last check (the act then
    has the new sums), `NothingToTakeOff`, `MonthNotCharged`, `MonthBeingCharged`, `NotFoundError`.
    """
    with transaction.atomic():
        act = _locked(recalculation_id)
        if act.state == State.APPLIED:
            return False
        if act.state == State.UNDONE:
            raise WrongState(_("Цей перерахунок скасовано. Зробіть новий."))
        if _apply(act, user_id, at, report):
            return True
    raise PreviewChanged


def _apply(act: Recalculation, user_id: int | None, at: dt.datetime, report: Report) -> bool:
    """False when the sums changed since the check: they are kept and nothing else is done."""
    town_id = act.provider_service.provider.town_id
    months = list(months_of(act))
    _refuse_uncharged(town_id, months)
    report(_("Обчислюємо"), 0, 3)
    rows = _rows(act)
    totals = _totals(rows)
    if totals != act.totals:
        Recalculation.objects.filter(pk=act.pk).update(totals=totals)
        return False
    if not totals["accounts"]:
        raise NothingToTakeOff
    report(_("Записуємо рядки"), 1, 3)
    written = pl.concat([_write(act, month, part, at) for month, part in rows])
    report(_("Проводимо в журналі"), 2, 3)
    booked = booked_in(town_id=town_id, period=months[-1])
    ledger.post_frame(
        town_id=town_id,
        key=f"recalculation:{act.pk}",
        cause="recalculation",
        cause_id=act.pk,
        period=booked,
        postings=charge_postings(town_id=town_id, movements=written, period=booked),
        at=at,
    )
    act.state, act.applied_at, act.applied_by_id, act.booked_in = State.APPLIED, at, user_id, booked
    act.save(update_fields=["state", "applied_at", "applied_by_id", "booked_in"])
    _note(act, "billing.recalculation_applied", user_id, at)
    ledger.summarise_later(town_id=town_id, period=booked)
    report(_("Проводимо в журналі"), 3, 3)
    return True


_LINES: Final = """
SELECT account_service_id, kind, component, structure, method, meter_id, (previous_value * 1000)::bigint,
       (current_value * 1000)::bigint, (base * 10000)::bigint, base_kind, (base_total * 10000)::bigint,
       (source_volume * 1000000)::bigint, (-volume * 1000000)::bigint, (price * 10000000)::bigint,
       (coefficient * 10000)::bigint, days, -amount_kop, tariff_version_id, id
FROM billing_charge_line WHERE recalculation_id = %(act)s AND period = %(period)s ORDER BY account_service_id
"""


@transaction.atomic
def undo(*, recalculation_id: int, user_id: int | None, at: dt.datetime, report: Report = silent) -> bool:
    """Take an applied act back: opposite lines that name its lines, and the ledger's reversal in the same month. False when
    it was undone before. Raises `WrongState` for a draft, `NotFoundError`."""
    act = _locked(recalculation_id)
    if act.state == State.UNDONE:
        return False
    if act.state == State.DRAFT:
        raise WrongState(_("Перерахунок ще не застосовано, скасовувати нічого."))
    town_id = act.provider_service.provider.town_id
    report(_("Записуємо рядки"), 0, 2)
    for month in months_of(act):
        opposite = read_frame(
            query=_LINES,
            parameters={"act": act.pk, "period": int(month)},
            schema={**LINES, "corrects_id": pl.Int64},
        )
        write_lines(lines=opposite, period=month, at=at, recalculation_id=act.pk, corrects=True)
    report(_("Проводимо в журналі"), 1, 2)
    original = Transaction.objects.get(idempotency_key=f"recalculation:{act.pk}")
    ledger.reverse(transaction_id=original.pk, key=f"recalculation:{act.pk}:undo", at=at)
    act.state, act.undone_at, act.undone_by_id = State.UNDONE, at, user_id
    act.save(update_fields=["state", "undone_at", "undone_by_id"])
    _note(act, "billing.recalculation_undone", user_id, at)
    ledger.summarise_later(town_id=town_id, period=original.period)
    report(_("Проводимо в журналі"), 2, 2)
    return True


@transaction.atomic
def remove(*, recalculation_id: int, user_id: int | None, at: dt.datetime) -> None:
    """Forget a draft, which posted nothing. Raises `WrongState`, `NotFoundError`."""
    act = _locked(recalculation_id)
    if act.state != State.DRAFT:
        raise WrongState(_("Видалити можна лише чернетку. Застосований перерахунок скасовують."))
    _note(act, "billing.recalculation_removed", user_id, at)
    act.delete()


def _locked(recalculation_id: int) -> Recalculation:
    """The act, and alone with the recalculations of its service: what remains of a month is taken off once."""
    acts = Recalculation.objects.select_for_update(of=("self",))
    act = (
        acts.select_related("provider_service__provider", "provider_service__service")
        .filter(pk=recalculation_id)
        .first()
    )
    if act is None:
        raise NotFoundError(_("Немає такого перерахунку."))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"recalculation:{act.provider_service_id}"])
    return act


def _refuse_uncharged(town_id: int, months: Sequence[Period]) -> None:
    """Every month has been charged and no run of it is under way; none begins until this transaction ends."""
    with connection.cursor() as cursor:
        for month in months:  # as `runs.plan_run` locks it
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"run:{town_id}:{int(month)}"])
    runs = Run.objects.filter(town_id=town_id, period__in=[int(month) for month in months])
    states = {(Period(period), state) for period, state in runs.values_list("period", "state")}
    for month in months:
        if (month, Run.State.DONE) not in states:
            raise MonthNotCharged(month)
        if any((month, state) in states for state in _UNDER_WAY):
            raise MonthBeingCharged(month)


def _rows(act: Recalculation) -> list[tuple[Period, pl.DataFrame]]:
    return [(month, rows_of(act, month)) for month in months_of(act)]


def _totals(rows: Sequence[tuple[Period, pl.DataFrame]]) -> dict[str, Any]:
    """Accounts that something is taken off, rows (one a month) with and without, the sums, and how many a reason."""
    every = pl.concat([part.select("account_service_id", "monthly_kop", "off_kop", "why") for _month, part in rows])
    taken = every.filter(pl.col("why") == "")
    reasons = every.filter(pl.col("why") != "").group_by("why").len().sort("why")
    return {
        "accounts": taken["account_service_id"].n_unique(),
        "rows": every.height,
        "taken": taken.height,
        "monthly_kop": int(taken["monthly_kop"].sum()),
        "off_kop": int(taken["off_kop"].sum()),
        "why": {str(code): int(count) for code, count in reasons.iter_rows()},
    }


_EMPTY: Final = pl.lit(None, dtype=pl.Int64)


def _write(act: Recalculation, month: Period, rows: pl.DataFrame, at: dt.datetime) -> pl.DataFrame:
    """One line an account; what is posted for it (`lines.charge_postings`)."""
    by_days, is_absence = act.reason == Reason.OUTAGE_DAYS, act.reason == Reason.ABSENCE
    zero = pl.lit(0, dtype=pl.Int64)
    taken = rows.filter(pl.col("why") == "").sort("account_service_id")
    lines = taken.with_columns(
        kind=pl.lit("correction"),
        component=pl.lit("absence" if is_absence else "outage"),
        meter_id=_EMPTY,
        previous_e3=_EMPTY,
        current_e3=_EMPTY,
        base_e4=pl.col("monthly_kop") * 100,
        base_kind=pl.lit("month_charge"),
        base_total_e4=_EMPTY if by_days else pl.col("whole") * 10_000,
        source_e6=pl.col("part") * 10**6,
        volume_e6=-share_e6(pl.col("volume_e6"), pl.col("part"), pl.col("whole")) if is_absence else zero,
        price_e7=zero,
        coefficient_e4=pl.col("percent_e4"),
        days=pl.col("part") if by_days else _EMPTY,
        amount_kop=-pl.col("off_kop"),
        tariff_version_id=_EMPTY,
        corrects_id=pl.col("first_id"),
    )
    written = write_lines(
        lines=lines.select(*LINES, "corrects_id"), period=month, at=at, recalculation_id=act.pk, corrects=True
    )
    return written.select("account_service_id", "kind", "amount_kop", ref_id="id").with_columns(
        taken["account_id"], provider_service_id=pl.lit(act.provider_service_id, dtype=pl.Int64)
    )


def _note(act: Recalculation, action: str, user_id: int | None, at: dt.datetime) -> None:
    provider = act.provider_service.provider
    audit.record(
        at=at, actor_id=user_id, action=action, object_kind="recalculation", object_id=act.pk, town_id=provider.town_id,
        detail={"provider": provider.pk, "off_kop": act.totals.get("off_kop", 0)},
        premises_ids=[act.account_service.account.premises_id] if act.account_service is not None else [],
    )  # fmt: skip
