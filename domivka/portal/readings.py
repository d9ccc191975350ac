"""Meters of a home as people type their readings: on the readings page and inside the bill."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from domivka.homes.api import HomeView
from domivka.metering import api as metering
from domivka.metering.api import Channel, CorrectionView, MeterView, ReadingError, RegisterView, TypedReading
from domivka.portal.rules.inputs import NotANumber, parse_reading
from domivka.registry import api as registry
from domivka.registry.api import ServiceView

VERIFICATION_SOON = dt.timedelta(days=60)


@dataclass(frozen=True, slots=True)
class RegisterInput:
    """One field: a register of a meter with what was typed and what is wrong with it."""

    meter: MeterView
    register: RegisterView
    text: str = ""
    value: Decimal | None = None  # what was typed, read; None where nothing new was typed
    error: str = ""
    warning: str = ""  # can be confirmed
    confirmed: bool = False
    corrections: tuple[CorrectionView, ...] = ()  # of the meter, beside its first register

    @property
    def name(self) -> str:
        return f"reading_{self.meter.id}_{self.register.zone}"

    @property
    def confirm_name(self) -> str:
        return f"confirm_{self.meter.id}_{self.register.zone}"

    @property
    def title(self) -> str:
        return _("Лічильник № %(number)s") % {"number": self.meter.number}

    @property
    def zone_words(self) -> str:
        return zone_words(self.register.zone)

    @property
    def is_first(self) -> bool:
        return self.register.zone == self.meter.registers[0].zone


@dataclass(frozen=True, slots=True)
class MeteredService:
    """A metered service with the fields of its meters; none where no meter stands."""

    service: ServiceView
    inputs: tuple[RegisterInput, ...]

    @property
    def meter(self) -> MeterView | None:
        return self.inputs[0].meter if self.inputs else None

    @property
    def waits(self) -> bool:
        """The window is open and a register has no value of this month yet."""
        return any(one.meter.window_is_open and one.register.current is None for one in self.inputs)


@dataclass(frozen=True, slots=True)
class Meters:
    services: tuple[MeteredService, ...]

    @property
    def inputs(self) -> list[RegisterInput]:
        return [one for service in self.services for one in service.inputs]

    @property
    def is_valid(self) -> bool:
        return not self.problems

    @property
    def problems(self) -> list[RegisterInput]:
        """Fields that ask for another look, for the list at the top of the page."""
        return [one for one in self.inputs if one.error or (one.warning and not one.confirmed)]

    @property
    def waiting_until(self) -> dt.date | None:
        """The last day of the window that closes first among those that wait for a reading."""
        days = [s.meter.window_to for s in self.services if s.waits and s.meter and s.meter.window_to]
        return min(days, default=None)

    def verification_due(self, today: dt.date) -> list[MeterView]:
        """Meters whose verification has expired or expires soon, each once."""
        meters = {one.meter.id: one.meter for one in self.inputs}
        soon = today + VERIFICATION_SOON
        return [meter for meter in meters.values() if meter.verification_due_on and meter.verification_due_on <= soon]

    def of(self, account_service_id: int) -> MeteredService | None:
        return next((s for s in self.services if s.service.account_service_id == account_service_id), None)


def zone_words(zone: str) -> str:
    """«День», «Ніч»…; nothing for a meter with one register."""
    words = {"day": _("День"), "night": _("Ніч"), "peak": _("Пік"), "half_peak": _("Напівпік")}
    return words.get(zone, "")


def meters_of(*, services: Sequence[ServiceView], today: dt.date) -> Meters:
    """Metered services with their fields; a field holds this month's reading when there is one."""
    metered = [service for service in services if service.is_metered]
    found: dict[int, list[MeterView]] = defaultdict(list)
    for meter in metering.meters_of_services(services=metered, on=today):
        found[meter.account_service_id].append(meter)
    return Meters(
        tuple(
            MeteredService(
                service,
                tuple(
                    RegisterInput(meter, register, text=_shown(register.current))
                    for meter in found[service.account_service_id]
                    for register in meter.registers
                ),
            )
            for service in metered
        )
    )


def meters_of_home(*, home: HomeView, today: dt.date) -> Meters:
    return meters_of(services=registry.services_of(premises_ids=[home.premises_id], on=today), today=today)


def with_corrections(meters: Meters, *, at: dt.datetime) -> Meters:
    """The same fields with what of the meters waits for the provider or was refused. One query."""
    found = metering.corrections_of(meter_ids={one.meter.id for one in meters.inputs}, at=at)
    return Meters(
        tuple(
            replace(
                service,
                inputs=tuple(
                    replace(one, corrections=tuple(found.get(one.meter.id, ()))) if one.is_first else one
                    for one in service.inputs
                ),
            )
            for service in meters.services
        )
    )


def _shown(value: Decimal | None) -> str:
    if value is None:
        return ""
    return f"{value:f}".rstrip("0").rstrip(".").replace(".", ",") if value % 1 else f"{value:.0f}"


def with_typed(meters: Meters, data: Mapping[str, str]) -> Meters:
    """The same fields with what was typed; a text that is no reading becomes the field's error."""
    return Meters(
        tuple(
            replace(service, inputs=tuple(_typed(one, data) for one in service.inputs)) for service in meters.services
        )
    )


def _typed(one: RegisterInput, data: Mapping[str, str]) -> RegisterInput:
    text = data.get(one.name, one.text)
    confirmed = bool(data.get(one.confirm_name))
    try:
        value = parse_reading(text, decimals=one.meter.decimals)
    except NotANumber:
        error = _("Це не показання. Введіть цифри з лічильника, наприклад 58 або 58,125.")
        return replace(one, text=text, error=error, confirmed=confirmed)
    is_new = value is not None and value != one.register.current
    return replace(one, text=text, value=value if is_new else None, confirmed=confirmed)


def submit(
    *, home: HomeView, meters: Meters, user_id: int, channel: Channel, client_key: str, at: dt.datetime
) -> tuple[int, Meters]:
    """Hand what was typed to metering: how many were taken, and the fields with what was refused and why."""
    wanted = [one for one in meters.inputs if one.value is not None and not one.error]
    if not wanted:
        return 0, meters
    outcome = metering.submit_readings(
        town_id=home.town_id,
        account_service_ids=[service.service.account_service_id for service in meters.services],
        readings=[
            TypedReading(one.meter.id, one.register.zone, one.value, one.confirmed, client_key)
            for one in wanted
            if one.value is not None
        ],
        channel=channel,
        user_id=user_id,
        at=at,
    )
    refused = {(error.meter_id, error.zone): error for error in outcome.refused}
    services = tuple(
        replace(service, inputs=tuple(_refused(one, refused) for one in service.inputs)) for service in meters.services
    )
    return outcome.taken, Meters(services)


def _refused(one: RegisterInput, refused: Mapping[tuple[int, str], ReadingError]) -> RegisterInput:
    error = refused.get((one.meter.id, one.register.zone))
    if error is None:
        return one
    return replace(one, warning=str(error)) if error.confirmable else replace(one, error=str(error))
