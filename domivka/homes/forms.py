"""Forms of homes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from domivka.homes.rules.rights import Term, last_day
from domivka.identity.api import LoginField


class PinForm(forms.Form):
    pin = forms.CharField(
        label=_("Перевірочний код"),
        help_text=_("Чотири цифри з листа"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "code"}),
        error_messages={"required": _("Введіть чотири цифри з листа.")},
    )


class KeyForm(forms.Form):
    key = forms.CharField(
        label=_("Ключ авторизації"),
        help_text=_("Десять цифр, наприклад 4821-9375-06. Риски й пробіли можна не писати."),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "key"}),
        error_messages={"required": _("Введіть ключ з рахунка.")},
    )


class EditForm(forms.Form):
    label = forms.CharField(
        label=_("Нова назва об'єкту"),
        help_text=_("Наприклад, «Мамина квартира». Порожньо – буде адреса."),
        max_length=60,
        required=False,
    )
    reminders = forms.BooleanField(
        label=_("Нагадувати про показання і повірку лічильників"),
        help_text=_("Лист на початку прийому показань і за два дні до кінця, якщо ви їх ще не передали."),
        required=False,
    )
    remove = forms.BooleanField(label=_("Видалити об'єкт з профілю"), required=False)


class RightsForm(forms.Form):
    """What a helper may do besides seeing, and until when."""

    readings = forms.BooleanField(label=_("передавати показання лічильників"), required=False)
    pays = forms.BooleanField(label=_("платити за послуги зі своєї картки"), required=False)
    term = forms.TypedChoiceField(
        label=_("До якого дня"), coerce=Term, initial=Term.HALF_YEAR, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, today: dt.date, keep: dt.date | None = None, **kwargs: Any) -> None:
        """`keep` is the last day of access that exists: it may stay as it is."""
        super().__init__(*args, **kwargs)
        words = {
            Term.WEEK: _("на тиждень, до %(day)s"),
            Term.MONTH: _("на місяць, до %(day)s"),
            Term.HALF_YEAR: _("на пів року, до %(day)s"),
            Term.YEAR: _("на рік, до %(day)s"),
        }
        choices = [(term.value, text % {"day": _day(last_day(term, today=today))}) for term, text in words.items()]
        if keep is not None:
            choices.insert(0, ("", _("як було, до %(day)s") % {"day": _day(keep)}))
            self.fields["term"].required = False
            self.fields["term"].initial = ""
        self.fields["term"].choices = choices  # type: ignore[attr-defined]  # it is a choice field

    @property
    def given(self) -> dict[str, Any]:
        """Readings, payments and the term (None: as it was), as operations take them."""
        data = self.cleaned_data
        return {"readings": data["readings"], "pays": data["pays"], "term": data["term"] or None}


class InviteForm(RightsForm):
    name = forms.CharField(
        label=_("Хто допомагатиме"),
        help_text=_("Як вам зручно називати: «донька Оля». Так людина буде у вашому списку."),
        max_length=60,
        error_messages={"required": _("Напишіть, як називати помічника.")},
    )
    contact = LoginField(
        label=_("Пошта або телефон помічника"),
        help_text=_("Сюди надійде запрошення. Прийняти його зможе лише той, хто підтвердить цю пошту чи телефон."),
    )

    field_order = ("name", "contact", "readings", "pays", "term")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].widget.attrs["autocomplete"] = "off"  # somebody else's, not the person's own


class LabelForm(forms.Form):
    label = forms.CharField(
        label=_("Як називати цю оселю у вас"),
        help_text=_("Наприклад, «оселя мами». Порожньо – буде адреса. Власник цієї назви не побачить."),
        max_length=60,
        required=False,
    )


def _day(day: dt.date) -> str:
    return day.strftime("%d.%m.%Y")
