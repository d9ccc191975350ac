"""What the living page of the design system shows: every component with believable values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from domivka.kernel.money import Money
from domivka.portal.figures import Column

# fmt: off
ICONS = [
    "home", "bill", "meter", "history", "chart", "tariff", "wallet", "account", "help", "check", "tick", "clock",
    "warning", "cross", "close", "info", "chevron", "down", "back", "plus", "edit", "print", "download", "upload",
    "file", "exit", "mail", "phone", "card", "lock", "offline", "search", "sun", "moon", "device", "service",
    "water", "hot-water", "sewage", "heating", "gas", "gas-pipe", "electricity", "building", "waste", "elevator",
    "intercom", "parking",
]
# fmt: on


class SpecimenForm(forms.Form):
    name = forms.CharField(label="Назва об'єкта", help_text="Так об'єкт буде підписано у вашому кабінеті.")
    town = forms.ChoiceField(label="Місто", choices=[("1", "Зорянськ")])
    agree = forms.BooleanField(label="Погоджуюся")


def specimens() -> dict[str, Any]:
    noon = dt.datetime(2026, 11, 21, 12, 5, tzinfo=dt.UTC)
    return {
        "icons": ICONS,
        "debt": Money(274_42),
        "credit": Money(-56_05),
        "zero": Money(0),
        "large": Money(3_332_57),
        "form": SpecimenForm(data={"name": "", "town": "1"}),
        "steps": [_("Рахунок"), _("Перевірка"), _("Оплата")],
        "timeline": [
            {"label": "Платіж створено", "at": noon, "state": "done"},
            {"label": "Банк підтверджує", "at": noon, "state": "now", "note": "Зазвичай до хвилини"},
            {"label": "Квитанція", "at": None, "state": "next"},
        ],
        "problems": [{"id": "m1", "label": "Лічильник № 032264", "text": "Показання менше за попереднє (54)."}],
        "columns": [Column("Період", numeric=False), Column("Нараховано, грн")],
        "rows": [["жовтень 2026", "322,36"], ["вересень 2026", "240,00"]],
        "total": ["Разом", "562,36"],
        "previous": Decimal("54.000"),
        "previous_on": dt.date(2026, 10, 25),
    }
