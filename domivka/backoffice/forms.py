"""Forms of staff pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict

from django import forms
from django.utils.translation import gettext_lazy as _

from domivka.kernel.period import Period
from domivka.metering.api import Channel, MeterView, TypedReading


class Wanted(TypedDict):
    text: str
    state: str
    sort: str


class AccountFilter(forms.Form):
    """What the list of accounts is searched and sorted by; nonsense falls back to the plain list."""

    q = forms.CharField(label=_("Номер, адреса або власник"), required=False, max_length=80)
    state = forms.ChoiceField(
        label=_("Стан"),
        required=False,
        choices=[
            ("all", _("Усі відкриті")),
            ("debt", _("Боржники")),
            ("credit", _("З переплатою")),
            ("settled", _("Без боргу")),
            ("closed", _("Закриті")),
        ],
    )
    sort = forms.ChoiceField(
        label=_("За порядком"),
        required=False,
        choices=[
            ("number", _("Номера рахунку")),
            ("address", _("Адреси")),
            ("holder", _("Прізвища")),
            ("debt", _("Боргу, від більшого")),
        ],
    )

    def wanted(self) -> Wanted:
        self.is_valid()
        data = self.cleaned_data
        return Wanted(text=data.get("q") or "", state=data.get("state") or "all", sort=data.get("sort") or "number")


class ReadingsForm(forms.Form):
    """A field for each register of each meter, and how the resident told it."""

    channel = forms.ChoiceField(
        label=_("Як повідомлено"),
        choices=[(Channel.PHONE, _("Телефоном")), (Channel.CASH_DESK, _("У касі"))],
    )
    confirmed = forms.BooleanField(label=_("Незвичне показання перепитано, воно правильне"), required=False)

    registers: Mapping[str, tuple[int, str]] = {}

    def readings(self) -> list[TypedReading]:
        return [
            TypedReading(meter_id, zone, self.cleaned_data[name], bool(self.cleaned_data["confirmed"]))
            for name, (meter_id, zone) in self.registers.items()
            if self.cleaned_data.get(name) is not None
        ]


def readings_form(meters: Sequence[MeterView], data: Mapping[str, Any] | None) -> ReadingsForm:
    """The form with the fields of these meters."""
    form = ReadingsForm(data)
    names: dict[str, tuple[int, str]] = {}
    for meter in meters:
        for register in meter.registers:
            name = f"meter_{meter.id}_{register.zone}"
            names[name] = (meter.id, register.zone)
            form.fields[name] = forms.DecimalField(
                label=f"{meter.number} · {register.zone}" if len(meter.registers) > 1 else meter.number,
                help_text=str(register.previous.normalize()) + f" {meter.unit}",
                required=False,
                min_value=Decimal(0),
                max_digits=14,
                decimal_places=meter.decimals,
                localize=True,
            )
    form.registers = names
    return form


class PeriodForm(forms.Form):
    """A month, «2026-10»."""

    period = forms.CharField(
        label=_("Місяць"), max_length=7, widget=forms.TextInput(attrs={"type": "month", "autocomplete": "off"})
    )

    def clean_period(self) -> Period:
        try:
            return Period.parse(self.cleaned_data["period"])
        except ValueError as error:
            raise forms.ValidationError(_("Вкажіть місяць так: 2026-10.")) from error
