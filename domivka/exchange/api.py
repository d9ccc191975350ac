"""Exchange's public face: files in, step by step."""

from domivka.exchange.errors import (
    AlreadyApplied,
    BadPreset,
    BatchNotFound,
    CannotUndo,
    FileTooLarge,
    Stopped,
    UnknownPreset,
    UnknownProvider,
    UnknownTown,
    UnreadableFile,
    WrongPeriod,
    WrongState,
)
from domivka.exchange.examine import Examined, examine
from domivka.exchange.operations.applying import apply
from domivka.exchange.operations.staging import Uploaded, check, upload
from domivka.exchange.operations.undoing import undo
from domivka.exchange.preset import Preset, load_preset, preset_names
from domivka.exchange.queries import BatchView, RowView, Scope, batch_view, batches, preview, rejected_csv, rows_of

__all__ = [
    "AlreadyApplied",
    "BadPreset",
    "BatchNotFound",
    "BatchView",
    "CannotUndo",
    "Examined",
    "FileTooLarge",
    "Preset",
    "RowView",
    "Scope",
    "Stopped",
    "UnknownPreset",
    "UnknownProvider",
    "UnknownTown",
    "UnreadableFile",
    "Uploaded",
    "WrongPeriod",
    "WrongState",
    "apply",
    "batch_view",
    "batches",
    "check",
    "examine",
    "load_preset",
    "preset_names",
    "preview",
    "rejected_csv",
    "rows_of",
    "undo",
    "upload",
]
