from __future__ import annotations

import pytest

from domivka.kernel.money import Money
from domivka.statements.rules.words import hryvnias_in_words


@pytest.mark.parametrize(
    ("kop", "words"),
    [
        (0, "Нуль гривень 00 копійок"),
        (1_01, "Одна гривня 01 копійка"),
        (2_02, "Дві гривні 02 копійки"),
        (5_05, "Пʼять гривень 05 копійок"),
        (11_11, "Одинадцять гривень 11 копійок"),
        (21_21, "Двадцять одна гривня 21 копійка"),
        (3_154_97, "Три тисячі сто пʼятдесят чотири гривні 97 копійок"),
        (1_000_00, "Одна тисяча гривень 00 копійок"),
        (12_000_50, "Дванадцять тисяч гривень 50 копійок"),
        (1_002_001_00, "Один мільйон дві тисячі одна гривня 00 копійок"),
        (2_000_000_000_00, "Два мільярди гривень 00 копійок"),
        (-22_30, "Мінус двадцять дві гривні 30 копійок"),
    ],
)
def test_amount_in_words(kop: int, words: str) -> None:
    assert hryvnias_in_words(Money(kop)) == words


def test_a_trillion_is_refused() -> None:
    with pytest.raises(ValueError, match="trillion"):
        hryvnias_in_words(Money(10**14))
