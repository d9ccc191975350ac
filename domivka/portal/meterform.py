"""«Додати лічильник»."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from domivka.metering.api import MeterView
from domivka.portal.readings import zone_words
from domivka.portal.rules.inputs import NotANumber, parse_reading
from domivka.registry.api import ServiceView

ZONES: Final = {"1": ["single"], "2": ["day", "night"], "3": ["peak", "half_peak", "night"]}
ELECTRICITY: Final = "electricity"


class ReadingField(forms.CharField):
    """A reading as it stands on the meter."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def to_python(self, value: object) -> Any:
        try:
            return parse_reading(str(value or ""))
        except NotANumber as error:
            raise forms.ValidationError(_("Введіть цифри з лічильника, наприклад 58 або 58,125.")) from error

    def validate(self, value: object) -> None:
        if value is None and self.required:
            raise forms.ValidationError(self.error_messages["required"])


class MeterForm(forms.Form):
    number = forms.CharField(
        label=_("Номер лічильника"), max_length=32, help_text=_("Надрукований на передній панелі.")
    )
    model = forms.CharField(label=_("Модель"), max_length=60, required=False)
    zones = forms.ChoiceField(
        label=_("Скільки тарифних зон"),
        choices=[("1", _("Одна")), ("2", _("Дві: день і ніч")), ("3", _("Три: пік, напівпік, ніч"))],
        initial="1",
    )
    initial_1 = ReadingField(label=_("Показання зараз"))
    initial_2 = ReadingField(label=_("Показання другої зони, якщо вона є"), required=False)
    initial_3 = ReadingField(label=_("Показання третьої зони, якщо вона є"), required=False)
    verification_due_on = forms.DateField(
        label=_("Повірка дійсна до"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Є в паспорті лічильника або в акті повірки."),
    )

    def __init__(self, data: Any, *, service: ServiceView, today: dt.date) -> None:
        super().__init__(data)
        if service.service_code != ELECTRICITY:
            for name in ("zones", "initial_2", "initial_3"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for place in range(2, int(cleaned.get("zones") or 1) + 1):
            if cleaned.get(f"initial_{place}") is None and f"initial_{place}" not in self.errors:
                self.add_error(f"initial_{place}", _("Введіть показання цієї зони."))
        return cleaned

    def meter(self) -> dict[str, Any]:
        """What `metering.api.add_meter` needs of the form."""
        zones = ZONES[self.cleaned_data.get("zones") or "1"]
        values: list[Decimal] = [self.cleaned_data[f"initial_{place}"] for place in range(1, len(zones) + 1)]
        return {
            "number": self.cleaned_data["number"].strip(),
            "model": self.cleaned_data["model"].strip(),
            "zones": zones,
            "initial": values,
            "digits": max(5, *(len(f"{value:.0f}") for value in values)),
            "verification_due_on": self.cleaned_data["verification_due_on"],
        }


class CorrectionForm(forms.Form):
    """The number and the previous values as they should be; filled with what they are."""

    number = forms.CharField(
        label=_("Номер лічильника"), max_length=32, help_text=_("Надрукований на передній панелі.")
    )

    def __init__(self, data: Any, *, meter: MeterView) -> None:
        super().__init__(data, initial={"number": meter.number})
        self.zones = [register for register in meter.registers if register.previous_on is not None]
        for register in self.zones:
            words = zone_words(register.zone)
            self.fields[f"value_{register.zone}"] = ReadingField(
                label=now("Попереднє показання") + (f", {words}" if words else ""),
                initial=f"{register.previous:f}".rstrip("0").rstrip(".").replace(".", ",")
                if register.previous % 1
                else f"{register.previous:.0f}",
                help_text=now("Було на лічильнику %(day)s.") % {"day": f"{register.previous_on:%d.%m.%Y}"},
            )

    def correction(self) -> dict[str, Any]:
        """What `metering.api.ask_correction` needs of the form."""
        values = {register.zone: self.cleaned_data[f"value_{register.zone}"] for register in self.zones}
        return {"number": self.cleaned_data["number"], "values": values}
