"""What stands between right credentials and being signed in: a phone or an e-mail that is not confirmed yet."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.stages import EmailVerificationStage, PhoneVerificationStage
from allauth.core.exceptions import ImmediateHttpResponse, RateLimited
from allauth.core.ratelimit import respond_429
from django.http import HttpResponseBase
from django.shortcuts import redirect

from domivka.identity.codes import SignUpPhone


class PhoneStage(PhoneVerificationStage):
    """Whoever signed up by phone types the code of the SMS."""

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        if self.login.user is not None:
            known = get_adapter().get_phone(self.login.user)
            phone, confirmed = known or ("", True)
            if confirmed:
                return None, True
        else:  # the phone is someone else's already, which we do not tell
            phone = self.login.phone or ""
            if not phone:
                return None, True
        try:
            SignUpPhone.initiate(stage=self, phone=phone)
        except RateLimited as error:
            raise ImmediateHttpResponse(respond_429(self.request)) from error
        return redirect("account_verify_phone"), True


class EmailStage(EmailVerificationStage):
    """Whoever signs in by e-mail must have confirmed it; people with a confirmed phone need no e-mail."""

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        user = self.login.user
        if user is not None and user.phone and not self.login.email:
            return None, True
        response, go_on = super().handle()
        return response, go_on
