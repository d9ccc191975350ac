"""Whatever is posted and reversed, in any order and as often as anyone likes, the books agree."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)
TOWN = 1
KINDS = [kind for kind in ledger.EntryKind if kind not in {ledger.EntryKind.FEE, ledger.EntryKind.PAYOUT}]

movements = st.lists(
    st.tuples(
        st.integers(1, 4),  # owner
        st.sampled_from(KINDS),
        st.integers(-(10**12), 10**12),
        st.sampled_from([Period(202609), Period(202610), Period(202611)]),
        st.sampled_from(["once", "twice", "reversed", "copied", "folded"]),
    ),
    max_size=12,
)


def _post(key: str, entries: list[ledger.Entry], period: Period, *, copied: bool) -> ledger.Posted:
    if not copied:
        return ledger.post(town_id=TOWN, key=key, cause="test", cause_id=1, period=period, entries=entries, at=AT)
    frame = pl.DataFrame(
        [(e.account_id, str(e.kind), e.amount_kop, int(e.period), None) for e in entries],
        schema=["account_id", "kind", "amount_kop", "period", "ref_id"],
        orient="row",
    )
    return ledger.post_frame(town_id=TOWN, key=key, cause="test", cause_id=1, period=period, postings=frame, at=AT)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(movements)
def test_balances_equal_the_journal_after_any_sequence(
    moves: list[tuple[int, ledger.EntryKind, int, Period, str]],
) -> None:
    story = uuid.uuid4().hex
    owners = {n: uuid.uuid4().int >> 66 for n in range(1, 5)}
    personal = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=list(owners.values()))
    control = ledger.system_account(town_id=TOWN, kind=Account.Kind.CONTROL, owner_id=7)
    before = ledger.system_balance(account_id=control)
    expected: dict[int, int] = defaultdict(int)

    for n, (who, kind, kop, period, how) in enumerate(moves):
        entries = [
            ledger.Entry(personal[owners[who]], kind, kop, period),
            ledger.Entry(control, kind, -kop, period),
        ]
        posted = _post(f"{story}:{n}", entries, period, copied=how == "copied")
        if how == "folded":
            ledger.fold()
        if how == "twice":
            assert _post(f"{story}:{n}", entries, period, copied=False).created is False
        if how == "reversed":
            ledger.reverse(transaction_id=posted.transaction_id, key=f"{story}:{n}:r", at=AT)
        else:
            expected[owners[who]] += kop
    ledger.seal(at=AT)

    assert ledger.balances(account_service_ids=list(owners.values())) == {
        owner: Money(expected[owner]) for owner in owners.values()
    }
    assert ledger.system_balance(account_id=control) - before == Money(-sum(expected.values()))
    assert ledger.verify() == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.integers(0, 10**10))
def test_open_debts_add_up_to_the_balance(charges: list[int], paid: int) -> None:
    story = uuid.uuid4().hex
    owner = uuid.uuid4().int >> 66
    personal = ledger.open_personal_accounts(town_id=TOWN, account_service_ids=[owner])[owner]
    control = ledger.system_account(town_id=TOWN, kind=Account.Kind.CONTROL, owner_id=7)
    first = Period(202601)

    def move(key: str, kind: ledger.EntryKind, kop: int, period: Period) -> None:
        entries = [ledger.Entry(personal, kind, kop, period), ledger.Entry(control, kind, -kop, period)]
        ledger.post(town_id=TOWN, key=f"{story}:{key}", cause="test", cause_id=1, period=period, entries=entries, at=AT)

    for n, kop in enumerate(charges):
        move(str(n), ledger.EntryKind.CHARGE, kop, first.shift(n))
    move("paid", ledger.EntryKind.PAYMENT, -paid, first.shift(8))

    debts = ledger.open_debts(account_service_ids=[owner])[owner]
    balance = ledger.balances(account_service_ids=[owner])[owner]

    assert sum(debt.amount.kop for debt in debts) == max(balance.kop, 0)
    assert all(debt.amount.kop > 0 for debt in debts)
    assert [debt.period for debt in debts] == sorted(debt.period for debt in debts)
