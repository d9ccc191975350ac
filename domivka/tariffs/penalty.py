"""Who charges penalty and since when, and where and when none grows: rules of services, suspensions of homes and towns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from domivka.kernel import audit
from domivka.kernel.clock import KYIV
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.period import Period
from domivka.registry.api import service_name
from domivka.registry.models import Premises, ProviderService
from domivka.tariffs.models import HomePenaltySuspension, PenaltyRule
from domivka.tariffs.queries import holds

ONE_DAY = dt.timedelta(days=1)


class PenaltyError(DomainError):
    """A rule or a suspension that cannot be so; the words say why."""


@dataclass(frozen=True, slots=True)
class PenaltyRuleView:
    """A provider's service charges penalty from a day on; `valid_to` is exclusive, None is open. `due_day` is the service's."""

    id: int
    provider_id: int
    provider_service_id: int
    service_name: str
    due_day: int
    valid_from: dt.date
    valid_to: dt.date | None
    source: str

    def covers(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)

    @property
    def last_on(self) -> dt.date | None:
        return self.valid_to - ONE_DAY if self.valid_to else None

    @property
    def is_taken_back(self) -> bool:
        return self.valid_to == self.valid_from


@dataclass(frozen=True, slots=True)
class HomeSuspensionView:
    """A span in which no penalty grows on a home's debts; no provider: on all of them."""

    id: int
    premises_id: int
    provider_id: int | None
    provider_name: str
    first_on: dt.date
    last_on: dt.date | None
    reason: str
    reason_words: str
    document: str

    def covers(self, day: dt.date) -> bool:
        return self.first_on <= day and (self.last_on is None or day <= self.last_on)

    @property
    def is_taken_back(self) -> bool:
        return self.last_on is not None and self.last_on < self.first_on


def penalty_rules(
    *, first: dt.date, last: dt.date, town_id: int | None = None, provider_service_id: int | None = None
) -> list[PenaltyRuleView]:
    """Rules of a town's services (or of one service) that hold on any day of `first..last`; one query."""
    rows = PenaltyRule.objects.filter(holds(first, last))
    if town_id is not None:
        rows = rows.filter(provider_service__provider__town_id=town_id)
    if provider_service_id is not None:
        rows = rows.filter(provider_service_id=provider_service_id)
    return _rule_views(rows.exclude(valid_to=F("valid_from")).order_by("provider_service_id", "valid_from"))


def provider_penalty_rules(*, provider_id: int) -> list[PenaltyRuleView]:
    """All rules of a provider, by service, the newest first; one query."""
    rows = PenaltyRule.objects.filter(provider_service__provider_id=provider_id)
    return _rule_views(
        rows.order_by("provider_service__service__position", "provider_service_id", "-valid_from", "-pk")
    )


def _rule_views(rows: object) -> list[PenaltyRuleView]:
    return [
        PenaltyRuleView(
            id=row.pk,
            provider_id=row.provider_service.provider_id,
            provider_service_id=row.provider_service_id,
            service_name=service_name(row.provider_service.service.name, row.provider_service.service.name_en),
            due_day=row.provider_service.due_day,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            source=row.source,
        )
        for row in rows.select_related("provider_service__service")  # type: ignore[attr-defined]  # a query set
    ]


def home_penalty_suspensions(*, premises_ids: Collection[int], on: dt.date | None = None) -> list[HomeSuspensionView]:
    """Suspensions of homes, the newest first; with `on` those in force that day. One query."""
    rows = HomePenaltySuspension.objects.filter(premises_id__in=premises_ids).select_related("provider")
    if on is not None:
        rows = rows.filter(Q(last_on=None) | Q(last_on__gte=on), first_on__lte=on)
    return [
        HomeSuspensionView(
            id=row.pk,
            premises_id=row.premises_id,
            provider_id=row.provider_id,
            provider_name=row.provider.short_name if row.provider else "",
            first_on=row.first_on,
            last_on=row.last_on,
            reason=row.reason,
            reason_words=str(HomePenaltySuspension.Reason(row.reason).label),
            document=row.document,
        )
        for row in rows.order_by("-first_on", "-pk")
    ]


@transaction.atomic
def set_penalty_rule(
    *,
    provider_id: int,
    provider_service_id: int,
    valid_from: dt.date,
    source: str,
    user_id: int | None,
    at: dt.datetime,
) -> int:
    """From a day on the provider charges penalty on its service; the id of the rule. The same again changes nothing.

    Not before the month of `at`: bills of the months before are out. Raises `NotFoundError` for another provider's
    service or one that is not calculated here, `PenaltyError`.
    """
    supplied = ProviderService.objects.select_for_update().filter(
        pk=provider_service_id, provider_id=provider_id, mode=ProviderService.Mode.CALCULATED
    )
    town_id = supplied.values_list("provider__town_id", flat=True).first()
    if town_id is None:
        raise NotFoundError(_("Такої послуги немає."))
    source = " ".join(source.split())
    if not source:
        raise PenaltyError(_("Вкажіть підставу: договір чи рішення, за яким нараховують пеню."))
    rules = PenaltyRule.objects.filter(provider_service_id=provider_service_id)
    known = rules.filter(valid_from=valid_from, valid_to=None, source=source).first()
    if known is not None:
        return known.pk
    month = Period.of(at.astimezone(KYIV).date()).first_day
    if valid_from < month:
        raise PenaltyError(
            _("Почати можна не раніше за %(day)s: рахунки за минулі місяці вже видано.") % {"day": f"{month:%d.%m.%Y}"}
        )
    try:
        with transaction.atomic():
            rule = rules.create(provider_service_id=provider_service_id, valid_from=valid_from, source=source)
    except IntegrityError as error:
        raise PenaltyError(_("За цією послугою пеня в цей час уже нараховується.")) from error
    _record(
        "penalty.rule_set", "penalty_rule", rule.pk, town_id, user_id, at, {"provider_service": provider_service_id}
    )
    return rule.pk


@transaction.atomic
def end_penalty_rule(*, provider_id: int, rule_id: int, last_on: dt.date, user_id: int | None, at: dt.datetime) -> None:
    """The last day on which a rule holds; the day before it begins takes it back. The same again changes nothing.
    Raises `NotFoundError`, `PenaltyError`."""
    rule = (
        PenaltyRule.objects.select_for_update(of=("self",))
        .select_related("provider_service__provider")
        .filter(pk=rule_id, provider_service__provider_id=provider_id)
        .first()
    )
    if rule is None:
        raise NotFoundError(_("Такого правила немає."))
    until = last_on + ONE_DAY
    if rule.valid_to == until:
        return
    if rule.valid_to is not None:
        raise PenaltyError(_("Це правило вже завершено."))
    if until < rule.valid_from:
        raise PenaltyError(_("Останній день не може бути раніше за день перед початком."))
    PenaltyRule.objects.filter(pk=rule.pk).update(valid_to=until)
    town_id = rule.provider_service.provider.town_id
    _record("penalty.rule_ended", "penalty_rule", rule.pk, town_id, user_id, at, {"last_on": str(last_on)})


@transaction.atomic
def suspend_home(
    *,
    premises_id: int,
    provider_id: int | None,
    first_on: dt.date,
    last_on: dt.date | None,
    reason: str,
    document: str,
    user_id: int | None,
    at: dt.datetime,
) -> int:
    """No penalty on a home's debts in a span of days, at one provider or (None) at all; the id of the entry. The same again
    changes nothing. Raises `PenaltyError`."""
    premises = Premises.objects.select_for_update().get(pk=premises_id)
    document = " ".join(document.split())
    if not document or reason not in HomePenaltySuspension.Reason.values:
        raise PenaltyError(_("Вкажіть підставу і документ."))
    if last_on is not None and last_on < first_on:
        raise PenaltyError(_("Останній день не може бути раніше за перший."))
    given = {"premises_id": premises_id, "provider_id": provider_id, "first_on": first_on, "reason": reason}
    known = HomePenaltySuspension.objects.filter(**given).first()
    if known is not None and (known.last_on, known.document) == (last_on, document):
        return known.pk
    if known is not None:
        raise PenaltyError(_("Такий запис з цього дня вже є."))
    entry = HomePenaltySuspension.objects.create(**given, last_on=last_on, document=document)
    _record(
        "penalty.home_suspended",
        "premises",
        premises_id,
        premises.town_id,
        user_id,
        at,
        {"entry": entry.pk},
        [premises_id],
    )
    return entry.pk


@transaction.atomic
def end_home_suspension(
    *,
    suspension_id: int,
    premises_id: int,
    provider_id: int | None,
    last_on: dt.date,
    user_id: int | None,
    at: dt.datetime,
) -> None:
    """The last day of an entry of this home; the day before its first takes it back. A provider ends its own only, None
    ends any. The same again changes nothing. Raises `NotFoundError`, `PenaltyError`."""
    rows = HomePenaltySuspension.objects.select_for_update(of=("self",)).select_related("premises")
    if provider_id is not None:
        rows = rows.filter(provider_id=provider_id)
    entry = rows.filter(pk=suspension_id, premises_id=premises_id).first()
    if entry is None:
        raise NotFoundError(_("Такого запису немає."))
    if entry.last_on == last_on:
        return
    if entry.last_on is not None and entry.last_on < entry.first_on:
        raise PenaltyError(_("Цей запис уже скасовано."))
    if last_on < entry.first_on - ONE_DAY:
        raise PenaltyError(_("Останній день не може бути раніше за перший."))
    HomePenaltySuspension.objects.filter(pk=entry.pk).update(last_on=last_on)
    detail = {"entry": entry.pk, "last_on": str(last_on)}
    _record("penalty.home_resumed", "premises", premises_id, entry.premises.town_id, user_id, at, detail, [premises_id])


def _record(
    action: str, kind: str, object_id: int, town_id: int, user_id: int | None, at: dt.datetime,
    detail: Mapping[str, object], premises_ids: Collection[int] = (),
) -> None:  # fmt: skip
    audit.record(
        at=at, actor_id=user_id, action=action, object_kind=kind, object_id=object_id, town_id=town_id, detail=dict(detail),
        premises_ids=premises_ids,
    )  # fmt: skip
