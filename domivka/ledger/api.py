"""The ledger's public face: post, reverse, read balances, seal and verify."""

from domivka.ledger.models import EntryKind
from domivka.ledger.operations import (
    Entry,
    IdempotencyConflict,
    Posted,
    UnbalancedTransaction,
    open_personal_accounts,
    personal_accounts,
    post,
    post_frame,
    reverse,
    system_account,
)
from domivka.ledger.queries import (
    AccountState,
    OpenDebt,
    Owed,
    Turnover,
    account_states,
    balances,
    open_debts,
    owed,
    system_balance,
    unpaid_months,
)
from domivka.ledger.sealing import Finding, seal, verify
from domivka.ledger.summaries import SummaryState, summarise, summarise_from, summarise_later, summary_state

__all__ = [
    "AccountState",
    "Entry",
    "EntryKind",
    "Finding",
    "IdempotencyConflict",
    "OpenDebt",
    "Owed",
    "Posted",
    "SummaryState",
    "Turnover",
    "UnbalancedTransaction",
    "account_states",
    "balances",
    "open_debts",
    "open_personal_accounts",
    "owed",
    "personal_accounts",
    "post",
    "post_frame",
    "reverse",
    "seal",
    "summarise",
    "summarise_from",
    "summarise_later",
    "summary_state",
    "system_account",
    "system_balance",
    "unpaid_months",
    "verify",
]
