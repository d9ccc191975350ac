"""The beginning of an application: service, ЦНАП, СНАП of that ЦНАП, object and address."""

from __future__ import annotations

import re

import pytest

from domivka.cnap import applications, catalogue, offices
from domivka.cnap.models import Application
from domivka.kernel.errors import NotFoundError
from tests.builders import resident
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import client_of
from tests.database.cnap.test_applications import SERVICE, Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def choices(page: str, name: str) -> list[str]:
    """Words of the options of a select."""
    select = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
    assert select is not None
    return re.findall(r"<option[^>]*>([^<]*)</option>", select.group())


def address(page: str) -> str:
    found = re.search(r'<textarea name="address"[^>]*>\s*([^<]*)</textarea>', page)
    assert found is not None
    return found.group(1)


def test_first_centre_is_chosen_with_its_bodies_only(cnap: Desks) -> None:
    page = client_of(cnap.user).get(f"/services/catalogue/{cnap.service}/").content.decode()

    assert len(choices(page, "office")) == 2
    assert choices(page, "offer") == ["Староста"]  # «Віддалене місце» comes first in the alphabet


def test_chosen_centre_narrows_the_bodies_and_saves_nothing(cnap: Desks) -> None:
    client = client_of(cnap.user)

    page = client.post(
        f"/services/catalogue/{cnap.service}/", {"office": cnap.office, "object": "Дача", "look": "1"}
    ).content.decode()

    assert choices(page, "offer") == ["Відділ реєстрації"]
    assert 'value="Дача"' in page
    assert "errorlist" not in page
    assert not Application.objects.exists()


def test_body_of_another_centre_is_refused_in_words_and_nothing_typed_is_lost(cnap: Desks) -> None:
    client = client_of(cnap.user)

    response = client.post(f"/services/catalogue/{cnap.service}/", cnap.place(office=cnap.other))

    page = response.content.decode()
    assert response.status_code == 422
    assert "Цей СНАП не приймає через обраний ЦНАП. Оберіть його зі списку." in page
    assert choices(page, "offer") == ["Староста"]
    assert 'value="Квартира"' in page
    assert not Application.objects.exists()


@pytest.mark.parametrize("nonsense", ["", "0", "-1", "x", "9" * 40])
def test_nonsense_instead_of_a_centre_is_refused(cnap: Desks, nonsense: str) -> None:
    response = client_of(cnap.user).post(f"/services/catalogue/{cnap.service}/", cnap.place(office=nonsense))

    assert response.status_code == 422
    assert not Application.objects.exists()


def test_address_of_the_only_home_is_there_at_once(cnap: Desks) -> None:
    page = client_of(cnap.user).get(f"/services/catalogue/{cnap.service}/").content.decode()

    assert address(page) == "м. Калинівськ, вул. Соборна, буд. 4/2, кв. 1"


def test_address_of_one_of_two_homes_is_filled_in_by_choice(cnap: Desks) -> None:
    second = resident(cnap.town.flat(), user=cnap.user, label="Дача").home
    client, path = client_of(cnap.user), f"/services/catalogue/{cnap.service}/"

    first_look = client.get(path).content.decode()
    page = client.post(path, cnap.place(address="інше", home=second.pk)).content.decode()
    client.post(path, cnap.place(address=address(page) + ", сарай"))

    assert address(first_look) == ""
    assert "Дача" in first_look
    assert address(page) == "м. Калинівськ, вул. Соборна, буд. 4/2, кв. 2"
    assert Application.objects.get().address == "м. Калинівськ, вул. Соборна, буд. 4/2, кв. 2, сарай"  # still editable


def test_anothers_home_fills_in_nothing(cnap: Desks) -> None:
    foreign = resident(cnap.town.flat(), label="Чуже").home

    page = (
        client_of(cnap.user)
        .post(f"/services/catalogue/{cnap.service}/", cnap.place(address="моє", home=foreign.pk))
        .content.decode()
    )

    assert address(page) == "моє"


def test_place_of_a_draft_is_changed_and_its_documents_stay(cnap: Desks) -> None:
    pk = cnap.draft()
    cnap.fill(pk, skipped=[cnap.proxy])
    client = client_of(cnap.user)

    shown = client.get(f"/services/applications/{pk}/place/").content.decode()
    client.post(f"/services/applications/{pk}/place/", cnap.place(office=cnap.other, offer=cnap.second, object="Гараж"))

    row = Application.objects.get()
    assert choices(shown, "offer") == ["Відділ реєстрації"]
    assert (row.offer_id, row.object) == (cnap.second, "Гараж")
    assert row.files.count() == 1


def test_place_of_what_was_sent_stays(cnap: Desks) -> None:
    pk = cnap.sent()
    client = client_of(cnap.user)

    answer = client.post(f"/services/applications/{pk}/place/", cnap.place(object="Гараж"), follow=True)

    assert "Це вже відправлено" in answer.content.decode()
    assert Application.objects.get().object == "Квартира"


def test_draft_of_a_closed_service_opens_and_says_so_when_sent(cnap: Desks) -> None:
    pk = cnap.draft()
    cnap.fill(pk, skipped=[cnap.proxy])
    catalogue.save_service(
        town_id=cnap.town.row.pk, service_id=cnap.service, name=SERVICE, card="", result="", fee_kop=0,
        is_active=False, days=10, user_id=cnap.admin.pk, at=AT,
    )  # fmt: skip
    client = client_of(cnap.user)

    page = client.post(f"/services/applications/{pk}/", {"do": "send"}, follow=True)

    assert page.status_code == 200
    assert "Тут цю послугу вже не надають." in page.content.decode()
    with pytest.raises(NotFoundError):
        applications.application(user_id=cnap.admin.pk, application_id=pk)


def test_catalogue_is_searched_by_words(cnap: Desks) -> None:
    client = client_of(cnap.user)

    found = client.get("/services/catalogue/?q=ДОВІДКИ").content.decode()
    nothing = client.get("/services/catalogue/?q=паспорт").content.decode()

    assert SERVICE in found
    assert "Такої послуги не знайдено" in nothing


def test_draft_of_a_service_that_was_taken_back_says_so(cnap: Desks) -> None:
    pk = cnap.draft()
    catalogue.save_service(
        town_id=cnap.town.row.pk, service_id=cnap.service, name="Назва", card="", result="", fee_kop=0,
        is_active=False, days=10, user_id=None, at=AT,
    )  # fmt: skip

    page = client_of(cnap.user).get(f"/services/applications/{pk}/place/", follow=True).content.decode()

    assert "Тут цю послугу вже не надають." in page


def test_draft_for_a_centre_that_closed_is_offered_the_other_with_its_bodies(cnap: Desks) -> None:
    pk = cnap.draft()
    offices.close_office(
        town_id=cnap.town.row.pk, office_id=cnap.office, closed_from=AT.date(), user_id=cnap.admin.pk, at=AT
    )

    page = client_of(cnap.user).get(f"/services/applications/{pk}/place/").content.decode()

    assert choices(page, "office") == ["Віддалене місце"]
    assert choices(page, "offer") == ["Староста"]
