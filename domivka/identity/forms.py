"""Forms of sign-in and of the profile."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from allauth.core import ratelimit
from django import forms
from django.utils.translation import gettext_lazy as _

from domivka.identity import codes
from domivka.identity.fields import LoginField, PhoneField
from domivka.identity.models import User
from domivka.kernel import clock

PASSWORD = _("Пароль")


def new_password_field(label: Any = PASSWORD) -> PasswordField:
    """A password being chosen; the page shows its rules beside it while it is typed."""
    field = PasswordField(label=label, autocomplete="new-password", max_length=4096)
    field.widget.attrs = {
        "autocomplete": "new-password",
        "data-password-rules": "",
        "aria-describedby": "password_rules",
    }
    return field


def old_password_field(label: Any = PASSWORD) -> PasswordField:
    field = PasswordField(label=label, autocomplete="current-password", max_length=4096)
    field.widget.attrs = {"autocomplete": "current-password"}
    return field


class SignInForm(allauth_forms.LoginForm):
    """«Телефон або пошта» and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = LoginField()
        self.fields["password"] = old_password_field()
        self.fields["remember"].label = _("Запамʼятати мене на цьому пристрої")
        self.order_fields(["login", "password", "remember"])


class SignUpForm(allauth_forms.SignupForm):
    """One login, phone or e-mail, and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"], self.fields["phone"]
        self.fields["login"] = LoginField()
        self.fields["password1"] = new_password_field()
        self.order_fields(["login", "password1"])

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"]
        is_phone = login.startswith("+")
        self.cleaned_data["phone"] = login if is_phone else None
        self.cleaned_data["email"] = None if is_phone else self.validate_unique_email(login)
        return login

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("phone") and not self.errors and not _may_send(cleaned["phone"], action="verify_phone"):
            self.add_error("login", get_adapter().error_messages["rate_limited"])
        return cleaned


class RequestCodeForm(forms.Form):
    """Where to send a code to sign in with. Whether the login is known is never told."""

    login = LoginField()

    _user: User | None = None

    def clean_login(self) -> str:
        login: str = self.cleaned_data["login"]
        request = allauth_context.request
        if not ratelimit.consume(request, action="request_login_code", key=login):
            raise get_adapter().validation_error("too_many_login_attempts")
        if not ratelimit.consume(request, action="send_code", key=login):
            raise get_adapter().validation_error("rate_limited")
        if login.startswith("+"):
            self.cleaned_data["phone"] = login
            self._user = User.objects.filter(phone=login, is_active=True).first()
        else:
            self.cleaned_data["email"] = login
            owner = EmailAddress.objects.filter(email=login, verified=True, user__is_active=True)
            address = owner.select_related("user").first()
            self._user = address.user if address else None
        return login


def _may_send(phone: str, *, action: str) -> bool:
    return bool(ratelimit.consume(allauth_context.request, action=action, key=phone, dry_run=True))


class CodeForm(forms.Form):
    """The code of the SMS or e-mail. Counts every try where all processes see it."""

    code = forms.CharField(
        label=_("Код"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}),
        error_messages={"required": _("Введіть код.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.expected_code: str = kwargs.pop("code", "") or ""
        self.recipient: str = kwargs.pop("phone", None) or kwargs.pop("recipient", None) or ""
        self.user = kwargs.pop("user", None)
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        spent = codes.spend_try(allauth_context.request, recipient=self.recipient, code=self.expected_code)
        if not spent or not allauth_forms.compare_user_code(actual=code, expected=self.expected_code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class PhoneCodeForm(CodeForm):
    """The code of a phone being confirmed, which nobody else may have confirmed meanwhile."""

    def clean_code(self) -> str:
        code = super().clean_code()
        allauth_forms.phone_already_exists(self.user, self.recipient, always_raise=True)
        return code


class ForgottenForm(allauth_forms.ResetPasswordForm):
    """The e-mail a link to set a new password goes to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = forms.EmailField(
            label=_("Електронна пошта"),
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            error_messages={"required": _("Вкажіть пошту."), "invalid": _("Це не схоже на пошту.")},
        )


class NewPasswordForm(forms.Form):
    """A new password, after the link of the e-mail proved who it is."""

    password1 = new_password_field(_("Новий пароль"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user: User = kwargs.pop("user")
        kwargs.pop("temp_key", None)
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        return str(get_adapter().clean_password(self.cleaned_data["password1"], user=self.user))

    def save(self) -> None:
        get_adapter().set_password(self.user, self.cleaned_data["password1"])


class OwnPasswordMixin(forms.Form):
    """Asks for the current password, unless the person has none or just signed in by a code."""

    def __init__(self, *args: Any, user: User, proved: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.has_usable_password() and not proved:
            self.fields["current"] = old_password_field(_("Ваш теперішній пароль"))

    def clean_current(self) -> str:
        password: str = self.cleaned_data["current"]
        request = allauth_context.request
        if not ratelimit.consume(request, action="reauthenticate"):
            raise get_adapter().validation_error("too_many_login_attempts")
        if not self.user.check_password(password):
            raise get_adapter().validation_error("incorrect_password")
        return password


class ChangeEmailForm(OwnPasswordMixin):
    """«Додати логін-електронну пошту»."""

    email = forms.EmailField(
        label=_("Пошта"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Вкажіть пошту."), "invalid": _("Це не схоже на пошту.")},
    )

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if EmailAddress.objects.filter(user=self.user, email=email, verified=True).exists():
            raise get_adapter().validation_error("same_as_current")
        return email


class ChangePhoneForm(OwnPasswordMixin):
    """«Додати логін-телефон»."""

    phone = PhoneField()

    def clean_phone(self) -> str:
        phone: str = self.cleaned_data["phone"]
        if phone == self.user.phone:
            raise get_adapter().validation_error("same_as_current")
        if not _may_send(phone, action="verify_phone"):
            raise get_adapter().validation_error("rate_limited")
        return phone


class ChangePasswordForm(OwnPasswordMixin):
    """A new password from the profile."""

    password1 = new_password_field(_("Новий пароль"))

    def clean_password1(self) -> str:
        return str(get_adapter().clean_password(self.cleaned_data["password1"], user=self.user))


class ProfileForm(forms.Form):
    """«Персональні дані»."""

    surname = forms.CharField(
        label=_("Прізвище"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    name = forms.CharField(
        label=_("Імʼя"), max_length=80, required=False, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    patronymic = forms.CharField(
        label=_("По батькові"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "additional-name"}),
    )
    birth_on = forms.DateField(
        label=_("Дата народження"),
        required=False,
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
        error_messages={"invalid": _("Напишіть дату так: 05.03.1958.")},
    )
    language = forms.ChoiceField(label=_("Мова кабінету"), choices=[("uk", "Українська"), ("en", "English")])

    def clean_birth_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["birth_on"]
        if day is not None and not (dt.date(1900, 1, 1) <= day <= clock.today()):
            raise forms.ValidationError(_("Перевірте рік: ця дата неможлива."))
        return day
