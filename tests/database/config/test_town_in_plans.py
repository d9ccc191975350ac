"""Statements of the hot paths carry the town: its id, or keys of rows that belong to it, for each table they read.

PostgreSQL itself says what each statement did, those inside functions, triggers and `COPY` too (`auto_explain`). A table of
towns that no chain of equal keys ties to what the statement was given would be read over every town, and on many servers
over every server (docs/operations.md, «Many towns»).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from pytest_django import Settings

from domivka.billing import api as billing
from domivka.registry.models import Town
from domivka.statements import api as statements
from tests.builders import resident
from tests.codebase.test_town_key import EVERYWHERE, NAMED
from tests.database.billing.town import AT, OCT
from tests.database.billing.town import House as Charged
from tests.database.exchange.town import GOOD, SECOND, add_addresses, bring, gaz_csv, make_town
from tests.database.payments.bank import BASKET, create, hear, mark_started
from tests.database.payments.town import build, charge

UNIQUE: Final = {
    "payments_intent": {"idempotency_key", "gateway_reference"},
    "registry_streetname": {"key"},
}
"""Names of single rows by which a message from outside finds its town; names of streets in the statement with their town."""
GIVEN: Final = ""
CONDITIONS: Final = ("Index Cond", "Recheck Cond", "Filter", "Join Filter", "Hash Cond", "Merge Cond")
PARTITION: Final = re.compile(r"_(\d{6}|default)$")
QUOTED: Final = re.compile(r'"([^"]*)"')
EQUAL: Final = re.compile(r"\(*(?:(\w+)\.)?([\w$']+)\)*(?:::[\w ]+)? = \(*(?:ANY \(+)?(?:(\w+)\.)?([\w$'{(]+)")
SUPERUSER: Final = "postgres"
TELL_ALL: Final = (
    "LOAD 'auto_explain'",
    "SET client_min_messages = log",
    "SET auto_explain.log_min_duration = 0",
    "SET auto_explain.log_nested_statements = on",
    "SET auto_explain.log_format = json",
    "SET auto_explain.log_verbose = on",
    "SET enable_seqscan = off",
    "SET enable_hashjoin = off",
    "SET enable_mergejoin = off",
)


def keys_of_tables() -> dict[str, set[str]]:
    """Columns that lead to a town, of every table that belongs to towns."""
    found = {}
    for model in apps.get_models():
        if not model.__module__.startswith("domivka.") or model._meta.label in {*EVERYWHERE, Town._meta.label}:
            continue
        found[model._meta.db_table] = {
            field.column
            for field in model._meta.concrete_fields
            if field.column and (field.is_relation or field.primary_key or field.column in NAMED)
        }
    return found


@contextmanager
def plans() -> Iterator[list[dict[str, Any]]]:
    """The plans of all that this connection does meanwhile, as the superuser."""
    settings = connection.settings_dict
    usual = settings["USER"]
    heard: list[str | None] = []
    found: list[dict[str, Any]] = []
    settings["USER"] = SUPERUSER
    connection.close()
    try:
        with connection.cursor() as cursor:
            for statement in TELL_ALL:
                cursor.execute(statement)
        connection.connection.add_notice_handler(lambda notice: heard.append(notice.message_primary))
        yield found
        found += [json.loads(said[said.index("{") :]) for said in heard if said and "plan:" in said]
    finally:
        settings["USER"] = usual
        connection.close()


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def unkeyed(plan: dict[str, Any]) -> set[str]:
    """Tables of towns in a statement that no chain of equal keys ties to a value that the statement was given."""
    keys, tables, names, said = keys_of_tables(), {}, {}, ""
    for node in nodes(plan["Plan"]):
        said += " ".join(f"({node[name]})" for name in CONDITIONS if name in node)
        if "Relation Name" in node and node["Node Type"] != "ModifyTable":
            table = PARTITION.sub("", node["Relation Name"])
            alias = node["Alias"] if table == node["Relation Name"] else re.sub(r"_\d+$", "", node["Alias"])
            names[node["Alias"]] = alias
            if table in keys:
                tables[alias] = table
    ties = []
    plain = QUOTED.sub(lambda name: re.sub(r"\W", "_", name[1]), said)  # "*SELECT* 1".id
    for equal in EQUAL.finditer(plain):
        ends = []
        for alias, column in (equal.group(1, 2), equal.group(3, 4)):
            alias = names.get(alias, alias)
            if alias not in tables:
                ends.append(GIVEN)  # a constant, a parameter, a set made by the statement or before it
            elif column in keys[tables[alias]] | UNIQUE.get(tables[alias], set()):
                ends.append(alias)
        if len(ends) == 2:
            ties.append(set(ends))
    reached = {GIVEN}
    while more := {end for tie in ties if tie & reached for end in tie} - reached:
        reached |= more
    return {table for alias, table in tables.items() if alias not in reached}


def charged() -> Charged:
    house = Charged(flats=2)
    billing.run_month(town_id=house.id, period=OCT, at=AT)
    return house


def month_is_charged() -> Callable[[], object]:
    house = Charged()
    return lambda: billing.run_month(town_id=house.id, period=OCT, at=AT)


def bills_are_issued_and_printed() -> Callable[[], object]:
    house = charged()

    def work() -> None:
        statements.issue_bills(town_id=house.id, period=OCT, at=AT)
        statements.print_all(run_id=statements.start_print(town_id=house.id, period=OCT, at=AT), at=AT)

    return work


def resident_looks() -> Callable[[], object]:
    house = charged()
    statements.issue_bills(town_id=house.id, period=OCT, at=AT)
    one = resident(house.flats[0])
    client = Client()
    client.force_login(one.user)
    service = house.services[0]
    pages = ["", "bill/", "readings/", "history/", f"why/{service}/{OCT}/", f"accounts/{service}/consumption/"]

    def work() -> None:
        for page in pages:
            assert client.get(f"/homes/{one.home.pk}/{page}").status_code == 200

    return work


def payment_is_confirmed() -> Callable[[], object]:
    house = build()
    for code, kop in BASKET.items():
        charge(house, code, kop)

    def work() -> None:
        intent_id = create(house)
        mark_started(intent_id)
        hear(intent_id, "success")

    return work


def file_is_imported() -> Callable[[], object]:
    town = make_town()
    add_addresses(town, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    return lambda: bring(town, gaz_csv(GOOD, SECOND))


pytestmark = pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="plans are told to the superuser of our own server"
)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "prepare", [month_is_charged, bills_are_issued_and_printed, resident_looks, payment_is_confirmed, file_is_imported]
)
def test_hot_path_reads_one_town(prepare: Callable[[], Callable[[], object]], settings: Settings) -> None:
    settings.FROZEN_NOW = AT
    Charged(flats=60)  # the other town
    work = prepare()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")

    with plans() as found:
        work()

    assert len(found) > 5
    assert {(table, plan["Query Text"]) for plan in found for table in unkeyed(plan)} == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("SELECT count(*) FROM ledger_balance WHERE period = 202610", {"ledger_balance"}),
        ("SELECT count(*) FROM ledger_balance WHERE account_id = 1 AND period = 202610", set()),
        (
            "SELECT count(*) FROM ledger_balance b JOIN ledger_account a ON a.id = b.account_id WHERE a.town_id = 1",
            set(),
        ),
        (
            "SELECT count(*) FROM ledger_account a JOIN metering_meter m ON m.account_service_id = a.owner_id",
            {"ledger_account", "metering_meter"},
        ),
        (
            "SELECT count(*) FROM registry_premises p, registry_building b WHERE p.town_id = 1 AND b.number = p.flat",
            {"registry_building"},
        ),
    ],
)
def test_statement_without_a_town_is_found(statement: str, expected: set[str]) -> None:
    with plans() as found, connection.cursor() as cursor:
        cursor.execute(statement)

    assert set.union(*(unkeyed(plan) for plan in found)) == expected
