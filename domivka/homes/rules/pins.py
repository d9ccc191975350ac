"""The four-digit PIN («Перевірочний код»)."""

from __future__ import annotations

import hashlib
import hmac
import secrets


def draw() -> str:
    return f"{secrets.randbelow(10_000):04d}"


def digest(*, secret: str, home_id: int, pin: str) -> str:
    """What is kept instead of the PIN; useless without the town's secret."""
    return hmac.new(secret.encode(), f"pin/1/{home_id}/{pin}".encode(), hashlib.sha256).hexdigest()


def typed(text: str) -> str:
    """What a person typed, without the spaces and dashes people put between digits."""
    return "".join(char for char in text if char not in " \u00a0-–")
