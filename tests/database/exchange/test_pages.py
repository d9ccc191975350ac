"""The staff pages of imports: who sees what, and what each step shows."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from domivka.exchange import tasks
from domivka.exchange.models import ImportBatch
from domivka.identity.models import Role, RoleGrant, User
from domivka.ledger import api as ledger
from domivka.registry.models import AccountService, Provider
from tests.database.exchange.town import AT, GOOD, SECOND, add_addresses, bring, gaz_csv, make_town, upload

pytestmark = pytest.mark.django_db
BAD = "1,23E+09;=cmd;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96"


@pytest.fixture
def town() -> int:
    made = make_town()
    add_addresses(made, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2")])
    return made


def person(role: Role | None = None, scope_id: int | None = None) -> Client:
    user = User.objects.create_user(email=f"{role}-{scope_id}@example.org", password="Kalyna-2026")
    if role:
        RoleGrant.objects.create(user=user, role=role, scope_id=scope_id)
    client = Client()
    client.force_login(user)
    return client


def provider(code: str) -> int:
    return Provider.objects.get(code=code).pk


def send(client: Client, town: int, content: bytes, preset: str = "gaz") -> str:
    file = SimpleUploadedFile("жовтень.csv", content)
    form = {"town": town, "preset": preset, "period": "2026-10", "file": file}
    response = client.post("/staff/imports/new/", form)
    return response.headers.get("Location", "") or response.content.decode()


PAGES = ["", "live/", "problems.csv"]


def test_person_without_a_role_is_kept_out(town: int) -> None:
    client = person()

    assert {client.get(path).status_code for path in ("/staff/imports/", "/staff/imports/new/")} == {403}


def test_strangers_are_asked_to_sign_in(town: int) -> None:
    batch = upload(town, gaz_csv(GOOD))

    for path in ("/staff/imports/", "/staff/imports/new/", f"/staff/imports/{batch}/"):
        assert Client().get(path).status_code == 302


@pytest.mark.parametrize("page", PAGES)
def test_another_provider_finds_no_such_import(town: int, page: str) -> None:
    batch = upload(town, gaz_csv(GOOD))
    own, other = person(Role.PROVIDER, provider("gaz")), person(Role.PROVIDER, provider("teplo"))

    assert own.get(f"/staff/imports/{batch}/{page}").status_code == 200
    assert other.get(f"/staff/imports/{batch}/{page}").status_code == 404


@pytest.mark.parametrize("action", ["check", "apply", "undo", "stop"])
def test_another_provider_can_do_nothing_to_it(town: int, action: str) -> None:
    batch = upload(town, gaz_csv(GOOD))
    other = person(Role.PROVIDER, provider("teplo"))

    assert other.post(f"/staff/imports/{batch}/{action}/").status_code == 404
    assert ImportBatch.objects.get(pk=batch).state == "uploaded"


def test_authority_of_another_town_finds_no_such_import(town: int) -> None:
    batch = upload(town, gaz_csv(GOOD))
    elsewhere = make_town("UA05020030010063858")

    assert person(Role.AUTHORITY, town).get(f"/staff/imports/{batch}/").status_code == 200
    assert person(Role.AUTHORITY, elsewhere).get(f"/staff/imports/{batch}/").status_code == 404


def test_provider_sends_only_its_own_presets(town: int) -> None:
    client = person(Role.PROVIDER, provider("gaz"))

    page = client.get("/staff/imports/new/").content.decode()

    assert 'value="gaz"' in page
    assert 'value="vodokanal"' not in page
    assert 'class="errorlist"' in send(client, town, gaz_csv(GOOD), "vodokanal")
    assert ImportBatch.objects.count() == 0


def test_file_goes_from_upload_to_undo(town: int) -> None:
    client = person(Role.OPERATOR)

    url = send(client, town, gaz_csv(GOOD, BAD))
    batch = ImportBatch.objects.get()
    assert url == f"/staff/imports/{batch.pk}/"
    assert "Файл у черзі на перевірку" in client.get(url).content.decode()

    tasks.check_batch(batch.pk)
    page = client.get(url).content.decode()
    assert "Номер рахунку зіпсував Excel: «1,23E+09»" in page
    assert "Застосувати" in page

    assert client.post(f"{url}apply/").status_code == 302
    tasks.apply_batch(batch.pk, None)
    owner = AccountService.objects.get().pk
    assert ledger.balances(account_service_ids=[owner])[owner].kop == 180000
    assert "Скасувати імпорт" in client.get(url).content.decode()

    client.post(f"{url}undo/")
    tasks.undo_batch(batch.pk, None)
    assert ledger.balances(account_service_ids=[owner])[owner].kop == 0
    assert "Скасовано" in client.get(url).content.decode()


def test_unreadable_file_says_why_on_its_page(town: int) -> None:
    client = person(Role.OPERATOR)
    url = send(client, town, b"PK\x03\x04 not a book")
    tasks.check_batch(ImportBatch.objects.get().pk)

    page = client.get(url).content.decode()

    assert "Файл не прийнято" in page
    assert "Цей шаблон читає файли CSV, а надіслано файл іншого формату (XLSX)." in page


def test_empty_file_is_refused_in_the_form(town: int) -> None:
    assert "порожній" in send(person(Role.OPERATOR), town, b"").lower()
    assert ImportBatch.objects.count() == 0


def test_same_file_again_leads_to_the_earlier_import(town: int) -> None:
    client = person(Role.OPERATOR)

    assert send(client, town, gaz_csv(GOOD)) == send(client, town, gaz_csv(GOOD))
    assert ImportBatch.objects.count() == 1


def test_problem_rows_come_as_a_safe_csv(town: int) -> None:
    client = person(Role.OPERATOR)
    url = send(client, town, gaz_csv(GOOD, BAD))
    tasks.check_batch(ImportBatch.objects.get().pk)

    response = client.get(f"{url}problems.csv")

    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]  # it streams
    assert lines[0].startswith("\ufeffРядок;Аркуш;Причина;О/р;ПІБ;")
    assert "3;;Номер рахунку зіпсував Excel: «1,23E+09». Надішліть колонку як текст.;1,23E+09;'=cmd;Соборна" in lines[1]


def test_list_filters_and_takes_the_same_queries_for_any_number(
    town: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = person(Role.OPERATOR)
    upload(town, gaz_csv(GOOD))
    client.get("/staff/imports/")

    with django_assert_num_queries(9):
        client.get("/staff/imports/")
    bring(town, gaz_csv(SECOND), at=AT)
    upload(town, gaz_csv(GOOD, SECOND))
    with django_assert_num_queries(9):
        page = client.get("/staff/imports/").content.decode()

    assert page.count("файл.csv") == 3
    assert client.get("/staff/imports/?state=applied").content.decode().count("файл.csv") == 1
    assert client.get("/staff/imports/?preset=teplo").content.decode().count("файл.csv") == 0
    assert client.get("/staff/imports/?period=2026-10&page=99").content.decode().count("файл.csv") == 3


def test_job_that_breaks_tells_so_and_changes_nothing(town: int) -> None:
    client = person(Role.OPERATOR)
    url = send(client, town, gaz_csv(GOOD))
    batch = ImportBatch.objects.get()

    tasks.apply_batch(batch.pk, None)

    assert "файл ще не перевірено" in client.get(url).content.decode()
    assert ledger.balances(account_service_ids=[]) == {}
