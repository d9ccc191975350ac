"""Amounts in Ukrainian words, as receipts and certificates want them."""

from __future__ import annotations

from typing import Final

from domivka.kernel.money import Money

_UNITS: Final = ["нуль", "один", "два", "три", "чотири", "пʼять", "шість", "сім", "вісім", "девʼять"]
_TEENS: Final = [
    "десять",
    "одинадцять",
    "дванадцять",
    "тринадцять",
    "чотирнадцять",
    "пʼятнадцять",
    "шістнадцять",
    "сімнадцять",
    "вісімнадцять",
    "девʼятнадцять",
]
_TENS: Final = [
    "-",
    "-",
    "двадцять",
    "тридцять",
    "сорок",
    "пʼятдесят",
    "шістдесят",
    "сімдесят",
    "вісімдесят",
    "девʼяносто",
]
_HUNDREDS: Final = [
    "-",
    "сто",
    "двісті",
    "триста",
    "чотириста",
    "пʼятсот",
    "шістсот",
    "сімсот",
    "вісімсот",
    "девʼятсот",
]
_SCALES: Final = [
    ("мільярд", "мільярди", "мільярдів"),
    ("мільйон", "мільйони", "мільйонів"),
    ("тисяча", "тисячі", "тисяч"),
    ("гривня", "гривні", "гривень"),
]


def _form(n: int, forms: tuple[str, str, str]) -> str:
    if n % 100 in range(11, 15):
        return forms[2]
    return forms[0] if n % 10 == 1 else forms[1] if n % 10 in (2, 3, 4) else forms[2]


def _below_thousand(n: int, *, feminine: bool) -> list[str]:
    words = [_HUNDREDS[n // 100]] if n >= 100 else []
    n %= 100
    if 10 <= n < 20:
        return [*words, _TEENS[n - 10]]
    if n >= 20:
        words.append(_TENS[n // 10])
        n %= 10
    if n:
        words.append({1: "одна", 2: "дві"}.get(n, _UNITS[n]) if feminine else _UNITS[n])
    return words


def hryvnias_in_words(amount: Money) -> str:
    """«Три тисячі сто пʼятдесят чотири гривні 97 копійок». Below a trillion; a negative amount begins with «мінус»."""
    whole, kop = divmod(abs(amount.kop), 100)
    if whole >= 10**12:
        raise ValueError("a trillion and more is not written in words")
    words = ["мінус"] if amount.kop < 0 else []
    for position, forms in enumerate(_SCALES):
        scale = 1000 ** (len(_SCALES) - 1 - position)
        part = whole // scale % 1000
        if part:
            words += _below_thousand(part, feminine=position >= 2)
        if part and position < len(_SCALES) - 1:
            words.append(_form(part, forms))
    words += [] if whole else ["нуль"]
    words.append(_form(whole, _SCALES[-1]))
    text = " ".join([*words, f"{kop:02d}", _form(kop, ("копійка", "копійки", "копійок"))])
    return text[0].upper() + text[1:]
