"""`domivka draw-states`: the table of a payment's states as a picture in the documents."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from domivka.payments.rules.states import TRANSITIONS, diagram

DOCUMENT: Final = Path(__file__).resolve().parents[2] / "docs" / "payment-states.md"

_WORDS: Final = """# States of a payment

Drawn by `domivka draw-states` from `domivka/payments/rules/states.py`; a test fails when the two differ.
What is not here is refused. Money that came is credited even after a refusal or after the time ran out; a refusal
after the money changes nothing.

```mermaid
{diagram}```

| from | event | to |
|---|---|---|
{rows}
"""


def document() -> str:
    """The text of the document."""
    rows = "\n".join(f"| {start} | {event} | {end} |" for (start, event), end in TRANSITIONS.items())
    return _WORDS.format(diagram=diagram(), rows=rows)


def main(argv: list[str]) -> int:
    """Write the document; with `--check` only say whether it is up to date."""
    if argv == ["--check"]:
        return 0 if DOCUMENT.exists() and DOCUMENT.read_text() == document() else 1
    DOCUMENT.write_text(document())
    sys.stdout.write(f"{DOCUMENT}\n")
    return 0
