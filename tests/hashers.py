"""The product's password hasher at the lowest cost: a suite makes thousands of people, each a fifth of a second otherwise."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
