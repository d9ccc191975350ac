"""Who may see which premises."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from domivka.kernel.fields import PeriodField
from domivka.registry.models import Premises


class Home(models.Model):
    """A premises in a person's cabinet: pending until the PIN, locked until the authorisation key."""

    class State(models.TextChoices):
        PENDING = "pending"  # address chosen, PIN sent
        LOCKED = "locked"  # PIN right, authorisation key not given yet
        OPEN = "open"  # data of the accounts is visible
        REMOVED = "removed"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="homes")
    premises = models.ForeignKey(Premises, on_delete=models.PROTECT)
    label = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    reminders = models.BooleanField(default=True)  # letters about readings and verification
    compared = models.BooleanField(default=True)  # sees similar homes and is counted among them
    added_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "premises"], condition=~Q(state="removed"), name="home_once_per_person"
            ),
        ]


class HomePin(models.Model):
    """A four-digit PIN sent by e-mail; only its hash is kept."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, related_name="pin")
    pin_hash = models.CharField(max_length=128)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts_left = models.PositiveSmallIntegerField()


class AuthorisationKey(models.Model):
    """The key printed bottom-left on a bill. Derived from a secret and this row, so it is never stored."""

    premises = models.ForeignKey(Premises, on_delete=models.CASCADE, related_name="keys")
    period = PeriodField()
    serial = models.PositiveSmallIntegerField(default=1)
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["premises", "period", "serial"], name="key_once")]


class KeyAttempt(models.Model):
    """Tries of a key by a person for a premises, counted so that they can run out."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    premises = models.ForeignKey(Premises, on_delete=models.CASCADE)
    attempts_left = models.PositiveSmallIntegerField()
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "premises"], name="key_attempt_once")]


class HomeShare(models.Model):
    """A home shared with a helper: invited by e-mail or phone, accepted by whoever confirmed it, until a moment."""

    class State(models.TextChoices):
        INVITED = "invited"
        ACCEPTED = "accepted"
        DECLINED = "declined"
        REVOKED = "revoked"  # by the owner, before or after it was accepted
        LEFT = "left"  # by the helper
        EXPIRED = "expired"  # noted when another invitation takes its place; time itself closes the door

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="shares")
    helper = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="helps")
    name = models.CharField(max_length=60)  # what the owner calls the helper
    contact = models.CharField(max_length=254)  # a lower-case e-mail or +380…
    label = models.CharField(max_length=60, blank=True)  # what the helper calls the home
    sends_readings = models.BooleanField(default=False)
    pays = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.INVITED)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_at = models.DateTimeField()
    invitation_expires_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    last_visit_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["home", "helper"], condition=Q(state="accepted"), name="share_one_a_helper"
            ),
            models.UniqueConstraint(
                fields=["home", "contact"], condition=Q(state__in=["invited", "accepted"]), name="share_one_a_contact"
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | Q(helper__isnull=False, accepted_at__isnull=False),
                name="share_accepted_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["invited", "accepted"], ended_at__isnull=True)
                | Q(state__in=["declined", "revoked", "left", "expired"], ended_at__isnull=False),
                name="share_ends_once",
            ),
        ]
        indexes = [models.Index(fields=["contact", "invited_at"], name="share_contact")]
