"""The authorisation key of a bill: ten digits, `4821-9375-06`.

Eight digits come from HMAC-SHA256 over (premises, month, serial) with the town's secret, so a key is never stored and
cannot be guessed from another. The last two are check digits (ISO 7064 MOD 97-10): a digit mistyped or two swapped
are noticed before anything is compared, and cost no try.
"""

from __future__ import annotations

import hmac

from domivka.kernel.period import Period

DIGITS = 10
_LOOKALIKES = str.maketrans("OОoоІIilіЗз", "00001111133")
_IGNORED = str.maketrans("", "", " \u00a0\u202f\t-–—−‑.№#:")


def derive(*, secret: str, premises_id: int, period: Period, serial: int) -> str:
    """The key as ten digits."""
    message = f"authorisation-key/1/{premises_id}/{int(period)}/{serial}".encode()
    digest = hmac.digest(secret.encode(), message, "sha256")
    body = f"{int.from_bytes(digest[:16], 'big') % 10**8:08d}"
    return body + check_digits(body)


def printed(key: str) -> str:
    """`4821-9375-06`, as it stands on the bill."""
    return f"{key[:4]}-{key[4:8]}-{key[8:]}"


def typed(text: str) -> str | None:
    """What a person typed as ten digits, or None when it cannot be a key.

    Spaces, dashes and dots between digits do not matter; the letters O, І and З are taken for 0, 1 and 3.
    """
    digits = text.translate(_IGNORED).translate(_LOOKALIKES)
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return None
    return digits if digits[8:] == check_digits(digits[:8]) else None


def same(left: str, right: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def check_digits(body: str) -> str:
    """The two last digits of a key whose first eight are `body`."""
    return f"{98 - int(body) * 100 % 97:02d}"
