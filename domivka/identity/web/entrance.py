"""Signing up and in: allauth's pages, with ours where a code is typed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.decorators import login_stage_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView, _VerifyPhoneSignupView
from allauth.core.exceptions import RateLimited
from allauth.core.internal import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView

from domivka.identity import sign_in_link
from domivka.identity.access import public
from domivka.identity.codes import SignInCode, SignUpPhone, tries_left
from domivka.identity.forms import CodeForm, PhoneCodeForm
from domivka.identity.rules import phones
from domivka.identity.web.profile import ConfirmNewPhone, PhoneTakenMeanwhile


class RequestCode(RequestLoginCodeView):
    """«Увійти за кодом»: where to send it."""

    def form_valid(self, form: Any) -> HttpResponse:
        SignInCode.initiate(
            request=self.request,
            user=form._user,
            email=form.cleaned_data.get("email"),
            phone=form.cleaned_data.get("phone"),
        )
        return redirect(self.get_success_url())


@method_decorator(login_stage_required(LoginByCodeStage.key, "account_request_login_code"), name="dispatch")
class ConfirmCode(ConfirmLoginCodeView):
    """The code itself: three tries, another code after a pause."""

    form_class = CodeForm
    _process: SignInCode

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = request._login_stage  # type: ignore[attr-defined]  # put there by the decorator
        process = SignInCode.resume(self.stage)
        if process is None:
            messages.error(request, _("Час дії коду минув. Замовте новий."))
            return redirect("account_request_login_code")
        self._process = process
        return FormView.dispatch(self, request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs if self._action == "resend" else {**kwargs, "recipient": self._process.recipient}

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        try:
            self._process.resend()
            messages.success(self.request, _("Надіслано новий код. Попередній більше не діє."))
        except RateLimited:
            messages.error(self.request, str(get_adapter().error_messages["rate_limited"]))
        return redirect(self.passthrough_next_url(self.request.path))

    def form_invalid(self, form: Any) -> HttpResponse:
        if self._process.record_invalid_attempt():
            return FormView.form_invalid(self, form)
        messages.error(self.request, _("Спроби ввести код вичерпано. Замовте новий код."))
        return redirect("account_request_login_code")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        phone = self._process.state.get("phone")
        return {**context, "tries_left": tries_left(self._process), "phone_shown": phones.shown(phone or "")}


class SignUpPhoneCode(PhoneTakenMeanwhile, _VerifyPhoneSignupView):
    """«Підтвердити номер телефону» after signing up by phone."""

    form_class = PhoneCodeForm
    process: SignUpPhone

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.stage = request._login_stage  # type: ignore[attr-defined]  # put there by the decorator of the base
        process = SignUpPhone.resume(self.stage)
        if process is None:
            response: HttpResponse = self.stage.abort()
            return response
        self.process = process
        return FormView.dispatch(self, request, *args, **kwargs)

    def respond_process_failed(self, form: Any) -> HttpResponse:
        messages.error(
            self.request, _("Спроби ввести код вичерпано. Увійдіть з телефоном і паролем, і ми надішлемо новий код.")
        )
        response: HttpResponse = self.stage.abort()
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "tries_left": tries_left(self.process), "phone_shown": phones.shown(self.process.phone)}


_sign_up_phone = login_stage_required("verify_phone", "account_login")(SignUpPhoneCode.as_view())


@public
def verify_phone(request: HttpRequest) -> HttpResponseBase:
    """One address for both: the phone of a new person, and a new phone of a person."""
    view = ConfirmNewPhone.as_view() if request.user.is_authenticated else _sign_up_phone
    answer: HttpResponseBase = view(request)
    return answer


@public
@never_cache
@require_http_methods(["GET", "POST"])
def follow_link(request: HttpRequest, token: str) -> HttpResponseBase:
    """The link of the e-mail: asks first, as mail scanners open links too; then signs in."""
    if not ratelimit.consume(request, app="allauth.account", action="login", limit_get=True):
        answer: HttpResponseBase = ratelimit.respond_429(request)
        return answer
    found = sign_in_link.read(token)
    if found is None:
        return render(request, "account/link_expired.html", status=410)
    user, email = found
    if request.method == "GET":
        return render(request, "account/link_confirm.html", {"email": email})
    record_authentication(request, user, method="code", email=email)
    signed_in: HttpResponseBase = perform_login(request, Login(user=user, email=email))
    return signed_in


request_code = public(RequestCode.as_view())
confirm_code = public(ConfirmCode.as_view())
