"""Ledger: append-only double entry in whole kopiykas; the only writer of balances.

A *transaction* is a set of *postings* that sums to zero; the database refuses any other. Debit is positive. On a
personal account positive means debt, negative means overpayment."""
