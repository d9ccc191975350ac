"""What a clerk asks for, checked against what the registry knows before anything is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from domivka.billing.models import Recalculation
from domivka.billing.recalculation.errors import BadRecalculation, NotCalculatedHere
from domivka.kernel.period import Period
from domivka.registry.models import AccountService, Occupancy, Premises, ProviderService
from domivka.tariffs import api as tariffs

Reason = Recalculation.Reason
Place = Recalculation.Place
_LONGEST_MONTHS: Final = 12  # an absence longer than a year has to be proven anew anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An act as it is entered. `period` is the month of an outage by hours; others follow from their days. Days are both
    included."""

    provider_service_id: int
    reason: str
    place: str
    document: str
    document_on: dt.date
    building_ids: tuple[int, ...] = ()
    account_service_id: int | None = None
    period: Period | None = None
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    hours: int | None = None
    percent_a_day: Decimal | None = None
    people_away: int | None = None
    note: str = ""


def outage_percent(*, provider_service_id: int, on: dt.date) -> Decimal | None:
    """Per cent of the monthly charge a day for this service on a day: the town's, else the country's; None where neither
    has one."""
    supply = ProviderService.objects.select_related("provider", "service").get(pk=provider_service_id)
    try:
        return tariffs.parameter(code=f"outage_percent_{supply.service.code}", town_id=supply.provider.town_id, on=on)
    except LookupError:
        return None


def checked(asked: Asked) -> tuple[int, dict[str, Any]]:
    """The town and the fields of the act. Raises `BadRecalculation` with the field that is wrong, `NotCalculatedHere`."""
    supply = ProviderService.objects.select_related("provider").filter(pk=asked.provider_service_id).first()
    if supply is None or supply.mode != ProviderService.Mode.CALCULATED:
        raise NotCalculatedHere
    fields = asdict(asked)
    fields["building_ids"] = sorted(set(asked.building_ids)) if asked.place == Place.BUILDINGS else []
    fields["account_service_id"] = asked.account_service_id if asked.place == Place.ACCOUNT else None
    _check_place(asked, supply)
    first, last = _check_amount(asked, supply.provider.town_id)
    return supply.provider.town_id, {**fields, "period": first, "last_period": last}


def _check_place(asked: Asked, supply: ProviderService) -> None:
    if asked.reason == Reason.ABSENCE and asked.place != Place.ACCOUNT:
        raise BadRecalculation("place", _("Перерахунок за відсутність роблять для одного особового рахунку."))
    if asked.place == Place.ACCOUNT:
        if not AccountService.objects.filter(pk=asked.account_service_id or 0, provider_service=supply).exists():
            raise BadRecalculation("account", _("Такого особового рахунку з цією послугою немає. Перевірте номер."))
    elif asked.place == Place.BUILDINGS:
        if not asked.building_ids:
            raise BadRecalculation("buildings", _("Виберіть хоча б один будинок."))
        known = Premises.objects.filter(
            building_id__in=asked.building_ids, accounts__services__provider_service=supply
        ).values("building_id")
        if known.distinct().count() != len(set(asked.building_ids)):
            raise BadRecalculation("buildings", _("У якомусь із вибраних будинків немає рахунків із цією послугою."))


def _check_amount(asked: Asked, town_id: int) -> tuple[Period, Period]:
    """The months the act reaches over."""
    if asked.reason == Reason.OUTAGE_HOURS:
        return _check_hours(asked)
    if asked.first_on is None or asked.last_on is None:
        raise BadRecalculation("first_on", _("Вкажіть перший і останній день."))
    if asked.last_on < asked.first_on:
        raise BadRecalculation("last_on", _("Останній день раніше за перший."))
    first, last = Period.of(asked.first_on), Period.of(asked.last_on)
    if asked.reason == Reason.ABSENCE:
        _check_absence(asked, town_id, first, last)
    elif first != last:
        raise BadRecalculation("last_on", _("Дні мають бути в одному місяці. На кожен місяць зробіть окремий акт."))
    elif asked.percent_a_day is None or not 0 < asked.percent_a_day <= 100:
        raise BadRecalculation("percent_a_day", _("Вкажіть відсоток за добу: більше за 0 і не більше за 100."))
    return first, last


def _check_hours(asked: Asked) -> tuple[Period, Period]:
    if asked.period is None:
        raise BadRecalculation("period", _("Виберіть місяць."))
    most = asked.period.days * 24
    if asked.hours is None or not 0 < asked.hours <= most:
        raise BadRecalculation("hours", _("Вкажіть години: від 1 до %(most)s.") % {"most": most})
    return asked.period, asked.period


def _check_absence(asked: Asked, town_id: int, first: Period, last: Period) -> None:
    assert asked.first_on is not None and asked.last_on is not None  # noqa: S101, PT018 - checked by the caller
    if last > first.shift(_LONGEST_MONTHS - 1):
        raise BadRecalculation("last_on", _("Більше року одним актом не перераховують. Зробіть кілька актів."))
    least = int(tariffs.parameter(code="absence_least_days", town_id=town_id, on=asked.first_on))
    if (asked.last_on - asked.first_on).days + 1 <= least:
        words = _("Перераховують відсутність, довшу за %(least)s днів підряд.") % {"least": least}
        raise BadRecalculation("last_on", words)
    registered = _registered(asked.account_service_id, asked.first_on, asked.last_on)
    if asked.people_away is None or not 0 < asked.people_away <= registered:
        words = _("Вкажіть, скільки людей були відсутні: від 1 до %(most)s зареєстрованих.") % {"most": registered}
        raise BadRecalculation("people_away", words)


def _registered(account_service_id: int | None, first_on: dt.date, last_on: dt.date) -> int:
    """The most people registered in the account's home on any day of the span."""
    found = Occupancy.objects.filter(premises__accounts__services=account_service_id, valid_from__lte=last_on)
    steps = list(found.order_by("valid_from").values_list("valid_from", "registered"))
    ends = [since for since, _people in steps[1:]] + [dt.date.max]
    return max((people for (_since, people), end in zip(steps, ends, strict=True) if end > first_on), default=0)
