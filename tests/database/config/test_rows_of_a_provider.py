"""Inside the database, a provider's staff sees its own accounts only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.db.utils import ProgrammingError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from domivka.billing.models import Recalculation
from domivka.identity.access import signed_in, staff
from domivka.identity.middleware import AccessMiddleware
from domivka.identity.models import Role, RoleGrant, User
from domivka.kernel import rows
from domivka.registry.models import AccountService, PersonalAccount
from tests.builders import AccountServiceOf, Town, person
from tests.database.billing.acts import bare_act

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wide_again() -> Iterator[None]:
    yield
    rows.widen()


@pytest.fixture
def services() -> tuple[AccountServiceOf, AccountServiceOf]:
    """Water and electricity of one flat: two providers."""
    flat = Town().flat()
    return flat.service("water"), flat.service("electricity")


def provider_of(service: AccountServiceOf) -> int:
    return service.row.account.provider_id


def seen() -> tuple[set[int], set[int]]:
    """Accounts and services that plain SQL without any condition finds."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_personalaccount")
        accounts = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT id FROM registry_accountservice")
        return accounts, {row[0] for row in cursor.fetchall()}


def test_everything_is_seen_by_everybody_else(services: tuple[AccountServiceOf, AccountServiceOf]) -> None:
    water, light = services

    assert seen() == ({water.row.account_id, light.row.account_id}, {water.id, light.id})


def test_provider_sees_only_its_own_rows(services: tuple[AccountServiceOf, AccountServiceOf]) -> None:
    water, _ = services

    rows.narrow(provider_ids={provider_of(water)})

    assert seen() == ({water.row.account_id}, {water.id})


def test_provider_sees_only_its_own_recalculations(services: tuple[AccountServiceOf, AccountServiceOf]) -> None:
    acts = [bare_act(one).pk for one in services]
    rows.narrow(provider_ids={provider_of(services[0])})

    assert list(Recalculation.objects.values_list("pk", flat=True)) == acts[:1]
    assert Recalculation.objects.filter(pk=acts[1]).update(document="Чужий") == 0


def test_provider_without_any_id_sees_nothing(services: tuple[AccountServiceOf, AccountServiceOf]) -> None:
    rows.narrow(provider_ids=set())

    assert seen() == (set(), set())


def test_provider_changes_and_removes_nothing_of_another(
    services: tuple[AccountServiceOf, AccountServiceOf],
) -> None:
    water, light = services
    rows.narrow(provider_ids={provider_of(water)})

    changed = PersonalAccount.objects.filter(pk=light.row.account_id).update(holder="Чужий")
    removed, _ = AccountService.objects.filter(pk=light.id).delete()
    own = PersonalAccount.objects.filter(pk=water.row.account_id).update(holder="Свій")

    assert (changed, removed, own) == (0, 0, 1)


def test_provider_adds_nothing_in_the_name_of_another(services: tuple[AccountServiceOf, AccountServiceOf]) -> None:
    water, light = services
    account = light.row.account
    rows.narrow(provider_ids={provider_of(water)})

    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        PersonalAccount.objects.create(
            town_id=account.town_id, provider_id=account.provider_id, premises_id=account.premises_id,
            number="999", opened_on=account.opened_on,
        )  # fmt: skip


def test_setting_is_read_once_a_query_and_keys_keep_their_index(
    services: tuple[AccountServiceOf, AccountServiceOf],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT holder FROM registry_personalaccount WHERE id = 1")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "InitPlan" in plan
    assert "Index Scan using registry_personalaccount_pkey" in plan


def opened_by(user: User | AnonymousUser, view: Callable[[HttpRequest], Any]) -> Any:
    """What the access middleware makes of a request."""
    request = RequestFactory().get("/")
    request.user = user

    def get_response(request: HttpRequest) -> Any:
        return middleware.process_view(request, view, (), {}) or view(request)

    middleware = AccessMiddleware(get_response)
    return middleware(request)


def employee(*grants: tuple[Role, int | None]) -> User:
    user = person()
    for role, scope in grants:
        RoleGrant.objects.create(user=user, role=role, scope_id=scope)
    return user


@staff(Role.PROVIDER, Role.OPERATOR)
def work(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{len(seen()[0])}")


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{len(seen()[0])}")


def test_request_of_a_provider_is_narrow_and_the_next_is_wide(
    services: tuple[AccountServiceOf, AccountServiceOf],
) -> None:
    clerk = employee((Role.PROVIDER, provider_of(services[0])))

    narrow = opened_by(clerk, work).content
    after = seen()[0]

    assert narrow == b"1"
    assert len(after) == 2


def test_clerk_at_home_and_the_operator_at_work_see_what_their_pages_ask_for(
    services: tuple[AccountServiceOf, AccountServiceOf],
) -> None:
    clerk = employee((Role.PROVIDER, provider_of(services[0])))
    operator = employee((Role.OPERATOR, None), (Role.PROVIDER, provider_of(services[0])))

    assert opened_by(clerk, home).content == b"2"
    assert opened_by(operator, work).content == b"2"


def test_request_that_fails_leaves_the_connection_wide(services: tuple[AccountServiceOf, AccountServiceOf]) -> None:
    clerk = employee((Role.PROVIDER, provider_of(services[0])))

    @staff(Role.PROVIDER)
    def broken(request: HttpRequest) -> HttpResponse:
        raise ValueError

    with pytest.raises(ValueError):
        opened_by(clerk, broken)

    assert len(seen()[0]) == 1  # Django turns exceptions into answers before they reach the middleware; without that
    opened_by(clerk, home)  # the next request widens
    assert len(seen()[0]) == 2
