"""Test cards: what the bank does when it sees each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

CODE: Final = "1234"
"""The code of the 3-D Secure step."""


class Behaviour(StrEnum):
    """How a payment goes."""

    APPROVE = "approve"
    DECLINE = "decline"
    NO_MONEY = "no_money"
    SILENT = "silent"
    LATE = "late"
    TRIPLE = "triple"
    DISORDER = "disorder"
    BAD_SIGNATURE = "bad_signature"
    # on demand only, of the machine-to-machine side
    CREATE_TIMEOUT = "create_timeout"
    CREATE_REFUSED = "create_refused"
    STATUS_TIMEOUT = "status_timeout"


WORDS: Final = {
    Behaviour.APPROVE: "успішна оплата з кодом підтвердження",
    Behaviour.DECLINE: "банк відмовляє",
    Behaviour.NO_MONEY: "бракує грошей на картці",
    Behaviour.SILENT: "оплата пройшла, а повідомлення не надійде",
    Behaviour.LATE: "повідомлення надійде із запізненням",
    Behaviour.TRIPLE: "повідомлення надійде тричі",
    Behaviour.DISORDER: "повідомлення надійдуть у хибному порядку",
    Behaviour.BAD_SIGNATURE: "повідомлення з хибним підписом",
    Behaviour.CREATE_TIMEOUT: "не відповісти на створення платежу",
    Behaviour.CREATE_REFUSED: "відмовити у створенні платежу",
    Behaviour.STATUS_TIMEOUT: "не відповісти на запит стану",
}


@dataclass(frozen=True, slots=True)
class Card:
    number: str
    behaviour: Behaviour

    @property
    def spaced(self) -> str:
        return " ".join(self.number[i : i + 4] for i in range(0, len(self.number), 4))


CARDS: Final = [
    Card("4111111111111111", Behaviour.APPROVE),
    Card("4000000000000002", Behaviour.DECLINE),
    Card("4000000000009995", Behaviour.NO_MONEY),
    Card("4000000000000119", Behaviour.SILENT),
    Card("4000000000000127", Behaviour.LATE),
    Card("4000000000000135", Behaviour.TRIPLE),
    Card("4000000000000143", Behaviour.DISORDER),
    Card("4000000000000150", Behaviour.BAD_SIGNATURE),
]

CITY_CARD: Final = Card("9804000000000001", Behaviour.APPROVE)

REASONS: Final = {
    Behaviour.DECLINE: "Банк відмовив у платежі.",
    Behaviour.NO_MONEY: "На картці бракує грошей.",
}


def behaviour_of(number: str) -> Behaviour | None:
    """What happens with a card; None for a number that is no test card."""
    digits = "".join(character for character in number if character.isdigit())
    for card in [*CARDS, CITY_CARD]:
        if card.number == digits:
            return card.behaviour
    return None
