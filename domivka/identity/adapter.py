"""How allauth talks to Domivka: messages through the outbox, phones in our own column, every event audited."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domivka.identity import access, notices
from domivka.identity.fields import PhoneField
from domivka.identity.models import User
from domivka.identity.queries import confirmed_email
from domivka.identity.rules import phones
from domivka.kernel import audit, clock
from domivka.notifications import api as notifications

_WRONG = gettext_lazy("Логін або пароль неправильні. Перевірте їх або натисніть «Забули пароль?».")
_TAKEN = gettext_lazy("Цей логін уже використовує інший обліковий запис.")
_TOO_MANY = gettext_lazy("Забагато спроб. Зачекайте кілька хвилин і спробуйте ще раз.")


class Adapter(DefaultAccountAdapter):
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": gettext_lazy("Цей обліковий запис вимкнено."),
        "email_password_mismatch": _WRONG,
        "phone_password_mismatch": _WRONG,
        "username_password_mismatch": _WRONG,
        "email_taken": _TAKEN,
        "phone_taken": _TAKEN,
        "duplicate_email": gettext_lazy("Це вже ваша пошта."),
        "same_as_current": gettext_lazy("Це вже ваш логін. Вкажіть інший."),
        "incorrect_code": gettext_lazy("Код неправильний. Перевірте цифри."),
        "incorrect_password": gettext_lazy("Пароль неправильний."),
        "invalid_login": gettext_lazy("Вкажіть телефон або пошту."),
        "invalid_password_reset": gettext_lazy("Посилання вже не діє."),
        "too_many_login_attempts": _TOO_MANY,
        "rate_limited": gettext_lazy("Код щойно надіслано. Новий можна замовити за хвилину."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, {"email": email, **context})
        notifications.send_email(
            to=email,
            template="identity." + template_prefix.rsplit("/", 1)[-1],
            subject=str(message.subject),
            body=str(message.body),
            at=clock.now(),
        )

    def phone_form_field(self, **kwargs: Any) -> PhoneField:
        return PhoneField(**kwargs)

    def get_phone(self, user: AbstractBaseUser) -> tuple[str, bool] | None:
        assert isinstance(user, User)  # noqa: S101 - there is no other model of people
        if user.phone:
            return user.phone, True
        return (user.new_phone, False) if user.new_phone else None

    def set_phone(self, user: AbstractBaseUser, phone: str, verified: bool) -> None:
        if verified:
            self.set_phone_verified(user, phone)
        else:
            assert isinstance(user, User)  # noqa: S101 - there is no other model of people
            user.new_phone = phone
            user.save(update_fields=["new_phone"])

    def set_phone_verified(self, user: AbstractBaseUser, phone: str) -> None:
        assert isinstance(user, User)  # noqa: S101 - there is no other model of people
        before = user.phone
        if before == phone:
            return
        try:
            with transaction.atomic():
                User.objects.filter(pk=user.pk).update(phone=phone, new_phone="")
                self.record("identity.phone_confirmed", user)
                if before:
                    notices.login_changed(phone=before, at=clock.now())
        except IntegrityError as error:  # somebody confirmed it a moment earlier
            raise self.validation_error("phone_taken") from error
        user.phone, user.new_phone = phone, ""

    def get_user_by_phone(self, phone: str) -> User | None:
        """Only confirmed phones are looked up: a number that somebody merely typed is nobody's."""
        return User.objects.filter(phone=phone).first()

    def send_verification_code_sms(self, user: AbstractBaseUser, phone: str, code: str, **kwargs: Any) -> None:
        body = _("Домівка: код %(code)s. Нікому його не кажіть.") % {"code": code}
        notifications.send_sms(to=phone, template="identity.code", body=body, at=clock.now())

    def send_account_already_exists_sms(self, phone: str) -> None:
        body = _("Домівка: цей номер уже зареєстровано. Щоб увійти, замовте код на сторінці входу.")
        notifications.send_sms(to=phone, template="identity.exists", body=body, at=clock.now())

    def get_login_stages(self) -> list[str]:
        return [
            "allauth.account.stages.LoginByCodeStage",
            "domivka.identity.stages.PhoneStage",
            "domivka.identity.stages.EmailStage",
        ]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        assert isinstance(request.user, User)  # noqa: S101 - only called after sign-in
        return "/staff/" if access.is_staff(request.user) else "/"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return reverse("identity:edit")

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        self.record("identity.signed_in", user)
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if isinstance(user, User) and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            response.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=31_536_000, samesite="Lax")
        return response

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: Any, commit: bool = True
    ) -> AbstractBaseUser:
        with transaction.atomic():
            saved: AbstractBaseUser = super().save_user(request, user, form, commit)
            self.record("identity.signed_up", saved)
        return saved

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        before = confirmed_email(user_id=email_address.user_id)
        with transaction.atomic():
            _free_of_squatters(email_address)
            confirmed = bool(super().confirm_email(request, email_address))
            if confirmed and before != email_address.email:
                self.record("identity.email_confirmed", email_address.user)
                if before:
                    notices.login_changed(email=before, at=clock.now())
        return confirmed

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            self.record("identity.password_set", user)
            notices.password_changed(user_id=user.pk, at=clock.now())

    def record(self, action: str, user: AbstractBaseUser) -> None:
        request = allauth_context.request
        actor = request.user.pk if request is not None and request.user.is_authenticated else user.pk
        audit.record(
            at=clock.now(), actor_id=actor, action=action, object_kind="user", object_id=user.pk, person_ids=[user.pk]
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's own key ignores phones, so that wrong tries of one phone would stop everybody's
        login = credentials.get("email") or credentials.get("phone") or credentials.get("username") or ""
        return f"login:{phones.normalise(login) or login.lower()}"


def _free_of_squatters(address: EmailAddress) -> None:
    """Take the e-mail away from whoever typed it and never confirmed it, as its owner confirms it now."""
    others = EmailAddress.objects.filter(email=address.email, verified=False).exclude(user_id=address.user_id)
    typed_by = list(others.values_list("user_id", flat=True))
    if typed_by:
        others.delete()
        User.objects.filter(pk__in=typed_by, email=address.email).update(email=None)
