"""Payments: a basket frozen into an intent, gateways, signed callbacks applied once, split, receipts, bank registers."""
