"""Forms of the desk of benefits."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from domivka.kernel.period import Period
from domivka.tariffs import api as tariffs


def _day() -> forms.DateInput:
    return forms.DateInput({"type": "date", "autocomplete": "off"}, "%Y-%m-%d")


class BenefitFilter(forms.Form):
    """What the list is searched by; nonsense falls back to the plain list."""

    q = forms.CharField(label=_("Рахунок або прізвище"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("Стан"),
        required=False,
        choices=[("current", _("Діють")), ("ended", _("Завершені")), ("all", _("Усі"))],
    )
    month = forms.CharField(
        label=_("Суми за місяць"), required=False, max_length=7, widget=forms.TextInput({"type": "month"})
    )

    def wanted(self) -> dict[str, str]:
        self.is_valid()
        data = self.cleaned_data
        return {"text": data.get("q") or "", "state": data.get("state") or "current"}

    def period(self, last: Period) -> Period:
        """The month asked for, `last` instead of nonsense or nothing."""
        self.is_valid()
        try:
            return min(Period.parse(self.cleaned_data.get("month") or ""), last)
        except ValueError:
            return last


class BenefitForm(forms.Form):
    """A benefit as the document says it."""

    category = forms.ChoiceField(label=_("Категорія пільги"))
    holder = forms.CharField(label=_("Пільговик: прізвище, ім’я, по батькові"), max_length=160)
    people = forms.IntegerField(
        label=_("На скількох людей поширюється"),
        min_value=1,
        max_value=30,
        help_text=_("Разом із самим пільговиком."),
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
    valid_from = forms.DateField(label=_("Діє з"), widget=_day())
    last_day = forms.DateField(
        label=_("Останній день дії"),
        required=False,
        help_text=_("Якщо документ безстроковий, залиште порожнім."),
        widget=_day(),
    )
    document_series = forms.CharField(label=_("Серія документа"), required=False, max_length=10)
    document_number = forms.CharField(label=_("Номер документа"), max_length=30)
    document_on = forms.DateField(label=_("Дата видачі документа"), widget=_day())

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        field = self.fields["category"]
        choices = [(one.code, f"{one.name} ({one.code})") for one in tariffs.benefit_categories().values()]
        field.choices = [("", _("Оберіть категорію")), *choices]  # type: ignore[attr-defined]  # a choice field

    def clean_holder(self) -> str:
        return " ".join(self.cleaned_data["holder"].split())

    def clean_document_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["document_on"]
        if day > self.today:
            raise forms.ValidationError(_("Ця дата ще не настала. Перевірте документ."))
        return day


class EndForm(forms.Form):
    """When a benefit stops to hold."""

    mistake = forms.BooleanField(label=_("Пільгу внесено помилково: її не було від самого початку"), required=False)
    last_day = forms.DateField(label=_("Останній день дії"), required=False, widget=_day())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("mistake") and not data.get("last_day") and "last_day" not in self.errors:
            self.add_error("last_day", _("Вкажіть останній день дії пільги."))
        return data

    def last(self) -> dt.date | None:
        """None: it never held."""
        day: dt.date | None = self.cleaned_data["last_day"]
        return None if self.cleaned_data["mistake"] else day
