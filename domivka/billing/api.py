"""Billing's public face."""

from domivka.billing.benefits import benefits_by_account, benefits_by_category
from domivka.billing.errors import MonthNotOver, RunCancelled
from domivka.billing.explanation import Change, ExplainedLine, Explanation, compare, explain
from domivka.billing.imported import IMPORTED, MOVEMENTS, has_imported, record_imported, reverse_imported
from domivka.billing.models import LineKind, Recalculation, VolumeMethod
from domivka.billing.penalty import tell_payment_days
from domivka.billing.personal import personal_data
from domivka.billing.queries import LineView, charge_lines, component_words, method_words, what_if
from domivka.billing.recalculation.asked import Asked, outage_percent
from domivka.billing.recalculation.errors import (
    BadRecalculation,
    MonthBeingCharged,
    MonthNotCharged,
    NotCalculatedHere,
    NothingToTakeOff,
    PreviewChanged,
    WrongState,
)
from domivka.billing.recalculation.operations import apply as apply_recalculation
from domivka.billing.recalculation.operations import draft as draft_recalculation
from domivka.billing.recalculation.operations import remove as remove_recalculation
from domivka.billing.recalculation.operations import undo as undo_recalculation
from domivka.billing.recalculation.progress import progress_of as recalculation_progress
from domivka.billing.recalculation.progress import waiting as recalculation_waiting
from domivka.billing.recalculation.queries import (
    RecalculationView,
    TakenOff,
    all_taken_off,
    charged_months,
    recalculation,
    recalculations,
    taken_off,
)
from domivka.billing.runs import RunReport, finish_run, plan_run, rate_range, run_month

__all__ = [
    "IMPORTED",
    "MOVEMENTS",
    "Asked",
    "BadRecalculation",
    "Change",
    "ExplainedLine",
    "Explanation",
    "LineKind",
    "LineView",
    "MonthBeingCharged",
    "MonthNotCharged",
    "MonthNotOver",
    "NotCalculatedHere",
    "NothingToTakeOff",
    "PreviewChanged",
    "Recalculation",
    "RecalculationView",
    "RunCancelled",
    "RunReport",
    "TakenOff",
    "VolumeMethod",
    "WrongState",
    "all_taken_off",
    "apply_recalculation",
    "benefits_by_account",
    "benefits_by_category",
    "charge_lines",
    "charged_months",
    "compare",
    "component_words",
    "draft_recalculation",
    "explain",
    "finish_run",
    "has_imported",
    "method_words",
    "outage_percent",
    "personal_data",
    "plan_run",
    "rate_range",
    "recalculation",
    "recalculation_progress",
    "recalculation_waiting",
    "recalculations",
    "record_imported",
    "remove_recalculation",
    "reverse_imported",
    "run_month",
    "taken_off",
    "tell_payment_days",
    "undo_recalculation",
    "what_if",
]
