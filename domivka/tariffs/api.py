"""The tariffs' public face."""

from domivka.tariffs.models import Structure
from domivka.tariffs.queries import (
    PlanView,
    RateView,
    ShareView,
    VersionView,
    parameter,
    parameters,
    penalty_suspensions,
    penalty_terms,
    plans_of,
    versions,
    versions_in_force,
)

__all__ = [
    "PlanView",
    "RateView",
    "ShareView",
    "Structure",
    "VersionView",
    "parameter",
    "parameters",
    "penalty_suspensions",
    "penalty_terms",
    "plans_of",
    "versions",
    "versions_in_force",
]
