"""Metering's public face."""

from domivka.metering.corrections import (
    CorrectionOutdated,
    CorrectionView,
    CorrectionWaits,
    NothingToCorrect,
    ReasonMissing,
    accept_correction,
    ask_correction,
    corrections_of,
    count_waiting_corrections,
    reject_correction,
    waiting_corrections,
)
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
from domivka.metering.personal import personal_data
from domivka.metering.queries import (
    Consumption,
    MeterView,
    RegisterView,
    consumption,
    meters_of,
    meters_of_services,
    reading_period,
    reading_window,
)

__all__ = [
    "IMPORTED_READINGS",
    "NAMELESS",
    "Channel",
    "Consumption",
    "CorrectionOutdated",
    "CorrectionView",
    "CorrectionWaits",
    "MeterExists",
    "MeterNotFound",
    "MeterView",
    "NothingToCorrect",
    "ReadingBelowPrevious",
    "ReadingError",
    "ReadingTooHigh",
    "ReadingTooLong",
    "ReadingsTaken",
    "ReasonMissing",
    "RegisterView",
    "StrongerReadingStands",
    "TypedReading",
    "accept_correction",
    "add_meter",
    "ask_correction",
    "check_reading",
    "consumption",
    "corrections_of",
    "count_waiting_corrections",
    "meters_of",
    "meters_of_services",
    "personal_data",
    "reading_period",
    "reading_window",
    "record_imported_readings",
    "reject_correction",
    "reverse_imported_readings",
    "submit_readings",
    "waiting_corrections",
]
