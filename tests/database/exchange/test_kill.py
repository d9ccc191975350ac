"""A process that dies anywhere inside an apply leaves nothing of it; the file can then be applied."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest
from django.db import connection

from domivka.billing.models import ChargeLine
from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch
from domivka.ledger import api as ledger
from domivka.ledger.models import Transaction
from domivka.metering.models import Meter
from domivka.registry.models import AccountService, PersonalAccount
from tests.database.exchange.town import AT, GOOD, SECOND, add_addresses, gaz_csv, make_town, upload
from tests.database.payments.killable import KILLED

pytestmark = pytest.mark.django_db(transaction=True)


def left_behind() -> tuple[int, ...]:
    models = (Transaction, ChargeLine, Meter, PersonalAccount, AccountService)
    return tuple(model.objects.count() for model in models)


def test_apply_killed_at_every_step_leaves_nothing_and_can_be_done_again() -> None:
    town = make_town()
    add_addresses(town, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    batch = upload(town, gaz_csv(GOOD, SECOND))
    exchange.check(batch_id=batch, at=AT)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.database.exchange.killable", str(connection.settings_dict["NAME"])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )
    assert process.stdin is not None
    assert process.stdout is not None

    deaths = 0
    for point in itertools.count(1):
        process.stdin.write(f"{point} {batch}\n")
        process.stdin.flush()
        code = int(process.stdout.readline())
        if ImportBatch.objects.get(pk=batch).state == "applied":
            break
        assert code == KILLED, f"step {point}"
        assert left_behind() == (0, 0, 0, 0, 0), f"step {point}"
        deaths += 1
    process.stdin.close()
    process.wait(timeout=10)

    assert deaths >= 20
    assert left_behind() == (1, 2, 2, 2, 2)
    owners = list(AccountService.objects.values_list("pk", flat=True))
    assert sum(money.kop for money in ledger.balances(account_service_ids=owners).values()) == 180000 + 5920
    assert ledger.verify() == []
    with pytest.raises(exchange.WrongState):
        exchange.apply(batch_id=batch, user_id=None, at=AT)
