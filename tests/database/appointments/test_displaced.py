"""A day, a window or hours are taken away from people who are booked: seen first, told, moved in one press."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from domivka.appointments import booking, displaced, personal, schedule
from domivka.appointments.errors import HoldExpired, NotPossibleNow, VisitsFallOut
from domivka.appointments.models import Break, Hours, Question, SpecialDay, Visit, Window
from domivka.cnap.models import Message as CnapMessage
from domivka.cnap.models import Office
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.notifications.models import Message
from tests.builders import person
from tests.database.appointments.office import NOW, Hall, hall, kyiv
from tests.database.appointments.test_booking import OLENA, booked, hold, times, user
from tests.database.appointments.test_desk import Desk
from tests.database.appointments.test_pages import client_of, page
from tests.database.portal.test_reminders import reachable

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2020, 7, 13)


@pytest.fixture(autouse=True)
def friday(settings: Settings) -> None:
    settings.FROZEN_NOW = NOW


@pytest.fixture
def desk() -> Desk:
    return Desk()


def states() -> list[str]:
    return list(Visit.objects.order_by("pk").values_list("state", flat=True))


def close(of: Hall, by: int, agreed: list[int] | None = None, note: str = "Санітарний день") -> None:
    schedule.save_special_day(
        office_id=of.office_id, day=MONDAY, opens=None, closes=None, note=note, user_id=by, at=NOW, agreed=agreed or []
    )


def test_day_with_bookings_is_not_closed_before_somebody_agreed() -> None:
    of, by = hall(), user()
    visit_id = booked(of, user(), "2020-07-13 09:05")
    booked(of, user(), "2020-07-14 09:05")

    with pytest.raises(VisitsFallOut) as refused:
        close(of, by)

    assert [(one.id, one.person) for one in refused.value.visits] == [(visit_id, "Левицька Олена Ігорівна")]
    assert not SpecialDay.objects.exists()
    assert states() == ["booked", "booked"]
    assert not CnapMessage.objects.exists()


def test_agreed_closing_tells_everybody_and_keeps_their_visit() -> None:
    of, by, olena = hall(), user(), reachable("olena@example.com").pk
    visit_id = booked(of, olena, "2020-07-13 09:05")

    close(of, by, [visit_id])

    assert states() == ["must_move"]
    told = CnapMessage.objects.get()
    assert (told.user_id, told.path) == (olena, f"/services/visits/{visit_id}/move/")
    assert told.subject == "Ваш візит треба перенести: 13 липня, понеділок о 09:05"
    assert "ми не зможемо вас прийняти (Санітарний день)" in told.body
    letter = Message.objects.get()
    assert (letter.recipient, letter.channel) == ("olena@example.com", "email")
    assert f"/services/visits/{visit_id}/move/" in letter.body
    assert AuditEntry.objects.filter(action="appointments.displace", object_id=str(visit_id)).exists()


def test_person_without_email_is_told_by_sms() -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-13 09:05")

    close(of, user(), [visit_id])

    letter = Message.objects.get()
    assert (letter.channel, letter.recipient) == ("sms", OLENA.phone)
    assert letter.body.startswith("ЦНАП: 13 липня, понеділок о 09:05 прийому не буде. Оберіть інший час: http")


def test_somebody_who_booked_after_the_list_was_seen_is_shown_too() -> None:
    of, by = hall(), user()
    seen, late = booked(of, user(), "2020-07-13 09:05"), booked(of, user(), "2020-07-13 09:40")

    with pytest.raises(VisitsFallOut):
        close(of, by, [seen])
    close(of, by, [seen, late])

    assert states() == ["must_move", "must_move"]


def test_time_held_in_the_closed_day_cannot_be_saved() -> None:
    of, one = hall(), user()
    held = hold(of, one, "2020-07-13 09:05")

    close(of, user())

    with pytest.raises(HoldExpired):
        booking.book(user_id=one, visit_id=held, visitor=OLENA, at=NOW)


def shorten(of: Hall, agreed: list[int]) -> None:
    schedule.save_hours(
        office_id=of.office_id, weekday=0, opens=dt.time(10), closes=dt.time(16), valid_from=MONDAY, user_id=user(),
        at=NOW, agreed=agreed,
    )  # fmt: skip


def pause(of: Hall, agreed: list[int]) -> None:
    schedule.save_break(
        office_id=of.office_id, starts=dt.time(9), ends=dt.time(9, 20), user_id=user(), at=NOW, agreed=agreed
    )


def shut_window(of: Hall, agreed: list[int]) -> None:
    schedule.save_window(
        office_id=of.office_id, number=1, question_ids=[of.question_id], is_open=False, user_id=user(), at=NOW,
        agreed=agreed,
    )  # fmt: skip


def unlearn(of: Hall, agreed: list[int]) -> None:
    schedule.save_window(
        office_id=of.office_id, number=1, question_ids=[], is_open=True, user_id=user(), at=NOW, agreed=agreed
    )


@pytest.mark.parametrize("change", [shorten, pause, shut_window, unlearn])
def test_every_change_that_takes_a_time_asks_first(change: Callable[[Hall, list[int]], None]) -> None:
    of = hall()
    visit_id = booked(of, user(), "2020-07-13 09:05")
    before = (Hours.objects.count(), Break.objects.count(), Window.objects.get().questions.count())

    with pytest.raises(VisitsFallOut):
        change(of, [])
    assert (Hours.objects.count(), Break.objects.count(), Window.objects.get().questions.count()) == before
    change(of, [visit_id])

    assert states() == ["must_move"]


def test_special_hours_that_are_taken_away_ask_first() -> None:
    of, by, saturday = hall(), user(), dt.date(2020, 7, 11)
    schedule.save_special_day(
        office_id=of.office_id, day=saturday, opens=dt.time(9), closes=dt.time(12), note="", user_id=by, at=NOW
    )
    booked(of, user(), "2020-07-11 09:00")

    with pytest.raises(VisitsFallOut):
        schedule.remove_special_day(
            office_id=of.office_id, special_day_id=SpecialDay.objects.get().pk, user_id=by, at=NOW
        )
    assert SpecialDay.objects.exists()


def test_new_opening_that_moves_the_grid_leaves_booked_visits_alone() -> None:
    of = hall()
    booked(of, user(), "2020-07-13 09:40")

    schedule.save_hours(
        office_id=of.office_id,
        weekday=0,
        opens=dt.time(9),
        closes=dt.time(15),
        valid_from=MONDAY,
        user_id=user(),
        at=NOW,
    )

    assert states() == ["booked"]


def test_closed_window_gives_its_visits_to_another_that_is_free() -> None:
    of = hall(windows=2)
    first, second = booked(of, user(), "2020-07-13 09:05"), booked(of, user(), "2020-07-13 09:40")
    assert set(Visit.objects.values_list("window", flat=True)) == {of.windows[0]}
    third = booked(of, user(), "2020-07-13 09:40")

    with pytest.raises(VisitsFallOut) as refused:
        shut_window(of, [])
    assert [one.id for one in refused.value.visits] == [second]
    shut_window(of, [second])

    assert [Visit.objects.get(pk=pk).window_id for pk in (first, third)] == [of.windows[1], of.windows[1]]
    assert states() == ["booked", "must_move", "booked"]


def test_person_moves_it_in_one_press_from_the_page_of_the_letter() -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-13 09:05")
    close(of, user(), [visit_id])
    client = client_of(one)

    assert "Потребує перенесення" in page(client, "/services/visits/")
    text = page(client, f"/services/visits/{visit_id}/move/")
    nearest = re.findall(r'name="starts_at" value="([^"]+)"', text)
    assert nearest[:2] == [kyiv("2020-07-10 09:05").isoformat(), kyiv("2020-07-10 09:40").isoformat()]
    client.post(f"/services/visits/{visit_id}/move/", {"starts_at": nearest[1]})

    row = Visit.objects.get(pk=visit_id)
    assert (row.state, row.starts_at, row.number) == ("booked", kyiv("2020-07-10 09:40"), 1)


def test_new_booking_of_the_question_replaces_the_one_that_had_to_move() -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-13 09:05")
    close(of, user(), [visit_id])

    booked(of, one, "2020-07-10 09:40")

    assert states() == ["cancelled", "booked"]


def test_held_time_does_not_stand_in_the_way_of_moving() -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-13 09:05")
    close(of, user(), [visit_id])
    hold(of, one, "2020-07-10 09:40")

    booking.move(user_id=one, visit_id=visit_id, starts_at=kyiv("2020-07-10 09:40"), at=NOW)

    assert states() == ["booked", "expired"]


def test_closed_office_and_new_holiday_are_noticed_by_the_hourly_check() -> None:
    of = hall()
    booked(of, user(), "2020-07-13 09:05")
    assert displaced.check(at=NOW) == 0

    Office.objects.filter(pk=of.office_id).update(closed_from=NOW.date())

    assert (displaced.check(at=NOW), displaced.check(at=NOW)) == (1, 0)
    assert states() == ["must_move"]


def test_window_that_closes_leaves_those_whose_other_window_has_a_visit_going_on() -> None:
    of, by = hall(windows=2), user()
    short = Question.objects.create(town_id=of.town_id, name="Довідка", minutes=25)
    first, second = Window.objects.order_by("number")
    first.questions.set([short])
    second.questions.set([short, of.question_id])
    booked(of, user(), "2020-07-10 09:05")  # until 09:40, at the second window
    olena = user()
    visit_id = booking.hold(
        user_id=olena, office_id=of.office_id, question_id=short.pk, starts_at=kyiv("2020-07-10 09:30"), at=NOW
    )
    booking.book(user_id=olena, visit_id=visit_id, visitor=OLENA, at=NOW)

    with pytest.raises(VisitsFallOut) as refused:
        schedule.save_window(
            office_id=of.office_id, number=1, question_ids=[short.pk], is_open=False, user_id=by,
            at=kyiv("2020-07-10 09:10"),
        )  # fmt: skip

    assert [one.id for one in refused.value.visits] == [visit_id]


def test_office_that_cannot_be_checked_does_not_keep_the_others_from_it(caplog: pytest.LogCaptureFixture) -> None:
    broken, of = hall(), hall()
    for one in (broken, of):
        booked(one, user(), "2020-07-13 09:05")
    with connection.cursor() as cursor:  # a failure of the database for one office
        cursor.execute(
            "CREATE FUNCTION pg_temp.fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''broken''; END';"
            " CREATE TRIGGER fail BEFORE UPDATE ON appointments_visit FOR EACH ROW"
            f" WHEN (NEW.office_id = {broken.office_id}) EXECUTE FUNCTION pg_temp.fail()"
        )
    Office.objects.update(closed_from=NOW.date())

    assert displaced.check(at=NOW) == 1

    assert states() == ["booked", "must_move"]
    assert f"office {broken.office_id} was not checked" in caplog.text


def test_desk_sees_whom_it_leaves_without_time_before_saving(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-13 09:05")
    typed: dict[str, object] = {"special-day": "2020-07-13", "special-note": "Санітарний день"}

    asked = desk.do("calendar/special/", **typed)
    assert "На цей час уже записано людей: 1." in asked
    assert "Левицька Олена Ігорівна" in asked
    assert f'name="agreed" value="{visit_id}"' in asked
    assert 'name="special-note" value="Санітарний день"' in asked
    assert states() == ["booked"]

    assert "Збережено." in desk.do("calendar/special/", **typed, agreed=visit_id)
    assert "Потребують перенесення: 1" in desk.page()


def test_desk_moves_a_visit_for_somebody_who_called_and_tells_them(desk: Desk) -> None:
    visit_id = booked(desk.hall, reachable("olena@example.com").pk, "2020-07-13 09:05")
    close(desk.hall, user(), [visit_id])
    assert "Левицька Олена Ігорівна" in desk.page("moving/")

    said = desk.do(f"moving/{visit_id}/", starts_at=kyiv("2020-07-14 09:40").isoformat())

    assert "Візит перенесено, людину повідомлено." in said
    assert "Усі мають свій час" in said
    assert Visit.objects.get().starts_at == kyiv("2020-07-14 09:40")
    letter = Message.objects.latest("pk")
    assert letter.subject == "Візит перенесено: 14 липня, вівторок о 09:40"
    assert f"/services/visits/{visit_id}/" in letter.body


def test_desk_cancels_for_somebody_who_called(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-13 09:05")
    close(desk.hall, user(), [visit_id])

    desk.do(f"moving/{visit_id}/cancel/")

    assert states() == ["cancelled"]
    with pytest.raises(NotPossibleNow):
        booking.cancel_for(office_id=desk.hall.office_id, visit_id=visit_id, user_id=user(), at=NOW)


def test_desk_of_a_closed_office_still_has_those_to_call(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-13 09:05")
    Office.objects.update(closed_from=NOW.date())
    assert "ЦНАП ще немає" in desk.client.get("/staff/visits/").content.decode()
    displaced.check(at=NOW)

    assert desk.client.get("/staff/visits/")["Location"] == desk.path
    board = desk.page()
    assert "Потребують перенесення: 1" in board
    assert "Цей ЦНАП зачинено." in board
    assert "Викликати наступного" not in board
    assert "Левицька Олена Ігорівна" in desk.page("moving/")
    assert desk.page(f"moving/{visit_id}/")
    assert desk.client.get(desk.path + "calendar/").status_code == 404
    assert "Візит скасовано." in desk.do(f"moving/{visit_id}/cancel/")
    assert "ЦНАП ще немає" in desk.client.get("/staff/visits/").content.decode()


def test_desk_moves_and_cancels_a_visit_that_is_booked_and_comes_back_to_its_day(desk: Desk) -> None:
    visit_id = booked(desk.hall, user(), "2020-07-13 09:05")
    path = f"{desk.path}moving/{visit_id}/"
    assert f'href="{path}"' in desk.page("?day=2020-07-13")
    assert f'href="{desk.path}?day=2020-07-13"' in desk.page(f"moving/{visit_id}/")

    moved = desk.client.post(path, {"starts_at": kyiv("2020-07-14 09:40").isoformat()})
    cancelled = desk.client.post(f"{path}cancel/")

    assert (moved["Location"], cancelled["Location"]) == (f"{desk.path}?day=2020-07-13", f"{desk.path}?day=2020-07-14")
    assert states() == ["cancelled"]


def test_visit_of_another_office_is_not_found() -> None:
    visit_id, other, by = booked(hall(), user(), "2020-07-13 09:05"), hall(), user()

    with pytest.raises(NotFoundError):
        booking.cancel_for(office_id=other.office_id, visit_id=visit_id, user_id=by, at=NOW)
    with pytest.raises(NotFoundError):
        booking.move_for(
            office_id=other.office_id, visit_id=visit_id, starts_at=kyiv("2020-07-14 09:05"), user_id=by, at=NOW
        )


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_those_to_move_asks_a_fixed_number_of_queries(
    desk: Desk, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = [booked(desk.hall, user(), f"2020-07-13 {time}") for time in ("09:05", "09:40", "10:15")[:count]]
    close(desk.hall, user(), found)
    desk.page("moving/")

    with django_assert_num_queries(10):
        text = desk.page("moving/")

    assert text.count("Левицька") == count


def test_time_one_holds_is_offered_to_oneself_again() -> None:
    of, one = hall(), person("p@example.com").pk
    hold(of, one, "2020-07-10 09:40")

    text = page(client_of(one), f"/services/visits/new/?question={of.question_id}&office={of.office_id}&day=2020-07-10")

    assert "09:40 – 10:15" in text
    assert "09:40" not in times(of)


def test_person_who_is_forgotten_has_no_visit_to_move() -> None:
    of, one = hall(), user()
    visit_id = booked(of, one, "2020-07-13 09:05")
    close(of, user(), [visit_id])

    personal.erase_person(user_id=one, at=NOW)

    row = Visit.objects.get()
    assert (row.state, row.surname, row.phone) == ("cancelled", "", "")
