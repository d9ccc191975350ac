"""Words every context shares: money, period, identifiers, clock, errors, audit, progress, database helpers.

A closed list: what only two contexts need stays in one of them. `Money` is whole kopiykas, a `Period` is a
calendar month, the clock is read only through `domivka.kernel.clock`.
"""
