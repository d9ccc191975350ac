"""Writes of payments. Locks are taken in one order: the intent, then its personal ledger accounts by id."""
