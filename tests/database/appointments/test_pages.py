"""The resident's pages of visits."""

from __future__ import annotations

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor, wait

import pypdfium2
import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments import booking
from domivka.appointments.models import Question, Visit
from domivka.registry.models import Town
from tests.builders import person
from tests.database.appointments.office import NOW, Hall, hall, kyiv
from tests.database.appointments.test_booking import OLENA, booked, hold, user
from tests.pictures import qr_codes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


def client_of(user_id: int) -> Client:
    from domivka.identity.models import User

    client = Client()
    client.force_login(User.objects.get(pk=user_id))
    return client


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def test_six_steps_end_with_a_number() -> None:
    of, one = hall(), user()
    client = client_of(one)

    assert "Закордонний паспорт" in page(client, "/services/visits/new/")
    days = page(client, f"/services/visits/new/?question={of.question_id}")  # the only office needs no choice
    assert days.count("?question=") >= 6
    assert "з 09:05 до 16:00" in days
    times = page(client, f"/services/visits/new/?question={of.question_id}&office={of.office_id}&day=2020-07-10")
    assert "09:40 – 10:15" in times
    held = client.post(
        "/services/visits/hold/",
        {"question": of.question_id, "office": of.office_id, "starts_at": kyiv("2020-07-10 09:40").isoformat()},
    )
    visit_id = Visit.objects.get().pk
    assert held["Location"] == f"/services/visits/{visit_id}/details/"
    assert "Цей час утримано для вас до 09:10" in page(client, held["Location"])
    saved = client.post(
        held["Location"], {"surname": "Левицька", "name": "Олена", "patronymic": "", "phone": "067 333 22 21"}
    )
    assert saved["Location"] == f"/services/visits/{visit_id}/"
    result = page(client, saved["Location"])
    assert re.search(r"Номер у черзі</span> <strong>1</strong>", result)
    assert "Візьміть із собою паспорт." in result
    assert "+380673332221" in result


def test_taken_time_sends_back_to_the_day_with_words() -> None:
    of = hall()
    booked(of, user(), "2020-07-10 09:40")
    client = client_of(user())

    answer = client.post(
        "/services/visits/hold/",
        {"question": of.question_id, "office": of.office_id, "starts_at": kyiv("2020-07-10 09:40").isoformat()},
        follow=True,
    )

    text = answer.content.decode()
    assert "Цей час щойно зайняли. Оберіть інший." in text
    assert "10:15 – 10:50" in text


def hold_by_page(client: Client, of: Hall, time: str) -> int:
    client.post(
        "/services/visits/hold/",
        {"question": of.question_id, "office": of.office_id, "starts_at": kyiv(time).isoformat()},
    )
    return Visit.objects.latest("pk").pk


TYPED = {"surname": "Кожем'яка", "name": "Олена", "patronymic": "Ігорівна", "phone": "067 333 22 21"}


def test_time_lost_while_typing_keeps_what_was_typed_and_offers_the_nearest(settings: Settings) -> None:
    of, one = hall(), user()
    client = client_of(one)
    path = f"/services/visits/{hold_by_page(client, of, '2020-07-10 09:40')}/details/"
    later = NOW + dt.timedelta(minutes=11)
    settings.FROZEN_NOW = later
    booked(of, user(), "2020-07-10 09:40", later)

    lost = client.post(path, TYPED)
    text = lost.content.decode()
    assert lost.status_code == 409
    assert "Десять хвилин минули, і цей час уже зайняли." in text
    assert 'value="Кожем&#x27;яка"' in text
    nearest = re.findall(r'name="starts_at" value="([^"]+)"', text)
    assert nearest[:2] == [kyiv("2020-07-10 10:15").isoformat(), kyiv("2020-07-10 10:50").isoformat()]

    saved = client.post(path, {**TYPED, "starts_at": nearest[1]}, follow=True)

    row = Visit.objects.get(user_id=one, state="booked")
    assert (row.starts_at, row.surname) == (kyiv("2020-07-10 10:50"), "Кожем'яка")
    assert saved.redirect_chain[-1][0] == f"/services/visits/{row.pk}/"


def test_nearest_time_that_somebody_takes_too_is_offered_no_more(settings: Settings) -> None:
    of = hall()
    client = client_of(user())
    path = f"/services/visits/{hold_by_page(client, of, '2020-07-10 09:40')}/details/"
    settings.FROZEN_NOW = later = NOW + dt.timedelta(minutes=11)
    for time in ("2020-07-10 09:40", "2020-07-10 10:15"):
        booked(of, user(), time, later)

    again = client.post(path, {**TYPED, "starts_at": kyiv("2020-07-10 10:15").isoformat()})

    assert again.status_code == 409
    assert "Цей час щойно зайняли." in again.content.decode()
    assert kyiv("2020-07-10 10:50").isoformat() in again.content.decode()
    assert 'value="Кожем&#x27;яка"' in again.content.decode()


def test_held_time_that_has_begun_is_replaced_in_the_same_form(settings: Settings) -> None:
    client = client_of(user())
    path = f"/services/visits/{hold_by_page(client, hall(), '2020-07-10 09:05')}/details/"
    settings.FROZEN_NOW = kyiv("2020-07-10 09:06")

    assert "Час 10 липня, пʼятниця, 09:05 уже не утримано для вас" in page(client, path)
    lost = client.post(path, TYPED)

    assert lost.status_code == 409
    assert "На цей час запису вже немає." in lost.content.decode()
    assert kyiv("2020-07-10 09:40").isoformat() in lost.content.decode()


def test_page_of_a_hold_says_how_many_seconds_are_left(settings: Settings) -> None:
    client = client_of(user())
    path = f"/services/visits/{hold_by_page(client, hall(), '2020-07-10 09:40')}/details/"
    settings.FROZEN_NOW = NOW + dt.timedelta(minutes=3, seconds=30)

    assert 'data-hold="390"' in page(client, path)


def test_steps_name_themselves_and_lead_back() -> None:
    of, one = hall(), user()
    client, start = client_of(one), "/services/visits/new/"

    assert "Крок 1. Виберіть питання" in page(client, start)
    offices = page(client, f"{start}?question={of.question_id}&choose=office")
    assert "Крок 2. Виберіть ЦНАП" in offices
    assert f'<a href="{start}">1.<span> Питання</span></a>' in offices
    days = page(client, f"{start}?question={of.question_id}")
    assert "Крок 3. Виберіть дату прийому" in days
    assert f'<a href="{start}?question={of.question_id}&amp;choose=office">2.<span> ЦНАП</span></a>' in days
    times = page(client, f"{start}?question={of.question_id}&office={of.office_id}&day=2020-07-13")
    assert "Крок 4. Виберіть час прийому" in times
    assert "14 липня, вівторок →" in times
    form = page(client, f"/services/visits/{hold_by_page(client, of, '2020-07-10 09:40')}/details/")
    assert "Крок 5. Заповніть прізвище, ім'я, по батькові та телефон" in form.replace("&#x27;", "'")
    assert "Крок 6. Збережіть запис" in form


def test_wrong_phone_is_said_beside_the_field() -> None:
    of, one = hall(), user()
    client = client_of(one)
    client.post(
        "/services/visits/hold/",
        {"question": of.question_id, "office": of.office_id, "starts_at": kyiv("2020-07-10 09:40").isoformat()},
    )

    answer = client.post(
        f"/services/visits/{Visit.objects.get().pk}/details/", {"surname": "Л", "name": "О", "phone": "12"}
    )

    assert answer.status_code == 422
    assert "Перевірте номер" in answer.content.decode()


def test_visit_is_moved_and_cancelled_from_its_page() -> None:
    of, one = hall(), user()
    visit_id, client = booked(of, one, "2020-07-10 09:40"), client_of(one)

    assert "13:00 – 13:35" in page(client, f"/services/visits/{visit_id}/move/?day=2020-07-13")
    client.post(f"/services/visits/{visit_id}/move/", {"starts_at": kyiv("2020-07-13 13:00").isoformat()})
    assert Visit.objects.get().starts_at == kyiv("2020-07-13 13:00")
    client.post(f"/services/visits/{visit_id}/cancel/")
    assert Visit.objects.get().state == "cancelled"


def test_visit_that_goes_on_can_only_be_cancelled(settings: Settings) -> None:
    of, one = hall(), user()
    visit_id, client = booked(of, one, "2020-07-10 09:05"), client_of(one)
    path = f"/services/visits/{visit_id}/"

    settings.FROZEN_NOW = kyiv("2020-07-10 09:06")
    going_on = page(client, path)
    settings.FROZEN_NOW = kyiv("2020-07-10 09:40")
    over = page(client, path)

    assert (f"{path}cancel/" in going_on, f"{path}move/" in going_on) == (True, False)
    assert f"{path}cancel/" not in over


@pytest.mark.django_db(transaction=True)
def test_second_press_of_save_leads_to_the_saved_visit() -> None:
    of, one = hall(), user()
    visit_id, client = hold(of, one, "2020-07-10 09:40"), client_of(one)

    def press() -> str:
        try:
            return client.post(f"/services/visits/{visit_id}/details/", TYPED)["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1) as threads:
        with transaction.atomic():
            booking.book(user_id=one, visit_id=visit_id, visitor=OLENA, at=NOW)  # the first press
            second = threads.submit(press)
            wait([second], timeout=1)  # it waits for the first one's end
        assert second.result() == f"/services/visits/{visit_id}/"
    assert Visit.objects.get().state == "booked"


def test_question_is_english_for_whoever_reads_english_and_the_paper_is_not(settings: Settings) -> None:
    of, one = hall(), user()
    Question.objects.update(name_en="Passport for travel")
    visit_id, client = booked(of, one, "2020-07-10 09:40"), client_of(one)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    for path in ("/services/visits/", "/services/visits/new/", f"/services/visits/{visit_id}/"):
        text = page(client, path)
        assert ("Passport for travel" in text, "Закордонний паспорт" in text) == (True, False), path
    paper = client.get(f"/services/visits/{visit_id}/ticket.pdf").content
    assert "Закордонний паспорт" in pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_bounded()
    Question.objects.update(name_en="")
    assert "Закордонний паспорт" in page(client, "/services/visits/")


def test_questions_of_several_towns_name_their_town() -> None:
    of = hall()
    client, town = client_of(user()), Town.objects.get(pk=of.town_id).name
    assert f"<span>{town}</span>" not in page(client, "/services/visits/new/")
    other = hall()
    Town.objects.filter(pk=other.town_id).update(name="Другий Город")

    text = page(client, "/services/visits/new/")

    assert f"<strong>Закордонний паспорт</strong> <span>{town}</span>" in text
    assert "<strong>Закордонний паспорт</strong> <span>Другий Город</span>" in text


def test_ticket_on_paper_reads_back_to_the_visit(settings: Settings) -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-10 09:40")

    answer = client_of(one).get(f"/services/visits/{visit_id}/ticket.pdf")

    sheet = pypdfium2.PdfDocument(answer.content)[0]
    words = sheet.get_textpage().get_text_bounded()
    for said in ("№ 1", "10 липня, пʼятниця", "09:40 – 10:15", "Левицька Олена Ігорівна", "паспорт"):
        assert said in words.replace("\u00a0", " "), said
    assert qr_codes(answer.content) == [f"{settings.BASE_URL}/services/visits/{visit_id}/"]


@pytest.mark.parametrize(
    "starts_at", ["", "tomorrow", "2020-07-10T09:40:00", "2020-07-10T09:40:00+99:00", "9999-12-31T23:59:59+00:00"]
)
def test_nonsense_for_a_time_is_not_found(starts_at: str) -> None:
    of = hall()

    answer = client_of(user()).post(
        "/services/visits/hold/", {"question": of.question_id, "office": of.office_id, "starts_at": starts_at}
    )

    assert answer.status_code == 404


@pytest.mark.parametrize("rest", ["", "details/", "move/"])
def test_other_peoples_visits_are_not_found(rest: str) -> None:
    visit_id = booked(hall(), user(), "2020-07-10 09:40")

    assert client_of(user()).get(f"/services/visits/{visit_id}/{rest}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_a_fixed_number_of_queries(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    one = user()
    for _number in range(count):
        booked(hall(), one, "2020-07-10 09:40")
    client = client_of(one)
    page(client, "/services/visits/")

    with django_assert_num_queries(6):
        text = page(client, "/services/visits/")

    assert text.count("Записано") == count


def test_empty_list_says_what_to_do() -> None:
    assert "Візитів ще немає" in page(client_of(person("nobody@example.com").pk), "/services/visits/")
