"""The tariffs' public face."""

from domivka.tariffs.models import HomePenaltySuspension, Structure
from domivka.tariffs.penalty import (
    HomeSuspensionView,
    PenaltyError,
    PenaltyRuleView,
    end_home_suspension,
    end_penalty_rule,
    home_penalty_suspensions,
    penalty_rules,
    provider_penalty_rules,
    set_penalty_rule,
    suspend_home,
)
from domivka.tariffs.personal import personal_data
from domivka.tariffs.queries import (
    PlanView,
    RateView,
    ShareView,
    VersionView,
    parameter,
    parameter_source,
    parameters,
    penalty_suspensions,
    penalty_terms,
    plans_of,
    versions,
    versions_in_force,
)

SuspensionReason = HomePenaltySuspension.Reason

__all__ = [
    "HomeSuspensionView",
    "PenaltyError",
    "PenaltyRuleView",
    "PlanView",
    "RateView",
    "ShareView",
    "Structure",
    "SuspensionReason",
    "VersionView",
    "end_home_suspension",
    "end_penalty_rule",
    "home_penalty_suspensions",
    "parameter",
    "parameter_source",
    "parameters",
    "penalty_rules",
    "penalty_suspensions",
    "penalty_terms",
    "personal_data",
    "plans_of",
    "provider_penalty_rules",
    "set_penalty_rule",
    "suspend_home",
    "versions",
    "versions_in_force",
]
