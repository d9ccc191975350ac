"""Forms of staff pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypedDict

from django import forms
from django.utils.translation import gettext_lazy as _

from domivka.backoffice.prints import RouteView
from domivka.kernel.period import Period
from domivka.metering.api import Channel, MeterView, TypedReading
from domivka.registry.api import TownView
from domivka.statements.api import COLUMNS, Look
from domivka.statements.models import DeliveryRoute


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


class BillsForm(PeriodForm):
    """Which town's month."""

    town = forms.TypedChoiceField(label=_("Місто"), coerce=int)
    field_order: Sequence[str] = ("town", "period")

    def __init__(self, *args: Any, towns: Sequence[TownView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["town"]
        field.choices = [(town.id, town.name) for town in towns]  # type: ignore[attr-defined]  # a choice field

    def wanted(self) -> dict[str, Any]:
        return {"town_id": self.cleaned_data["town"], "period": self.cleaned_data["period"]}


class PrintForm(BillsForm):
    """Which month's paper bills to print."""

    address_side = forms.BooleanField(
        label=_("Зворот із адресою для віконця євроконверта, місцем для оголошення і лініями згину"), required=False
    )
    field_order = ("town", "period", "address_side")

    def wanted(self) -> dict[str, Any]:
        return {**super().wanted(), "address_side": self.cleaned_data["address_side"]}


class ReprintForm(forms.Form):
    """A range of a run by the numbers of its bills."""

    first = forms.IntegerField(label=_("Від рахунка №"), min_value=1, max_value=10_000_000)
    last = forms.IntegerField(label=_("До рахунка №"), min_value=1, max_value=10_000_000)


class RouteForm(forms.Form):
    name = forms.CharField(label=_("Назва маршруту"), max_length=80)
    kind = forms.ChoiceField(label=_("Хто доставляє"), choices=DeliveryRoute.Kind.choices)


class StreetForm(forms.Form):
    """Buildings of a street to a route; the empty route takes them off."""

    street = forms.TypedChoiceField(label=_("Вулиця"), coerce=int)
    route = forms.TypedChoiceField(label=_("Маршрут"), coerce=int, required=False, empty_value=None)

    def __init__(
        self, *args: Any, routes: Sequence[RouteView], streets: Sequence[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        names: list[tuple[int | str, str]] = [(route.id, route.name) for route in routes]
        self.fields["street"].choices = streets  # type: ignore[attr-defined]  # choice fields
        self.fields["route"].choices = [("", _("Без маршруту")), *names]  # type: ignore[attr-defined]  # a choice field

    def wanted(self) -> dict[str, Any]:
        return {"street_id": self.cleaned_data["street"], "route_id": self.cleaned_data["route"]}


COLUMN_NAMES: Final = {
    "service": _("Послуга"),
    "meter": _("Лічильник"),
    "boxes": _("Клітинки для показань"),
    "readings": _("Показання"),
    "volume": _("Обсяг"),
    "price": _("Тариф"),
    "charged": _("Нараховано"),
    "debt": _("Борг або переплата"),
    "paid": _("Оплата"),
    "recalculation": _("Перерахунок"),
    "subsidy": _("Субсидія, пільга"),
    "compulsory": _("Обов’язкова частка"),
    "to_pay": _("До сплати"),
    "paying": _("Сплачую"),
}


class DesignForm(forms.Form):
    """A town's bill: what may change without a programmer."""

    colour = forms.CharField(label=_("Основний колір"), max_length=7, help_text=_("Наприклад, #1e4f91."))
    heading = forms.CharField(label=_("Хто надсилає рахунок"), required=False, max_length=60)
    notice = forms.CharField(label=_("Рядок унизу рахунка"), required=False, max_length=110)
    advertisement_title = forms.CharField(label=_("Заголовок оголошення на звороті"), required=False, max_length=80)
    advertisement = forms.CharField(
        label=_("Оголошення на звороті"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 4})
    )
    logo = forms.CharField(
        label=_("Логотип (SVG)"),
        required=False,
        help_text=_("Вставте вміст файлу SVG: простий рисунок до 60 кБ без вкладених картинок."),
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, len(COLUMNS) + 1):
            label = _("Колонка %(number)d") % {"number": number}
            self.fields[f"column_{number}"] = forms.ChoiceField(label=label, choices=list(COLUMN_NAMES.items()))

    @staticmethod
    def shown(look: Look) -> dict[str, Any]:
        return {**look.as_json(), **{f"column_{number}": name for number, name in enumerate(look.columns, start=1)}}

    @property
    def words(self) -> list[forms.BoundField]:
        return [field for field in self if not field.name.startswith("column_")]

    @property
    def columns(self) -> list[forms.BoundField]:
        """A list to choose from for each place, from left to right."""
        return [field for field in self if field.name.startswith("column_")]

    def clean(self) -> dict[str, Any]:
        """Says which columns stand twice and which are missing."""
        data = super().clean() or {}
        chosen = [data[name] for name in data if name.startswith("column_")]
        if len(chosen) == len(COLUMNS) and set(chosen) != set(COLUMNS):
            twice = [str(COLUMN_NAMES[name]) for name in COLUMNS if chosen.count(name) > 1]
            missing = [str(COLUMN_NAMES[name]) for name in COLUMNS if name not in chosen]
            words = {"twice": ", ".join(twice), "missing": ", ".join(missing)}
            raise forms.ValidationError(_("Двічі: %(twice)s. Бракує: %(missing)s.") % words)
        return data

    def look(self) -> Look:
        data = self.cleaned_data
        columns = tuple(data[f"column_{number}"] for number in range(1, len(COLUMNS) + 1))
        return Look(**{field.name: data[field.name] for field in self.words}, columns=columns)
