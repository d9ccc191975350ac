"""Forms of recalculations: what to recalculate first, then the fields that this needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from domivka.backoffice.recalculations import StreetOfBuildings, account_service_of
from domivka.billing.api import Asked, Recalculation
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.registry.api import SupplyView

Reason, Place, State = Recalculation.Reason, Recalculation.Place, Recalculation.State


def _date(label: Any, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget)


class ActFilter(forms.Form):
    """Which acts the list shows; nonsense shows all."""

    q = forms.CharField(label=_("Номер документа"), required=False, max_length=60)
    period = forms.ChoiceField(label=_("Місяць"), required=False)
    state = forms.ChoiceField(label=_("Стан"), required=False, choices=[("", _("усі")), *State.choices])

    def __init__(self, data: Mapping[str, Any], *, months: Sequence[Period]) -> None:
        super().__init__(data)
        named = [(str(one), month(one)) for one in months]
        self.fields["period"].choices = [("", _("усі")), *named]  # type: ignore[attr-defined]  # a choice field has choices

    def wanted(self) -> dict[str, Any]:
        self.is_valid()
        data = self.cleaned_data
        period = data.get("period")
        return {
            "document": data.get("q") or "",
            "period": Period.parse(period) if period else None,
            "state": data.get("state") or "",
        }


class WhatForm(forms.Form):
    """The first step: which service, why, where."""

    service = forms.TypedChoiceField(label=_("Послуга"), coerce=int)
    reason = forms.ChoiceField(label=_("Причина"), choices=Reason.choices)
    place = forms.ChoiceField(
        label=_("Для кого"),
        choices=Place.choices,
        help_text=_("Відсутність мешканців перераховують лише для одного особового рахунку."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, supplies: Sequence[SupplyView]) -> None:
        super().__init__(data)
        self.fields["service"].choices = [(one.provider_service_id, one.name) for one in supplies]  # type: ignore[attr-defined]  # as above

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("reason") == Reason.ABSENCE:
            data["place"] = Place.ACCOUNT
        return data


class ActForm(forms.Form):
    """The second step: the fields of this reason and this place."""

    account = forms.CharField(label=_("Особовий рахунок"), max_length=32)
    buildings = forms.TypedMultipleChoiceField(
        label=_("Будинки"), coerce=int, error_messages={"required": _("Виберіть хоча б один будинок.")}
    )
    period = forms.TypedChoiceField(label=_("Місяць"), coerce=Period.parse)
    hours = forms.IntegerField(
        label=_("Годин без послуги за місяць"), min_value=1, max_value=744, help_text=_("Разом за весь місяць.")
    )
    first_on = _date(_("Перший день"))
    last_on = _date(_("Останній день"), _("Обидва дні рахуються."))
    percent_a_day = forms.DecimalField(
        label=_("Відсоток місячної плати за добу"),
        min_value=Decimal("0.01"),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        localize=True,
    )
    people_away = forms.IntegerField(label=_("Скільки зареєстрованих людей були відсутні"), min_value=1, max_value=99)
    document = forms.CharField(
        label=_("Документ"), max_length=60, help_text=_("Назва й номер: акт, заява, довідка. Мешканець побачить його.")
    )
    document_on = _date(_("Дата документа"))
    note = forms.CharField(
        label=_("Пояснення для мешканця, якщо потрібно"),
        required=False,
        max_length=300,
        help_text=_("Не пишіть прізвищ: текст побачать у рахунку."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        what: Mapping[str, Any],
        months: Sequence[Period],
        streets: Sequence[StreetOfBuildings],
        percent: Decimal | None,
    ) -> None:
        super().__init__(data, initial={"percent_a_day": percent})
        self.what = what
        self.streets = streets
        for name in self._without(what["reason"], what["place"]):
            del self.fields[name]
        if "period" in self.fields:
            self.fields["period"].choices = [(str(one), month(one)) for one in months]  # type: ignore[attr-defined]  # as above
        if "buildings" in self.fields:
            self.fields["buildings"].choices = [one for street in streets for one in street.buildings]  # type: ignore[attr-defined]  # as above
        if "percent_a_day" in self.fields:
            self.fields["percent_a_day"].help_text = (
                _("Підставлено з чинних правил; змініть, якщо договір каже інше.")
                if percent is not None
                else _("Для цієї послуги правила відсотка не мають: візьміть його з договору.")
            )

    @staticmethod
    def _without(reason: str, place: str) -> set[str]:
        """Fields that this act does not have."""
        gone = {"people_away"} if reason != Reason.ABSENCE else {"percent_a_day"}
        if reason == Reason.OUTAGE_HOURS:
            gone |= {"first_on", "last_on", "percent_a_day"}
        else:
            gone |= {"period", "hours"}
        gone |= {"account"} if place != Place.ACCOUNT else set()
        return gone | ({"buildings"} if place != Place.BUILDINGS else set())

    @property
    def chosen(self) -> list[str]:
        """Ids of the buildings that were ticked, as text."""
        return [str(one) for one in self["buildings"].value() or []] if "buildings" in self.fields else []

    def clean_account(self) -> int:
        found = account_service_of(self.what["service"], self.cleaned_data["account"])
        if found is None:
            raise forms.ValidationError(_("Такого особового рахунку з цією послугою немає. Перевірте номер."))
        return found

    def asked(self) -> Asked:
        """What billing is asked for."""
        data = self.cleaned_data
        return Asked(
            provider_service_id=self.what["service"],
            reason=self.what["reason"],
            place=self.what["place"],
            building_ids=tuple(data.get("buildings") or ()),
            account_service_id=data.get("account"),
            period=data.get("period"),
            first_on=data.get("first_on"),
            last_on=data.get("last_on"),
            hours=data.get("hours"),
            percent_a_day=data.get("percent_a_day"),
            people_away=data.get("people_away"),
            document=data["document"],
            document_on=data["document_on"],
            note=data.get("note") or "",
        )

    @property
    def problems(self) -> list[dict[str, str]]:
        """For components/problems.html."""
        return [
            {"id": self[name].id_for_label or f"id_{name}", "label": str(self[name].label), "text": str(errors[0])}
            for name, errors in self.errors.items()
            if name in self.fields
        ]
