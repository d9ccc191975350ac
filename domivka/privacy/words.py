"""The audit trail as the person it is about reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domivka.backoffice.api import ACTIONS
from domivka.homes.api import SHARE, SHARE_OWNER_ACTS
from domivka.identity.api import Role
from domivka.kernel.models import AuditEntry

WORDS: Final = {
    "account.read": gettext_lazy("Особовий рахунок: нарахування, оплати, показання"),
    "accounts.listed": gettext_lazy("Список особових рахунків, у якому є ваш"),
    "api.account_read": gettext_lazy("Особовий рахунок: номер, власник, залишки"),
    "api.accounts_read": gettext_lazy("Список особових рахунків із залишками, у якому є ваш"),
    "appointments.board_read": gettext_lazy("Візити дня: ваше прізвище, телефон і час візиту"),
    "audit.read": gettext_lazy("Журнал ваших дій на сайті"),
    "billing.recalculation_read": gettext_lazy("Перерахунок, у якому є ваш рахунок"),
    "cnap.application_read": gettext_lazy("Ваша заява № %(id)s з документами"),
    "cnap.applications_listed": gettext_lazy("Черга заяв, у якій є ваша"),
    "cnap.case_read": gettext_lazy("Ваша справа"),
    "cnap.consultation_read": gettext_lazy("Ваше звернення № %(id)s"),
    "cnap.consultations_listed": gettext_lazy("Черга звернень, у якій є ваше"),
    "exchange.rows_read": gettext_lazy("Файл нарахувань, у якому є ваш рахунок"),
    "homes.granted": gettext_lazy("Оселю відкрито"),
    "identity.created": gettext_lazy("Обліковий запис створено"),
    "identity.erased": gettext_lazy("Ваші дані видалено"),
    "metering.correction_asked": gettext_lazy("Попросили виправити лічильник"),
    "metering.corrections_listed": gettext_lazy("Список виправлень лічильників, у якому є ваше"),
    "penalty.home_read": gettext_lazy("Призупинення пені за вашою адресою: дні, підстава, документ"),
    "penalty.listed": gettext_lazy("Список рахунків із пенею, у якому є ваш"),
    "tariffs.benefit_added": gettext_lazy("Внесено пільгу за рахунком вашої оселі"),
    "tariffs.benefit_ended": gettext_lazy("Завершено пільгу за рахунком вашої оселі"),
    "tariffs.benefits_listed": gettext_lazy("Список пільг, у якому є ваша оселя"),
    "tariffs.benefits_saved": gettext_lazy("Список пільг, у якому є ваша оселя, збережено у файл"),
}
_FROM_HOME: Final = ("web", "app", "bot")
"""Channels of readings that whoever lives there uses themselves."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids of entries are called: providers and towns."""

    providers: Mapping[int, str]
    towns: Mapping[int, str]


def what(entry: AuditEntry) -> str:
    """What was looked at or done."""
    if entry.action in WORDS:
        return str(WORDS[entry.action]) % {"id": entry.object_id}
    said = str(ACTIONS.get(entry.action, entry.action))
    return f"{said} (№ {entry.object_id})" if entry.object_kind in ("application", "consultation") else said


def day_of(entry: AuditEntry) -> dt.date | None:
    """The day whose visits were looked at."""
    day = entry.detail.get("day")
    return dt.date.fromisoformat(day) if day else None


def provider_of(entry: AuditEntry) -> int | None:
    """The provider that the reader works for, when the entry tells."""
    if entry.object_kind == "provider":
        return int(entry.object_id)
    provider: int | None = entry.detail.get("provider")
    return provider


def who(entry: AuditEntry, *, user_id: int, names: Names) -> str:
    """The role and the body, never the name: see docs/personal-data.md."""
    if entry.actor_id == user_id:
        return _("Ви")
    provider = names.providers.get(provider_of(entry) or 0, "")
    if entry.actor_id is None:
        return _("Програма надавача: %(provider)s") % {"provider": provider} if provider else _("Система")
    area = entry.action.partition(".")[0]
    if area in ("cnap", "appointments"):
        town = names.towns.get(entry.town_id or 0, "")
        return _("Адміністратор ЦНАП, %(town)s") % {"town": town} if town else _("Адміністратор ЦНАП")
    role = entry.detail.get("role") if area != "identity" else Role.OPERATOR
    if role == Role.OPERATOR or area == "audit":
        return _("Оператор системи")
    if role == Role.AUTHORITY:
        return _("Працівник міської влади")
    if role == Role.PROVIDER or area == "billing":
        return _("Працівник надавача: %(provider)s") % {"provider": provider} if provider else _("Працівник надавача")
    return _who_of_home(entry)


def _who_of_home(entry: AuditEntry) -> str:
    """Of what is done with a home by somebody else: staff, or whoever else has it among theirs."""
    by_staff = entry.action in (
        "homes.granted", "homes.key_replaced", "homes.locked", "metering.correction_accepted",
        "metering.correction_rejected", "tariffs.benefit_added", "tariffs.benefit_ended",
    )  # fmt: skip
    if entry.action in SHARE_OWNER_ACTS:
        return _("Власник оселі")
    if entry.object_kind == SHARE:
        return _("Помічник з оселі")
    channel: Any = entry.detail.get("channel")
    if by_staff or (channel is not None and channel not in _FROM_HOME):
        return _("Працівник")
    return _("Інша людина, яка має цю оселю у своєму кабінеті")
