"""Forms of the import pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from domivka.exchange.models import ImportBatch
from domivka.exchange.preset import Preset
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month
from domivka.registry.api import TownView

YEARS_BACK = 3
STATES = {
    ImportBatch.State.UPLOADED: _("Надіслано"),
    ImportBatch.State.CHECKED: _("Перевірено"),
    ImportBatch.State.APPLIED: _("Застосовано"),
    ImportBatch.State.UNDONE: _("Скасовано"),
    ImportBatch.State.FAILED: _("Не прочитано"),
}


def months(now: Period) -> list[tuple[str, str]]:
    """This month and those before it, newest first."""
    return [(str(period), month(period)) for period in (now.shift(-back) for back in range(12 * YEARS_BACK))]


class UploadForm(forms.Form):
    """What file it is, of which month."""

    town = forms.TypedChoiceField(label=_("Місто"), coerce=int)
    preset = forms.ChoiceField(label=_("Шаблон файлу"))
    period = forms.TypedChoiceField(label=_("Місяць"), coerce=Period.parse)
    file = forms.FileField(label=_("Файл"))

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: MultiValueDict[str, UploadedFile[Any]] | None = None,
        *,
        towns: Iterable[TownView],
        presets: Iterable[Preset],
        now: Period,
    ) -> None:
        super().__init__(data, files, initial={"period": str(now.previous)})
        choices = [(town.id, town.name) for town in towns]
        self.fields["town"].choices = choices  # type: ignore[attr-defined]  # a choice field has choices
        if len(choices) == 1:
            self.fields["town"].initial = choices[0][0]
            self.fields["town"].widget = forms.HiddenInput()
        self.fields["preset"].choices = [(preset.name, preset.title) for preset in presets]  # type: ignore[attr-defined]  # as above
        self.fields["period"].choices = months(now)  # type: ignore[attr-defined]  # as above


class BatchFilter(forms.Form):
    """Which imports the list shows."""

    state = forms.ChoiceField(label=_("Стан"), required=False)
    preset = forms.ChoiceField(label=_("Шаблон"), required=False)
    period = forms.TypedChoiceField(label=_("Місяць"), required=False, coerce=Period.parse, empty_value=None)

    def __init__(self, data: Mapping[str, Any] | None, *, presets: Iterable[Preset], now: Period) -> None:
        super().__init__(data)
        self.fields["state"].choices = [("", _("усі")), *STATES.items()]  # type: ignore[attr-defined]  # as above
        self.fields["preset"].choices = [("", _("усі")), *((p.name, p.title) for p in presets)]  # type: ignore[attr-defined]  # as above
        self.fields["period"].choices = [("", _("усі")), *months(now)]  # type: ignore[attr-defined]  # as above
