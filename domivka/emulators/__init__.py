"""Emulators of payment gateways: processes of their own that speak real protocols, for the demo and the tests.

They know nothing of Domivka's database or code; their state lives in memory. Anything goes wrong on demand: a test
card, the page `/admin/` or `POST /api/faults`.
"""
