"""People and their roles."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string, salted_hmac


def new_sessions_key() -> str:
    return get_random_string(22)


class UserManager(BaseUserManager["User"]):
    def create_user(
        self,
        *,
        email: str | None = None,
        phone: str | None = None,
        password: str | None = None,
        **fields: object,
    ) -> User:
        """A person with at least one of e-mail and (confirmed) phone `+380…`; see also `identity.api.create_person`."""
        user = self.model(email=self.normalize_email(email) if email else None, phone=phone or None, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person. Signs in by e-mail or phone; names are asked for when a service needs them."""

    email = models.EmailField(null=True, blank=True)
    phone = models.CharField(max_length=16, null=True, blank=True, unique=True)  # confirmed by an SMS code
    new_phone = models.CharField(max_length=16, blank=True)  # waits for its code; several people may type the same
    surname = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=80, blank=True)
    patronymic = models.CharField(max_length=80, blank=True)
    birth_on = models.DateField(null=True, blank=True)
    language = models.CharField(max_length=2, default="uk")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sessions_key = models.CharField(max_length=32, default=new_sessions_key)  # another one ends every session

    objects = UserManager()

    USERNAME_FIELD = "id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique"),
            models.CheckConstraint(
                condition=Q(phone__isnull=True) | Q(phone__regex=r"^\+380\d{9}$"), name="user_phone_e164"
            ),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"

    def get_session_auth_hash(self) -> str:
        return salted_hmac("identity.session", f"{self.password}/{self.sessions_key}", algorithm="sha256").hexdigest()

    @property
    def full_name(self) -> str:
        return " ".join(part for part in (self.surname, self.name, self.patronymic) if part)


class Role(models.TextChoices):
    """The roles of features.md A5 that are needed so far."""

    RESIDENT = "resident"
    PROVIDER = "provider"
    AUTHORITY = "authority"
    OPERATOR = "operator"
    CNAP = "cnap"  # an administrator of the administrative services centre, for a town


class RoleGrant(models.Model):
    """A person holds a role, for one provider (its id), one town (its id) or, for the operator, everything."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=12, choices=Role.choices)
    scope_id = models.BigIntegerField(null=True)
    granted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "scope_id"], nulls_distinct=False, name="grant_once"),
            models.CheckConstraint(
                condition=Q(role="operator", scope_id__isnull=True) | (~Q(role="operator") & Q(scope_id__isnull=False)),
                name="grant_scope_fits_role",
            ),
        ]
