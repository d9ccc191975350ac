"""«Хто переглядав мої дані»: everybody finds what concerns them, one row a list, and nothing of others."""

from __future__ import annotations

import datetime as dt
from importlib import import_module

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments.models import Visit
from domivka.appointments.rules.states import State
from domivka.homes import api as homes
from domivka.identity import api as identity
from domivka.identity.models import Role, User
from domivka.kernel import audit
from domivka.kernel.models import AuditEntry
from domivka.partner_api.keys import issue_key
from domivka.privacy import trail
from tests.builders import Town, person, resident
from tests.database.appointments.office import NOW, hall

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _noon(settings: Settings) -> None:
    settings.FROZEN_NOW = AT


def staff(role: Role, scope_id: int | None) -> Client:
    made = person()
    identity.grant_role(user_id=made.pk, role=role, scope_id=scope_id, at=AT, actor_id=None)
    return client_of(made)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def looked(user: User, **of: object) -> AuditEntry:
    """An administrator looked at an application of the person."""
    audit.record(
        at=AT, actor_id=987_654, action="cnap.application_read", object_kind="application", object_id=17, is_read=True,
        person_ids=[user.pk], **of,  # type: ignore[arg-type]  # as `record` takes them
    )  # fmt: skip
    return AuditEntry.objects.latest("pk")


def views(user: User) -> list[tuple[str, str, str]]:
    _page, rows = trail.trail(user_id=user.pk, only_reads=True)
    return [(row.who, row.what, row.address) for row in rows]


def test_person_sees_role_and_body_but_no_name() -> None:
    town, user = Town(), person()
    looked(user, town_id=town.row.pk)

    _page, rows = trail.trail(user_id=user.pk, only_reads=True)

    assert [(row.who, row.what, row.url) for row in rows] == [
        (f"Адміністратор ЦНАП, {town.row.name}", "Ваша заява № 17 з документами", "/services/applications/17/")
    ]


def test_look_at_an_account_is_found_by_whoever_has_the_home_open() -> None:
    town = Town()
    flat = town.flat()
    account = flat.service("water").row.account
    user, neighbour = resident(flat).user, resident(town.flat()).user
    page = reverse("backoffice:account", args=[account.provider_id, account.pk])

    assert staff(Role.PROVIDER, account.provider_id).get(page).status_code == 200
    assert staff(Role.OPERATOR, None).get(page).status_code == 200

    provider = account.provider.short_name
    address = trail.trail(user_id=user.pk, only_reads=True)[1][0].address
    assert views(user) == [
        ("Оператор системи", "Особовий рахунок: нарахування, оплати, показання", address),
        (f"Працівник надавача: {provider}", "Особовий рахунок: нарахування, оплати, показання", address),
    ]
    assert address
    assert views(neighbour) == []


def test_list_of_accounts_is_one_entry_that_each_of_them_finds() -> None:
    town = Town()
    flats = [town.flat() for _ in range(3)]
    account, *_others = [flat.service("water").row.account for flat in flats]
    people = [resident(flat).user for flat in flats[:2]]
    other = resident(town.flat()).user

    staff(Role.PROVIDER, account.provider_id).get(reverse("backoffice:accounts", args=[account.provider_id]))

    assert AuditEntry.objects.filter(action="accounts.listed").count() == 1
    assert [what for user in people for _, what, _ in views(user)] == ["Список особових рахунків, у якому є ваш"] * 2
    assert views(other) == []


def test_list_taken_by_a_providers_program_names_the_provider() -> None:
    flat = Town().flat()
    account = flat.service("water").row.account
    user = resident(flat).user
    key = issue_key(provider_id=account.provider_id, name="Білінг", scopes=["accounts"], at=AT, actor_id=None)

    assert Client().get("/api/v1/accounts", headers={"X-API-Key": key}).status_code == 200

    assert [(who, what) for who, what, _ in views(user)] == [
        (
            f"Програма надавача: {account.provider.short_name}",
            "Список особових рахунків із залишками, у якому є ваш",
        )
    ]


def test_day_board_is_found_by_those_who_were_on_it(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW
    office, user, other = hall(), person(), person()
    Visit.objects.create(
        office_id=office.office_id, question_id=office.question_id, user=user, day=NOW.date(), state=State.ARRIVED,
        number=1, code="a", made_at=NOW, arrived_at=NOW,
    )  # fmt: skip

    board = reverse("appointments:board", args=[office.office_id])
    assert staff(Role.CNAP, office.town_id).get(board).status_code == 200

    _page, rows = trail.trail(user_id=user.pk, only_reads=True)
    assert [(row.what, row.day) for row in rows] == [("Візити дня: ваше прізвище, телефон і час візиту", NOW.date())]
    assert views(other) == []


def test_home_shows_only_looks_while_it_was_open() -> None:
    home = resident(Town().flat()).home
    home.opened_at, home.removed_at, home.state = AT, AT + dt.timedelta(hours=2), "removed"
    home.save()
    for hours in (-1, 1, 3):
        audit.record(
            at=AT + dt.timedelta(hours=hours), actor_id=1, action="account.read", object_kind="account", object_id=hours,
            is_read=True, premises_ids=[home.premises_id],
        )  # fmt: skip

    _page, rows = trail.trail(user_id=home.user_id, only_reads=True)

    assert [row.at for row in rows] == [AT + dt.timedelta(hours=1)]


def test_home_that_waits_for_its_key_shows_nothing() -> None:
    home = resident(Town().flat()).home
    home.opened_at, home.state = None, "locked"
    home.save()
    audit.record(
        at=AT, actor_id=1, action="account.read", object_kind="account", object_id=1, is_read=True,
        premises_ids=[home.premises_id],
    )  # fmt: skip

    assert views(home.user) == []


def test_everything_tells_own_deeds_and_decisions_too() -> None:
    user = person()
    looked(user)
    for action, actor in (("cnap.application_send", user.pk), ("cnap.application_grant", 987_654)):
        audit.record(
            at=AT, actor_id=actor, action=action, object_kind="application", object_id=17, person_ids=[user.pk]
        )

    _page, rows = trail.trail(user_id=user.pk, only_reads=False)

    assert [(row.who, row.what) for row in rows] == [
        ("Адміністратор ЦНАП", "Послугу за заявою надано (№ 17)"),
        ("Ви", "Заяву відправлено (№ 17)"),
        ("Адміністратор ЦНАП", "Ваша заява № 17 з документами"),
    ]


def test_operator_who_looks_at_a_persons_trail_is_seen() -> None:
    user = person()

    staff(Role.OPERATOR, None).get(reverse("backoffice:audit"), {"person": str(user.pk)})

    assert views(user) == [("Оператор системи", "Журнал ваших дій на сайті", "")]


def test_operator_finds_an_entry_by_its_number() -> None:
    first, second = (looked(person()) for _ in range(2))

    page = staff(Role.OPERATOR, None).get(reverse("backoffice:audit"), {"entry": str(first.pk)}).content.decode()

    assert f'<td data-label="№">{first.pk}</td>' in page
    assert f'<td data-label="№">{second.pk}</td>' not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_page_asks_the_same_of_the_database_for_one_row_and_three(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = resident(Town().flat()).user
    for _ in range(rows):
        looked(user)
    client = client_of(user)
    client.get(reverse("privacy:trail"))

    # session, person; homes, the number of entries, entries, towns; homes and town of the frame
    with django_assert_num_queries(8):
        page = client.get(reverse("privacy:trail")).content.decode()

    assert page.count("Ваша заява № 17 з документами") == rows


def test_page_is_cut_and_keeps_its_choice() -> None:
    user = person()
    for _ in range(21):
        looked(user)
    client = client_of(user)

    first, second = (client.get(reverse("privacy:trail") + f"?all=1&page={n}").content.decode() for n in (1, 2))

    assert first.count("Ваша заява") == 20
    assert "?page=2&amp;all=1" in first
    assert second.count("Ваша заява") == 1


def test_person_nobody_looked_at_reads_so() -> None:
    client = client_of(person())

    assert "Ваші дані ніхто не переглядав" in client.get(reverse("privacy:trail")).content.decode()
    assert "Записів ще немає" in client.get(reverse("privacy:trail") + "?all=1").content.decode()


def test_question_goes_by_the_indexes() -> None:
    home = resident(Town().flat()).home
    AuditEntry.objects.bulk_create(
        AuditEntry(at=AT, action="x", object_kind="y", object_id="1", person_ids=[n], premises_ids=[n])
        for n in range(10_000_000, 10_008_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE kernel_auditentry")
        cursor.execute("SET LOCAL enable_sort = off")  # in a trail of a million the index of `at` tempts like this

    spans = homes.open_spans(user_id=home.user_id)
    plan = trail.about(user_id=home.user_id, spans=spans, only_reads=True)[:20].explain()

    assert "audit_persons" in plan
    assert "audit_premises" in plan
    assert "Seq Scan" not in plan


def test_old_entries_are_traced_when_the_product_is_updated() -> None:
    flat = Town().flat()
    account = flat.service("water").row.account
    home = resident(flat).home
    office, visitor = hall(), person()
    visit = Visit.objects.create(
        office_id=office.office_id, question_id=office.question_id, user=visitor, day=NOW.date(), state=State.ARRIVED,
        number=1, code="a", made_at=NOW, arrived_at=NOW,
    )  # fmt: skip
    old = {"at": AT, "actor_id": 1, "is_read": True}
    AuditEntry.objects.create(action="account.read", object_kind="account", object_id=str(account.pk), **old)
    AuditEntry.objects.create(
        action="appointments.board_read", object_kind="office", object_id="1", detail={"visits": [visit.pk]}, **old
    )
    AuditEntry.objects.create(action="identity.signed_in", object_kind="user", object_id=str(home.user_id), at=AT)
    module = import_module("domivka.privacy.migrations.0001_trace_old_entries")

    with connection.cursor() as cursor:
        for operation in module.Migration.operations:
            cursor.execute(operation.sql)

    written = AuditEntry.objects.filter(action__in=["account.read", "appointments.board_read", "identity.signed_in"])
    found = written.order_by("pk").values_list("person_ids", "premises_ids")
    assert list(found) == [([], [flat.row.pk]), ([visitor.pk], []), ([home.user_id], [])]
