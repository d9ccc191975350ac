from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.kernel.period import Period
from domivka.payments.rules.split import Part, oldest_first, over_services, proportional

JAN, FEB, MAR, APR = (Period(202601 + month) for month in range(4))
amounts = st.integers(0, 10**10)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (3000_00, [322_36, 707_33, 3058_15, 274_42], [221_69, 486_44, 2103_14, 188_73]),
        (100_00, [1, 1, 1], [33_34, 33_33, 33_33]),
        (5, [322_36, 707_33, 3058_15], [0, 1, 4]),
        (10, [0, 0], [5, 5]),
        (0, [5, 7], [0, 0]),
    ],
)
def test_proportional_vectors_of_the_domain(amount: int, weights: list[int], shares: list[int]) -> None:
    assert proportional(amount_kop=amount, weights=weights) == shares


@given(amounts, weights)
def test_proportional_adds_up_and_is_never_negative(amount: int, weights: list[int]) -> None:
    shares = proportional(amount_kop=amount, weights=weights)

    assert sum(shares) == amount
    assert min(shares) >= 0


@given(amounts, weights)
def test_proportional_is_within_a_kopiyka_of_the_exact_share(amount: int, weights: list[int]) -> None:
    total = sum(weights) or len(weights)

    for weight, share in zip(weights, proportional(amount_kop=amount, weights=weights), strict=True):
        exact = amount * (weight if sum(weights) else 1)
        assert abs(share * total - exact) < total


@given(amounts, weights, st.randoms())
def test_proportional_does_not_depend_on_order(amount: int, weights: list[int], random: object) -> None:
    shuffled = sorted(weights, key=lambda _: random.random())  # type: ignore[attr-defined]  # Hypothesis's Random

    one = sorted(zip(weights, proportional(amount_kop=amount, weights=weights), strict=True))
    other = sorted(zip(shuffled, proportional(amount_kop=amount, weights=shuffled), strict=True))

    assert one == other


@pytest.mark.parametrize(("amount", "weights"), [(-1, [1]), (1, []), (1, [2, -1])])
def test_proportional_refuses_nonsense(amount: int, weights: list[int]) -> None:
    with pytest.raises(ValueError):
        proportional(amount_kop=amount, weights=weights)


def test_oldest_first_leaves_the_newer_debt() -> None:
    debts = [(MAR, 200_00), (JAN, 100_00), (FEB, 150_00)]

    assert oldest_first(amount_kop=180_00, debts=debts, advance_from=APR) == [
        Part(JAN, 100_00, is_advance=False),
        Part(FEB, 80_00, is_advance=False),
    ]


def test_oldest_first_turns_the_rest_into_an_advance() -> None:
    debts = [(JAN, 100_00), (FEB, 150_00), (MAR, 200_00)]

    assert oldest_first(amount_kop=500_00, debts=debts, advance_from=APR) == [
        Part(JAN, 100_00, is_advance=False),
        Part(FEB, 150_00, is_advance=False),
        Part(MAR, 200_00, is_advance=False),
        Part(APR, 50_00, is_advance=True),
    ]


debts_of_a_service = st.dictionaries(st.sampled_from([JAN, FEB, MAR]), st.integers(1, 10**7)).map(
    lambda found: list(found.items())
)


@given(st.integers(1, 10**8), debts_of_a_service)
def test_oldest_first_never_exceeds_a_debt(amount: int, debts: list[tuple[Period, int]]) -> None:
    parts = oldest_first(amount_kop=amount, debts=debts, advance_from=APR)

    assert sum(part.amount_kop for part in parts) == amount
    assert all(part.amount_kop > 0 for part in parts)
    assert all(part.amount_kop <= dict(debts)[part.period] for part in parts if not part.is_advance)


def test_over_services_settles_month_by_month_in_proportion() -> None:
    parts = over_services(
        amount_kop=160_00,
        debts={1: [(JAN, 100_00), (FEB, 30_00)], 2: [(FEB, 60_00)]},
        charges={1: 30_00, 2: 60_00},
        advance_from=APR,
    )

    assert parts == {
        1: [Part(JAN, 100_00, is_advance=False), Part(FEB, 20_00, is_advance=False)],
        2: [Part(FEB, 40_00, is_advance=False)],
    }


def test_over_services_divides_an_advance_by_charges() -> None:
    parts = over_services(amount_kop=9_00, debts={1: [], 2: []}, charges={1: 30_00, 2: 60_00}, advance_from=APR)

    assert parts == {1: [Part(APR, 3_00, is_advance=True)], 2: [Part(APR, 6_00, is_advance=True)]}


@given(
    st.integers(1, 10**8),
    st.dictionaries(st.integers(1, 6), debts_of_a_service, min_size=1),
    st.dictionaries(st.integers(1, 6), st.integers(0, 10**6)),
)
def test_over_services_loses_nothing_and_exceeds_nothing(
    amount: int, debts: dict[int, list[tuple[Period, int]]], charges: dict[int, int]
) -> None:
    parts = over_services(amount_kop=amount, debts=debts, charges=charges, advance_from=APR)

    assert sum(part.amount_kop for found in parts.values() for part in found) == amount
    settled = [(service, part) for service, found in parts.items() for part in found if not part.is_advance]
    assert all(part.amount_kop <= dict(debts[service])[part.period] for service, part in settled)
    owed = sum(kop for found in debts.values() for _, kop in found)
    assert sum(part.amount_kop for _, part in settled) == min(amount, owed)
