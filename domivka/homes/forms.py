"""Forms of homes."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


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
