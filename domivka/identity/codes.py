"""Codes by SMS and e-mail: three tries each, a pause before another code, the same answers for unknown people.

allauth keeps a code and its tries in the session. Requests sent at the same moment would each see the same number of
tries left, so every try is also counted in the shared cache (`spend_try`).
"""

from __future__ import annotations

import time
from typing import Any, Protocol, Self

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.flows.phone_verification import (
    ChangePhoneVerificationProcess,
    PhoneVerificationStageProcess,
)
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStage, LoginStageController
from allauth.core import ratelimit
from allauth.core.exceptions import RateLimited
from django.http import HttpRequest

from domivka.identity import sign_in_link
from domivka.identity.models import User


class _Process(Protocol):
    state: dict[str, Any]
    max_attempts: int


def tries_left(process: _Process) -> int:
    return process.max_attempts - int(process.state["failed_attempts"])


def spend_try(request: HttpRequest, *, recipient: str, code: str) -> bool:
    """Count one try of this code, in all processes together; False when there are none left."""
    return bool(ratelimit.consume(request, action="code_try", key=f"{recipient}/{code}"))


def renew(process: _Process) -> None:
    """A new code has new tries and a new time to live."""
    process.state["failed_attempts"] = 0
    process.state["at"] = time.time()


class SignInCode(LoginCodeVerificationProcess):
    """A code to sign in with, sent to a confirmed phone or e-mail."""

    @classmethod
    def initiate(
        cls, *, request: HttpRequest, user: User | None, email: str | None = None, phone: str | None = None
    ) -> Self:
        login = Login(user=user, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=user, email=email, phone=phone), initiated_by_user=True)
        process = cls(stage=stage)
        process.send()
        process.persist()
        return process

    @classmethod
    def resume(cls, stage: LoginStage) -> Self | None:
        found: Self | None = cls(stage=stage).abort_if_invalid()
        return found

    @property
    def recipient(self) -> str:
        return str(self.state.get("phone") or self.state.get("email"))

    def generate_code(self) -> str:
        if self.user is None:  # nobody to send it to; the page must not show that
            self.state["code"] = ""
            return ""
        return str(super().generate_code())

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        if isinstance(self.user, User):
            link = sign_in_link.make(self.request, self.user, email)
            minutes = app_settings.LOGIN_BY_CODE_TIMEOUT // 60
            context = {"code": self.generate_code(), "link": link, "minutes": minutes}
            get_adapter().send_mail("account/email/login_code", email, context)
        elif not skip_enumeration_mails:
            if self.stage.login.signup:
                get_adapter().send_account_already_exists_mail(email)
            else:
                send_unknown_account_mail(self.request, email)

    def add_sent_message(self, context: dict[str, Any]) -> None:
        """The page itself says where the code went."""

    def resend(self) -> None:
        """Another code; `RateLimited` within a minute of the last."""
        if not ratelimit.consume(self.request, action="send_code", key=self.recipient):
            raise RateLimited
        self.record_resend()
        renew(self)
        self.send(skip_enumeration_mails=True)
        self.persist()


class SignUpPhone(PhoneVerificationStageProcess):
    """The code that confirms the phone of whoever signs up."""

    @classmethod
    def initiate(cls, *, stage: LoginStage, phone: str) -> Self:
        stage.state.update(cls.initial_state(user=stage.login.user, phone=phone), signup=stage.login.signup)
        process = cls(stage)
        process.send()
        return process

    @classmethod
    def resume(cls, stage: LoginStage) -> Self | None:
        found: Self | None = cls(stage).abort_if_invalid() if stage.state else None
        return found

    def resend(self) -> None:
        self.record_resend()
        renew(self)
        self.send(skip_enumeration_sms=True)


class ChangePhone(ChangePhoneVerificationProcess):
    """The code that confirms a phone added or changed in the profile."""

    @classmethod
    def initiate(cls, request: HttpRequest, phone: str) -> Self:
        process = cls(request, state=cls.initial_state(user=request.user, phone=phone))
        process.send()
        return process

    @classmethod
    def resume(cls, request: HttpRequest) -> Self | None:
        state = request.session.get("account_phone_verification")
        found: Self | None = cls(request, state=state).abort_if_invalid() if state else None
        return found

    @property
    def can_resend(self) -> bool:
        return not self.is_resend_quota_reached(app_settings.PHONE_VERIFICATION_MAX_RESEND_COUNT)

    def resend(self) -> None:
        self.record_resend()
        renew(self)
        self.send()
