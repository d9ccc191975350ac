"""Form fields of identity."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from domivka.identity.rules import phones


class PhoneField(forms.CharField):
    """A Ukrainian phone however it is written; cleans to `+380…`."""

    default_error_messages = {
        "invalid": _("Це не схоже на номер телефону. Напишіть його так: (066) 123 45 67."),
        "required": _("Вкажіть номер телефону."),
    }

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
        kwargs.setdefault("label", _("Телефон"))
        kwargs.setdefault("help_text", _("Наприклад, (066) 123 45 67"))
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=40, **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        phone = phones.normalise(text)
        if phone is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return phone


class LoginField(forms.CharField):
    """«Телефон або пошта»; cleans to `+380…` or a lower-case e-mail."""

    default_error_messages = {
        "invalid": _("Це не схоже ні на телефон, ні на пошту. Напишіть (066) 123 45 67 або name@example.com."),
        "required": _("Вкажіть телефон або пошту."),
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Телефон або пошта"))
        kwargs.setdefault("help_text", _("Наприклад, (066) 123 45 67"))
        attrs = {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value).strip()
        phone = phones.normalise(text)
        if phone is not None:
            return phone
        try:
            validate_email(text)
        except ValidationError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        return text.lower()
