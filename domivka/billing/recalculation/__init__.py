"""Recalculations: an act takes off what was charged for days or hours without a service, or while residents were away.

draft (checked, with what it would take off) → applied (one transaction of the ledger, one line an account and month) →
undone (the exact opposite). docs/recalculations.md tells the rules.
"""
