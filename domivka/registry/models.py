"""The unified municipal database: addresses, providers, services, personal accounts."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Town(models.Model):
    name = models.CharField(max_length=80)
    genitive = models.CharField(max_length=80)
    katottg = models.CharField(max_length=19, unique=True)
    dispatcher_phone = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(katottg__regex=r"^UA\d{17}$"), name="town_katottg"),
        ]


class Street(models.Model):
    """A street keeps its id for ever; its names are dated rows of `StreetName`."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)  # вул., просп., пров., бульв., пл.
    name = models.CharField(max_length=120)  # the name today

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "kind", "name"], name="street_unique")]


class StreetName(models.Model):
    """A name a street has or had; `key` is the folded form that matching and search compare."""

    street = models.ForeignKey(Street, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    key = models.CharField(max_length=120, db_index=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)  # null: today's name

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["street", "kind", "name"], name="street_name_once"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_from__isnull=True) | Q(valid_from__lt=F("valid_to")),
                name="street_name_dates",
            ),
        ]


class Building(models.Model):
    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    street = models.ForeignKey(Street, on_delete=models.PROTECT)
    number = models.CharField(max_length=20)  # «6/1», «12-А»
    number_key = models.CharField(max_length=20)  # folded: «6/1», «12а»
    number_sort = models.CharField(max_length=40)  # natural order
    postal_index = models.CharField(max_length=5, blank=True)
    floors = models.PositiveSmallIntegerField(null=True)
    built_in = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["street", "number_key"], name="building_unique")]


class Premises(models.Model):
    """A flat, a house or non-residential premises: what bills are made for."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    building = models.ForeignKey(Building, on_delete=models.PROTECT)
    flat = models.CharField(max_length=20, blank=True)  # empty: a house
    flat_key = models.CharField(max_length=20, blank=True)
    flat_sort = models.CharField(max_length=40, blank=True)
    area_m2 = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    heated_area_m2 = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    rooms = models.PositiveSmallIntegerField(null=True)
    paper_bill = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["building", "flat_key"], name="premises_unique"),
            models.CheckConstraint(
                condition=Q(area_m2__gte=0) & Q(heated_area_m2__gte=0), name="premises_areas_not_negative"
            ),
        ]


class Occupancy(models.Model):
    """How many people are registered and live in the premises from a date on («міграція»)."""

    premises = models.ForeignKey(Premises, on_delete=models.CASCADE, related_name="occupancy")
    valid_from = models.DateField()
    registered = models.PositiveSmallIntegerField()
    living = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["premises", "valid_from"], name="occupancy_once_a_day")]


class Provider(models.Model):
    town = models.ForeignKey(Town, on_delete=models.PROTECT)
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=80)
    edrpou = models.CharField(max_length=10)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    website = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    working_hours = models.CharField(max_length=120, blank=True)
    colour = models.CharField(max_length=7, default="#1E4F91")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["town", "code"], name="provider_code")]


class Unit(models.TextChoices):
    """Units of volume; the label is what people read."""

    M3 = "m3", _("м³")
    KWH = "kwh", _("кВт·год")
    GCAL = "gcal", _("Гкал")
    M2 = "m2", _("м²")
    PERSON = "person", _("особа")
    MONTH = "month", _("місяць")
    PIECE = "piece", _("послуга")


class Service(models.Model):
    """A kind of service, the same for all providers: cold water, heating, waste…"""

    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)
    unit = models.CharField(max_length=8, choices=Unit.choices)
    volume_decimals = models.PositiveSmallIntegerField(default=3)
    position = models.PositiveSmallIntegerField(default=100)
    icon = models.CharField(max_length=30, default="service")


class ProviderService(models.Model):
    """A provider supplies a service: calculated here or imported from the provider's own billing."""

    class Mode(models.TextChoices):
        CALCULATED = "calculated"
        IMPORTED = "imported"

    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="services")
    service = models.ForeignKey(Service, on_delete=models.PROTECT)
    mode = models.CharField(max_length=10, choices=Mode.choices)
    valid_from = models.DateField(null=True)
    due_day = models.PositiveSmallIntegerField(default=20)  # day of the next month
    reading_from_day = models.PositiveSmallIntegerField(null=True)  # the window; null: not metered
    reading_to_day = models.PositiveSmallIntegerField(null=True)
    volume_of = models.CharField(max_length=80, blank=True)  # service codes whose volumes it repeats: wastewater

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "service"], name="provider_service_once")]


class BankAccount(models.Model):
    """Where a provider receives money; a row without a service serves all its services."""

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="bank_accounts")
    service = models.ForeignKey(Service, on_delete=models.PROTECT, null=True)
    iban = models.CharField(max_length=29)
    bank_name = models.CharField(max_length=120)
    fee_percent = models.DecimalField(max_digits=6, decimal_places=4, default=0)  # commission the payer bears

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "service"], nulls_distinct=False, name="bank_account_once"),
            models.CheckConstraint(condition=Q(iban__regex=r"^UA\d{27}$"), name="bank_account_iban"),
        ]


class PersonalAccount(models.Model):
    """A premises' account at a provider. The number is text: leading zeros and letters are part of it."""

    # Keys of accounts and their services are checked once a statement (migration 0005).
    town = models.ForeignKey(Town, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, db_constraint=False, db_index=False)
    premises = models.ForeignKey(Premises, on_delete=models.PROTECT, related_name="accounts", db_constraint=False)
    number = models.CharField(max_length=32)
    holder = models.CharField(max_length=160, blank=True)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "number"], name="account_number"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="account_dates"
            ),
        ]
        indexes = [models.Index(fields=["town", "number"], name="account_by_number")]


class AccountService(models.Model):
    """One service on a personal account: the grain of charges and of the ledger."""

    account = models.ForeignKey(
        PersonalAccount, on_delete=models.CASCADE, related_name="services", db_constraint=False, db_index=False
    )
    provider_service = models.ForeignKey(ProviderService, on_delete=models.PROTECT, db_constraint=False)
    tariff_code = models.CharField(max_length=30, blank=True)  # which plan of the provider service; '' the ordinary
    norm_code = models.CharField(max_length=30, blank=True)  # which consumption norm applies without a meter
    load = models.DecimalField(max_digits=12, decimal_places=6, null=True)  # Gcal/h or agreed yearly volume
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "provider_service"], name="account_service_once"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="account_service_dates",
            ),
        ]
