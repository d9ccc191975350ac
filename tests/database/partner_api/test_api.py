"""The partners' API: keys, scopes, idempotency, problem documents, and that nothing thrown at it breaks it."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pytest_django import Settings

from domivka.kernel.models import AuditEntry
from domivka.kernel.period import Period
from domivka.metering.models import Reading
from domivka.partner_api import api as keys
from domivka.partner_api.models import ApiKey, KeyUse, SubmittedReadings
from domivka.partner_api.tasks import forget
from domivka.registry.models import PersonalAccount
from tests.builders import Town

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


class Office:
    """A provider with one account, a meter and a key."""

    def __init__(self, scopes: tuple[str, ...] = keys.SCOPES) -> None:
        self.flat = Town().flat()
        self.water = self.flat.service("water", number="00123", metered=True)
        self.water.charge(Period(202610), 322_36)
        self.meter = self.water.meter("032264", initial="54", on=dt.date(2026, 9, 10))
        provider = self.water.row.account.provider_id
        self.key = keys.issue_key(provider_id=provider, name="Білінг", scopes=scopes, at=AT, actor_id=None)
        self.client = Client(headers={"X-API-Key": self.key})

    def send(self, value: str = "58.5", key: str = "m-1", meter: str = "032264") -> Any:
        body = {"account_number": "00123", "readings": [{"meter_number": meter, "value": value}]}
        return self.client.post(
            "/api/v1/readings", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
        )


@pytest.fixture(autouse=True)
def noon(settings: Settings) -> None:
    settings.FROZEN_NOW = AT


@pytest.fixture
def office() -> Office:
    return Office()


def _is_problem(response: Any, status: int) -> bool:
    body = json.loads(response.content)
    return (response.status_code, response["Content-Type"], body["status"]) == (
        status, "application/problem+json", status,
    )  # fmt: skip


def test_openapi_describes_every_path_and_needs_no_key() -> None:
    described = Client().get("/api/v1/openapi.json").json()

    assert sorted(described["paths"]) == [
        "/api/v1/accounts",
        "/api/v1/accounts/{number}",
        "/api/v1/health",
        "/api/v1/imports",
        "/api/v1/readings",
    ]


def test_health_answers_without_a_key() -> None:
    assert Client().get("/api/v1/health").json() == {"status": "ok"}


@pytest.mark.parametrize("key", ["", "dmv_x", "dmv_12345678_secret", "ключ", "\x00"])
def test_wrong_key_is_a_problem_401(office: Office, key: str) -> None:
    response = Client().get(
        "/api/v1/accounts", headers={"X-API-Key": key} if key.isascii() and key.isprintable() else {}
    )

    assert _is_problem(response, 401)


def test_key_is_kept_as_a_hash_only_and_stops_when_revoked(office: Office) -> None:
    row = ApiKey.objects.get()

    assert office.key.encode() not in bytes(row.key_hash)
    assert office.client.get("/api/v1/accounts").status_code == 200
    keys.revoke_key(key_id=row.pk, at=AT, actor_id=None)
    assert _is_problem(office.client.get("/api/v1/accounts"), 401)


def test_account_has_its_balance_by_service_and_the_read_is_audited(office: Office) -> None:
    answer = office.client.get("/api/v1/accounts/00123").json()

    assert (answer["number"], answer["balances"][0]["balance_kop"]) == ("00123", 32236)
    assert AuditEntry.objects.filter(action="api.account_read", is_read=True).count() == 1


def test_another_providers_account_does_not_exist(office: Office) -> None:
    other = Town().flat().service("gas", number="777")

    assert other.row.account.number == "777"
    assert _is_problem(office.client.get("/api/v1/accounts/777"), 404)
    assert office.client.get("/api/v1/accounts").json()["total"] == 1
    assert office.client.get("/api/v1/accounts?number=777").json() == {"total": 0, "accounts": []}
    assert PersonalAccount.objects.count() == 2  # the database shows everything again after the call


def test_database_hides_other_providers_rows_during_a_call(office: Office) -> None:
    Town().flat().service("gas", number="777")
    seen: list[int] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if "registry_personalaccount" in sql and not seen:
            with connection.cursor() as cursor:
                seen.append(0)
                cursor.execute("SELECT count(*) FROM registry_personalaccount")
                seen.append(cursor.fetchone()[0])
        return result

    with connection.execute_wrapper(count):
        office.client.get("/api/v1/accounts")

    assert seen == [0, 1]


def test_key_without_the_right_is_refused() -> None:
    office = Office(scopes=("readings",))

    assert _is_problem(office.client.get("/api/v1/accounts"), 403)


def test_reading_is_taken_once_for_one_idempotency_key(office: Office) -> None:
    first, again = office.send(), office.send()
    other = office.send(value="59")

    assert first.json() == again.json() == {"taken": 1, "refused": []}
    assert _is_problem(other, 409)
    rows = Reading.objects.filter(channel="provider").values_list("value", flat=True)
    assert [str(value) for value in rows] == ["58.500"]


def test_reading_below_the_previous_is_refused_in_words(office: Office) -> None:
    answer = office.send(value="12").json()

    assert answer["taken"] == 0
    assert "54" in answer["refused"][0]
    assert Reading.objects.filter(channel="provider").count() == 0


def test_reading_of_an_unknown_meter_is_named(office: Office) -> None:
    assert office.send(meter="999").json() == {"taken": 0, "refused": ["Немає лічильника 999."]}


def test_import_for_a_provider_without_a_preset_is_a_problem_422(office: Office) -> None:
    response = office.client.post("/api/v1/imports", {"period": "2026-10", "file": SimpleUploadedFile("a.csv", b"a;b")})

    assert _is_problem(response, 422)


def test_calls_beyond_the_limit_of_a_minute_are_slowed_down(office: Office, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2

    codes = [office.client.get("/api/v1/accounts").status_code for _ in range(3)]
    last = office.client.get("/api/v1/accounts")

    assert codes == [200, 200, 429]
    assert _is_problem(last, 429)
    assert last["Retry-After"] == "60"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
_READING = st.fixed_dictionaries(
    {
        "account_number": st.text(max_size=12) | st.just("00123"),
        "readings": st.lists(
            st.fixed_dictionaries(
                {
                    "meter_number": st.text(max_size=8) | st.just("032264"),
                    "value": st.decimals().map(str) | st.integers(),
                },
                optional={"zone": st.sampled_from(["single", "day", "", "x"])},
            ),
            max_size=3,
        ),
    }
)


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(body=_JSON | _READING, key=st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=90))
def test_no_message_breaks_the_readings(office: Office, settings: Settings, body: object, key: str) -> None:
    settings.API_REQUESTS_PER_MINUTE = 10**9

    response = office.client.post(
        "/api/v1/readings", json.dumps(body), content_type="application/json", headers={"Idempotency-Key": key}
    )

    assert response.status_code in (200, 404, 409, 422)
    assert response.status_code == 200 or response["Content-Type"] == "application/problem+json"


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    number=st.lists(st.text(max_size=90), max_size=3),
    limit=st.integers() | st.text(max_size=5),
    offset=st.integers() | st.text(max_size=5),
)
def test_no_query_breaks_the_accounts(
    office: Office, settings: Settings, number: list[str], limit: object, offset: object
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 10**9

    response = office.client.get("/api/v1/accounts", {"number": number, "limit": str(limit), "offset": str(offset)})

    assert response.status_code in (200, 422)


def test_answers_are_forgotten_after_thirty_days_and_counters_at_once(office: Office, settings: Settings) -> None:
    office.send()
    settings.FROZEN_NOW = AT + dt.timedelta(days=30)

    forget(0)

    assert SubmittedReadings.objects.count() == 1
    assert KeyUse.objects.count() == 0
    settings.FROZEN_NOW = AT + dt.timedelta(days=30, seconds=1)

    forget(0)

    assert SubmittedReadings.objects.count() == 0
    assert Reading.objects.filter(value="58.5").count() == 1


def test_counter_of_the_running_minute_is_kept(office: Office) -> None:
    office.send()

    forget(0)

    assert KeyUse.objects.get().requests == 1
