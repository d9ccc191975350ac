"""The desk of an office and the screen of its hall."""

from __future__ import annotations

import datetime as dt
import re

import pypdfium2
import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments import booking
from domivka.appointments.models import Question, SpecialDay, Visit, Window
from domivka.identity.models import Role
from domivka.kernel.models import AuditEntry
from tests.builders import holder
from tests.database.appointments.office import NOW, Hall, hall, kyiv
from tests.database.appointments.test_booking import booked, user
from tests.database.appointments.test_permissions import client_of
from tests.pictures import qr_codes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def friday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


class Desk:
    """An administrator before the board of an office with two windows."""

    def __init__(self) -> None:
        self.hall: Hall = hall(windows=2)
        self.client: Client = client_of(holder(Role.CNAP, self.hall.town_id))
        self.path = f"/staff/visits/{self.hall.office_id}/"

    def page(self, rest: str = "") -> str:
        answer = self.client.get(self.path + rest)
        assert answer.status_code == 200
        return answer.content.decode().replace("\u00a0", " ")

    def do(self, rest: str, **typed: object) -> str:
        answer = self.client.post(self.path + rest, typed, follow=True)
        return answer.content.decode().replace("\u00a0", " ")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_only_office_opens_at_once(desk: Desk) -> None:
    assert desk.client.get("/staff/visits/")["Location"] == desk.path


def test_visitor_goes_from_the_board_to_a_window_and_is_served(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-10 09:05")
    assert "Левицька Олена Ігорівна" in desk.page()

    assert "Очікує в залі" in desk.do(f"visits/{visit_id}/arrive/")
    assert "Приймає № 1" in desk.do(f"windows/{desk.hall.windows[0]}/next/")
    assert "Викликано ще раз." in desk.do(f"visits/{visit_id}/call/")
    assert "Прийом завершено." in desk.do(f"visits/{visit_id}/serve/")
    assert "Зараз цього зробити не можна" in desk.do(f"visits/{visit_id}/serve/")
    assert "Ніхто не чекає на це вікно." in desk.do(f"windows/{desk.hall.windows[0]}/next/")


def test_board_says_who_is_at_the_window_so_that_a_second_press_calls_nobody(desk: Desk) -> None:
    for _one in range(3):
        desk.do("ticket/", question=desk.hall.question_id)
    path = f"windows/{desk.hall.windows[0]}/next/"
    assert desk.page().count('name="serving" value=""') == 2
    board = desk.do(path, serving="")
    first = Visit.objects.get(number=1).pk
    assert f'name="serving" value="{first}"' in board

    assert "нікого не викликано" in desk.do(path, serving="")
    assert "Приймає № 2" in desk.do(path, serving=first)
    assert list(Visit.objects.order_by("number").values_list("state", flat=True)) == ["served", "called", "arrived"]


def test_absence_is_refused_with_words_before_the_visit_and_after_its_time_was_taken(
    desk: Desk, settings: Settings
) -> None:
    Window.objects.filter(number=2).update(is_open=False)
    visit_id = booked(desk.hall, user(), "2020-07-10 09:05")
    assert "Час цього візиту ще не настав." in desk.do(f"visits/{visit_id}/miss/")
    settings.FROZEN_NOW = kyiv("2020-07-10 09:15")
    desk.do(f"visits/{visit_id}/miss/")
    short = Question.objects.create(town_id=desk.hall.town_id, name="Довідка", minutes=10)
    Window.objects.get(number=1).questions.add(short)
    booking.hold(
        user_id=user(), office_id=desk.hall.office_id, question_id=short.pk, starts_at=kyiv("2020-07-10 09:25"),
        at=kyiv("2020-07-10 09:15"),
    )  # fmt: skip

    assert "Видайте талон без запису." in desk.do(f"visits/{visit_id}/arrive/")


def test_ticket_without_a_booking_has_a_number_a_wait_and_no_name(desk: Desk) -> None:
    assert "Покличемо одразу" in desk.do("ticket/", question=desk.hall.question_id)
    desk.do("ticket/", question=desk.hall.question_id)
    third = desk.do("ticket/", question=desk.hall.question_id)

    assert "Чекати приблизно 35 хв" in third
    assert re.search(r'class="slip-number">.*?</span> 3</p>', third)
    assert "без запису, 09:00" in desk.page()


def test_slip_for_the_printer_is_80_mm_wide_and_its_code_is_the_screen(desk: Desk) -> None:
    desk.do("ticket/", question=desk.hall.question_id)

    answer = desk.client.get(f"{desk.path}slips/{Visit.objects.get().pk}/slip.pdf")

    assert answer["Content-Disposition"] == 'inline; filename="slip-1.pdf"'
    page = pypdfium2.PdfDocument(answer.content)[0]
    assert round(page.get_width() / 72 * 25.4) == 80
    words = page.get_textpage().get_text_bounded()
    assert "Вас покличуть одразу" in words
    assert qr_codes(answer.content) == [f"{settings.BASE_URL.rstrip('/')}/hall/{desk.hall.office_id}/"]


def test_slip_of_somebody_who_has_not_come_is_not_found(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-10 09:05")

    assert desk.client.get(f"{desk.path}slips/{visit_id}/").status_code == 404


def test_question_that_no_window_serves_gets_no_ticket(desk: Desk) -> None:
    Window.objects.update(is_open=False)

    assert "Зараз жодне вікно не приймає з цього питання." in desk.do("ticket/", question=desk.hall.question_id)
    assert not Visit.objects.exists()


@pytest.mark.parametrize("question", ["", "x", "0", "99999999999999"])
def test_ticket_for_nonsense_is_not_found(desk: Desk, question: str) -> None:
    assert desk.client.post(desk.path + "ticket/", {"question": question}).status_code == 404


def test_looking_at_the_board_is_audited(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-10 09:05")

    desk.page()

    entry = AuditEntry.objects.get(action="appointments.board_read")
    assert (entry.is_read, entry.detail) == (True, {"day": "2020-07-10", "visits": [visit_id]})


def test_screen_shows_numbers_and_no_names(desk: Desk) -> None:
    for time in ("09:05", "09:40"):
        visit_id = booked(desk.hall, user(), f"2020-07-10 {time}")
        desk.do(f"visits/{visit_id}/arrive/")
    desk.do(f"windows/{desk.hall.windows[1]}/next/")

    text = Client().get(f"/hall/{desk.hall.office_id}/").content.decode()

    assert 'data-say="Запрошуємо номер 1 до вікна 2."' in text
    assert "<li><strong>2</strong> <span>зараз</span></li>" in text  # the first window is free
    assert 'data-seconds="32400"' in text
    assert "Левицька" not in text


def test_calendar_is_changed_by_its_forms(desk: Desk) -> None:
    assert "Збережено." in desk.do(
        "calendar/window/", **{"window-number": 7, "window-questions": desk.hall.question_id, "window-is_open": "on"}
    )
    assert Window.objects.get(number=7).questions.count() == 1
    assert "Збережено." in desk.do(
        "calendar/special/", **{"special-day": "2020-07-13", "special-note": "Санітарний день"}
    )
    assert "Санітарний день" in desk.page("calendar/")
    desk.do(f"calendar/special/{SpecialDay.objects.get().pk}/remove/")
    assert not SpecialDay.objects.exists()


def test_special_days_are_copied_when_the_last_of_them_is_over(desk: Desk, settings: Settings) -> None:
    SpecialDay.objects.create(office_id=desk.hall.office_id, day=dt.date(2020, 12, 24), note="Передсвятковий")
    settings.FROZEN_NOW = kyiv("2020-12-30 10:00")

    assert "Скопіювати всі дні 2020 року на наступний" in desk.page("calendar/")
    assert "Скопійовано днів: 1." in desk.do("calendar/copy/")


@pytest.mark.parametrize(
    ("rest", "shown"),
    [
        ("?day=9999-12-31", "10 липня, пʼятниця"), ("?day=0001-01-01", "10 липня, пʼятниця"),
        ("report/?last=0001-01-01", "10.07.2020"), ("report/?first=9999-12-31", "10.07.2020"),
    ],
)  # fmt: skip
def test_day_of_another_age_is_nonsense(desk: Desk, rest: str, shown: str) -> None:
    assert shown in desk.page(rest)


def test_window_and_question_are_changed_from_what_they_are(desk: Desk) -> None:
    window = desk.page("calendar/?window=2")
    assert re.search(r'name="window-number" value="2"', window)
    assert re.search(rf'name="window-questions" value="{desk.hall.question_id}"[^>]* checked', window)
    question = desk.page(f"calendar/?question={desk.hall.question_id}")
    assert re.search(r'name="question-name" value="Закордонний паспорт"', question)
    assert re.search(r'name="question-minutes" value="35"', question)
    assert f'name="question-question_id" value="{desk.hall.question_id}"' in question
    assert "question-question_id" in desk.page("calendar/")


def named(name: str, name_en: str = "", question_id: object = "") -> dict[str, object]:
    """What the form of a question sends."""
    return {
        "question-question_id": question_id, "question-name": name, "question-name_en": name_en, "question-minutes": "30",
    }  # fmt: skip


def test_question_is_renamed_and_a_form_without_its_id_makes_another(desk: Desk) -> None:
    desk.do("calendar/question/", **named("Паспорт для виїзду", "Passport for travel", desk.hall.question_id))
    desk.do("calendar/question/", **named("Довідка"))

    renamed, other = Question.objects.order_by("pk")
    assert renamed.pk == desk.hall.question_id
    assert (renamed.name, renamed.name_en, renamed.minutes) == ("Паспорт для виїзду", "Passport for travel", 30)
    assert (other.name, other.name_en, other.position) == ("Довідка", "", 1)


def test_name_of_another_question_is_refused_in_the_form(desk: Desk) -> None:
    other = Question.objects.create(town_id=desk.hall.town_id, name="Довідка", minutes=10)

    for question_id in ("", desk.hall.question_id):
        answer = desk.client.post(f"{desk.path}calendar/question/", named("Довідка", question_id=question_id))
        assert answer.status_code == 422
        assert "Таке питання вже є." in answer.content.decode()

    assert set(Question.objects.values_list("name", flat=True)) == {"Закордонний паспорт", "Довідка"}
    assert Question.objects.get(pk=other.pk).minutes == 10


def test_question_of_another_town_is_not_found(desk: Desk) -> None:
    stranger = hall().question_id

    answer = desk.client.post(f"{desk.path}calendar/question/", named("Довідка", question_id=stranger))

    assert answer.status_code == 422
    assert "Такого питання немає." in answer.content.decode()
    assert Question.objects.get(pk=stranger).name == "Закордонний паспорт"


def test_question_has_its_english_name_for_an_english_desk_and_the_other_one_on_paper(desk: Desk) -> None:
    Question.objects.update(name_en="Passport for travel")
    booked(desk.hall, user(), "2020-07-10 09:05")
    desk.do("ticket/", question=desk.hall.question_id)
    walked_in = Visit.objects.latest("pk").pk
    assert "Passport for travel" not in desk.page()
    desk.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

    for rest in ("", f"slips/{walked_in}/", "report/", "calendar/"):
        assert "Passport for travel" in desk.page(rest), rest
    paper = desk.client.get(f"{desk.path}slips/{walked_in}/slip.pdf").content
    assert "Закордонний паспорт" in pypdfium2.PdfDocument(paper)[0].get_textpage().get_text_bounded()


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("break", {"break-starts": "13:00", "break-ends": "12:00"}),
        (
            "hours",
            {"hours-weekday": 1, "hours-opens": "16:00", "hours-closes": "09:00", "hours-valid_from": "2020-08-01"},
        ),
        ("special", {"special-day": "2020-07-13", "special-opens": "10:00"}),
    ],
)
def test_wrong_hours_are_said_in_the_form(desk: Desk, what: str, typed: dict[str, object]) -> None:
    answer = desk.client.post(f"{desk.path}calendar/{what}/", typed)

    assert answer.status_code == 422
    assert "Перевірте години" in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_board_asks_a_fixed_number_of_queries(
    desk: Desk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for time in ("09:05", "09:40", "10:15")[:count]:
        booked(desk.hall, user(), f"2020-07-10 {time}")
    desk.page()

    with django_assert_num_queries(14):
        desk.page()
