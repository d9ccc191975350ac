"""The profile: personal data, «Редагувати логін», password, sign-out elsewhere."""

from __future__ import annotations

import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.views import _BaseVerifyPhoneView
from allauth.core.exceptions import RateLimited
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import FormView

from domivka.identity import api as identity
from domivka.identity import operations
from domivka.identity.access import signed_in
from domivka.identity.codes import ChangePhone, tries_left
from domivka.identity.forms import ChangeEmailForm, ChangePasswordForm, ChangePhoneForm, PhoneCodeForm, ProfileForm
from domivka.identity.models import User
from domivka.identity.rules import phones
from domivka.kernel import clock

PROVED_SECONDS = 600


def me(request: HttpRequest) -> User:
    """The signed-in person; the access middleware lets nobody else through."""
    assert isinstance(request.user, User)  # noqa: S101 - guaranteed by `signed_in`
    return request.user


def proved(request: HttpRequest) -> bool:
    """Whether the person signed in by a code or link of this phone or e-mail within ten minutes."""
    since = time.time() - PROVED_SECONDS
    records = get_authentication_records(request, me(request))
    return any(record["method"] == "code" and record["at"] >= since for record in records)


@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """«Профіль»: what is known about the person and what is missing."""
    missing = identity.missing_profile_fields(user_id=me(request).pk)
    person = identity.person(user_id=me(request).pk)
    context = {
        "person": person,
        "phone_shown": phones.shown(person.phone),
        "missing": [identity.profile_field_words(field) for field in missing],
        "has_password": me(request).has_usable_password(),
    }
    return render(request, "identity/profile.html", context)


@signed_in
def edit(request: HttpRequest) -> HttpResponse:
    """«Персональні дані»."""
    user = me(request)
    known = {name: getattr(user, name) for name in ProfileForm.base_fields}
    form = ProfileForm(request.POST or None, initial=known)
    if not form.is_valid():
        return render(request, "identity/edit.html", {"form": form, "next": request.GET.get("next", "")})
    operations.save_profile(user_id=user.pk, at=clock.now(), **form.cleaned_data)
    language = form.cleaned_data["language"]
    with override(language):
        messages.success(request, _("Збережено."))
    target = request.POST.get("next", "")
    response = redirect(target if get_adapter().is_safe_url(target) and target else "identity:profile")
    response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=31_536_000, samesite="Lax")
    return response


@signed_in
def logins(request: HttpRequest) -> HttpResponse:
    """«Редагувати логін»: the e-mail and phone to sign in with."""
    waiting = EmailAddress.objects.filter(user=me(request), verified=False).values_list("email", flat=True).first()
    person = identity.person(user_id=me(request).pk)
    context = {"person": person, "phone_shown": phones.shown(person.phone), "waiting": waiting}
    return render(request, "identity/logins.html", context)


@signed_in
def change_email(request: HttpRequest) -> HttpResponse:
    """«Додавання логіна-пошти»: the new address is used once its link is followed."""
    form = ChangeEmailForm(request.POST or None, user=me(request), proved=proved(request))
    if not form.is_valid():
        return render(request, "identity/change_email.html", {"form": form})
    operations.ask_to_confirm_email(request=request, user=me(request), email=form.cleaned_data["email"])
    return render(request, "identity/email_sent.html", {"email": form.cleaned_data["email"]})


@signed_in
def change_phone(request: HttpRequest) -> HttpResponse:
    """«Додавання логіна-телефону»: the new number is used once the code of its SMS is typed."""
    form = ChangePhoneForm(request.POST or None, user=me(request), proved=proved(request))
    if form.is_valid():
        try:
            ChangePhone.initiate(request, form.cleaned_data["phone"])
            return redirect("account_verify_phone")
        except RateLimited:
            form.add_error("phone", get_adapter().error_messages["rate_limited"])
    return render(request, "identity/change_phone.html", {"form": form})


class PhoneTakenMeanwhile:
    """For views of a phone's code: somebody else may have confirmed the same phone between the check and now."""

    def _verify_form_valid(self, form: Any) -> HttpResponseBase:
        try:
            answer: HttpResponseBase = super()._verify_form_valid(form)  # type: ignore[misc]  # the view mixed into
        except ValidationError as error:
            form.add_error("code", error)
            answer = FormView.form_invalid(self, form)  # type: ignore[arg-type]  # as above
        return answer


class ConfirmNewPhone(PhoneTakenMeanwhile, _BaseVerifyPhoneView):
    """The code sent to a phone that is being added or changed."""

    form_class = PhoneCodeForm
    process: ChangePhone

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        process = ChangePhone.resume(request)
        if process is None:
            return redirect("identity:change_phone")
        self.process = process
        return FormView.dispatch(self, request, *args, **kwargs)

    def respond_process_succeeded(self, form: Any) -> HttpResponse:
        return redirect("identity:logins")

    def respond_process_failed(self, form: Any) -> HttpResponse:
        messages.error(self.request, _("Спроби ввести код вичерпано. Вкажіть номер ще раз, і ми надішлемо новий код."))
        return redirect("identity:change_phone")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        shown = phones.shown(self.process.phone)
        return {**context, "tries_left": tries_left(self.process), "phone_shown": shown, "is_change": True}


@signed_in
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; other devices are signed out by it."""
    user = me(request)
    form = ChangePasswordForm(request.POST or None, user=user, proved=proved(request))
    if not form.is_valid():
        return render(request, "identity/change_password.html", {"form": form})
    get_adapter().set_password(user, form.cleaned_data["password1"])
    update_session_auth_hash(request, user)
    messages.success(request, _("Пароль змінено. На інших пристроях потрібно увійти з новим паролем."))
    return redirect("identity:profile")


@signed_in
@require_POST
def sign_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """Every other browser and phone has to sign in again."""
    user = me(request)
    operations.sign_out_elsewhere(user_id=user.pk, at=clock.now())
    user.refresh_from_db()
    update_session_auth_hash(request, user)
    messages.success(request, _("На всіх інших пристроях виконано вихід."))
    return redirect("identity:profile")
