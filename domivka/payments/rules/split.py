"""How an amount of money is divided: between recipients, between months, between the services of an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domivka.kernel.period import Period


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a payment: the month it settles, or an advance counted from `period` on."""

    period: Period
    amount_kop: int
    is_advance: bool


def proportional(*, amount_kop: int, weights: Sequence[int]) -> list[int]:
    """Divide `amount_kop` in proportion to `weights` by the largest remainder (domain.md §5.6): shares add up to
    the amount exactly and none is negative.

    Equal remainders go to the larger weight, then to the earlier place, so the share of a weight does not depend on
    the order. No weight at all means equal weights. Raises `ValueError` for a negative amount or weight, or nobody.
    """
    if amount_kop < 0 or not weights or min(weights) < 0:
        raise ValueError("the amount and the weights must not be negative, and there must be somebody to share")
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    shares = [amount_kop * weight // total for weight in weights]
    left = amount_kop - sum(shares)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount_kop * weights[i] % total), -weights[i], i))
    for index in by_remainder[:left]:
        shares[index] += 1
    return shares


def oldest_first(*, amount_kop: int, debts: Sequence[tuple[Period, int]], advance_from: Period) -> list[Part]:
    """Settle the oldest months first; what is left is an advance (domain.md §5.4, rule 2).

    `debts` are (month, kopiykas owed) in any order. Parts add up to the amount; none is zero.
    """
    parts, left = [], amount_kop
    for period, owed in sorted(debts):
        settled = min(left, owed)
        if settled > 0:
            parts.append(Part(period, settled, is_advance=False))
            left -= settled
    if left > 0:
        parts.append(Part(advance_from, left, is_advance=True))
    return parts


def over_services(
    *,
    amount_kop: int,
    debts: Mapping[int, Sequence[tuple[Period, int]]],
    charges: Mapping[int, int],
    advance_from: Period,
) -> dict[int, list[Part]]:
    """Divide money that came for a whole account: month by month from the oldest, inside a month in proportion to
    the debts of the services, and the advance in proportion to their charges.

    `debts` has every service of the account (an empty list where nothing is owed), `charges` the last month charged.
    """
    services = sorted(debts)
    parts: dict[int, list[Part]] = {service: [] for service in services}
    left = amount_kop
    for month in sorted({period for service in services for period, _ in debts[service]}):
        owed = [sum(kop for period, kop in debts[service] if period == month) for service in services]
        paid = min(left, sum(owed))
        for service, share in zip(services, proportional(amount_kop=paid, weights=owed), strict=True):
            if share:
                parts[service].append(Part(month, share, is_advance=False))
        left -= paid
    if left:
        weights = [max(charges.get(service, 0), 0) for service in services]
        for service, share in zip(services, proportional(amount_kop=left, weights=weights), strict=True):
            if share:
                parts[service].append(Part(advance_from, share, is_advance=True))
    return parts
