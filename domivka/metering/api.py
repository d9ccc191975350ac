"""Metering's public face."""

from domivka.metering.errors import (
    MeterExists,
    MeterNotFound,
    ReadingBelowPrevious,
    ReadingError,
    ReadingTooHigh,
    ReadingTooLong,
    StrongerReadingStands,
)
from domivka.metering.imported import IMPORTED_READINGS, NAMELESS, record_imported_readings, reverse_imported_readings
from domivka.metering.models import Channel
from domivka.metering.operations import ReadingsTaken, TypedReading, add_meter, check_reading, submit_readings
from domivka.metering.queries import (
    Consumption,
    MeterView,
    RegisterView,
    consumption,
    meters_of,
    reading_period,
    reading_window,
)

__all__ = [
    "IMPORTED_READINGS",
    "NAMELESS",
    "Channel",
    "Consumption",
    "MeterExists",
    "MeterNotFound",
    "MeterView",
    "ReadingBelowPrevious",
    "ReadingError",
    "ReadingTooHigh",
    "ReadingTooLong",
    "ReadingsTaken",
    "RegisterView",
    "StrongerReadingStands",
    "TypedReading",
    "add_meter",
    "check_reading",
    "consumption",
    "meters_of",
    "reading_period",
    "reading_window",
    "record_imported_readings",
    "reverse_imported_readings",
    "submit_readings",
]
