"""The link in the e-mail that signs in on any device: short-lived, and useless after it was used once."""

from __future__ import annotations

from allauth.account import app_settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from domivka.identity.models import User

SALT = "identity.sign-in-link"


def _stamp(user: User) -> str:
    """Changes with every sign-in and every change of password."""
    return f"{user.last_login.timestamp() if user.last_login else 0}/{user.password[-16:]}"


def make(request: HttpRequest, user: User, email: str) -> str:
    token = signing.dumps({"user": user.pk, "email": email, "stamp": _stamp(user)}, salt=SALT, compress=True)
    return request.build_absolute_uri(reverse("account_sign_in_link", args=[token]))


def read(token: str) -> tuple[User, str] | None:
    """The person and the e-mail the link was sent to, or None when it does not work (any more)."""
    try:
        data = signing.loads(token, salt=SALT, max_age=app_settings.LOGIN_BY_CODE_TIMEOUT)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=data["user"], is_active=True, emailaddress__email=data["email"]).first()
    return (user, data["email"]) if user is not None and _stamp(user) == data["stamp"] else None
