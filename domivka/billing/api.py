"""Billing's public face."""

from domivka.billing.errors import MonthNotOver, RunCancelled
from domivka.billing.explanation import Change, ExplainedLine, Explanation, compare, explain
from domivka.billing.imported import IMPORTED, MOVEMENTS, has_imported, record_imported, reverse_imported
from domivka.billing.models import LineKind, VolumeMethod
from domivka.billing.penalty import tell_payment_days
from domivka.billing.queries import LineView, charge_lines, component_words, method_words, what_if
from domivka.billing.runs import RunReport, finish_run, plan_run, rate_range, run_month

__all__ = [
    "IMPORTED",
    "MOVEMENTS",
    "Change",
    "ExplainedLine",
    "Explanation",
    "LineKind",
    "LineView",
    "MonthNotOver",
    "RunCancelled",
    "RunReport",
    "VolumeMethod",
    "charge_lines",
    "compare",
    "component_words",
    "explain",
    "finish_run",
    "has_imported",
    "method_words",
    "plan_run",
    "rate_range",
    "record_imported",
    "reverse_imported",
    "run_month",
    "tell_payment_days",
    "what_if",
]
