"""Lists of a resident: words, states, orders; and the timeline of one."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from pytest_django import Settings

from domivka.cnap import application_desk, applications, consultations, desk, files
from domivka.cnap.files import Upload
from domivka.cnap.lists import Wanted
from tests.builders import person
from tests.database.cnap.conftest import AT
from tests.database.cnap.desk import Desk, client_of
from tests.database.cnap.samples import PNG
from tests.database.cnap.test_applications import LATER, Desks

pytestmark = pytest.mark.django_db


@pytest.fixture
def cnap() -> Desks:
    return Desks()


def ask(cnap: Desk, topic: str) -> int:
    return consultations.save_consultation(
        user_id=cnap.user.pk, consultation_id=None, office_id=cnap.office, topic=topic, question="Питання", uploads=[],
        at=AT,
    ).id  # fmt: skip


def numbers(page: str) -> list[int]:
    return [int(number) for number in re.findall(r'<th scope="row">№&nbsp;(\d+)</th>', page)]


def test_applications_are_narrowed_by_state_and_words(cnap: Desks) -> None:
    draft, waiting = cnap.draft(), cnap.sent()
    client = client_of(cnap.user)

    def found(query: str) -> list[int]:
        return numbers(client.get(f"/services/applications/?{query}").content.decode())

    assert found("") == [waiting, draft]
    assert found("order=old") == [draft, waiting]
    assert found("state=waiting") == [waiting]
    assert found("q=ДОВІДКИ") == [waiting, draft]
    assert found(f"q=№ {draft}") == [draft]
    assert found("q=Гагаріна") == []
    assert found("q=%25") == []  # a sign of LIKE is only a sign
    assert found("state=nonsense&order=nonsense&page=0&q=" + "9" * 500) == [waiting, draft]


def test_answered_first_order_puts_the_newest_answer_first(cnap: Desks) -> None:
    first, second, third = cnap.sent(), cnap.sent(), cnap.sent()
    for pk, later in ((second, 1), (first, 2)):
        by = {**cnap.by(pk), "at": LATER + dt.timedelta(hours=later)}
        application_desk.decide(**by, granted=True, reason="", text="Готово.")

    rows = applications.applications_of(user_id=cnap.user.pk, limit=9, wanted=Wanted(order="answered"))

    assert [row.id for row in rows] == [first, second, third]


def test_consultations_are_found_by_topic_and_question(cnap: Desks) -> None:
    passport, subsidy = ask(cnap, "Паспорт дитини"), ask(cnap, "Субсидія")
    user_id = cnap.user.pk

    def found(wanted: Wanted) -> list[int]:
        rows = consultations.consultations_of(user_id=user_id, limit=9, wanted=wanted)
        assert consultations.count_consultations(user_id=user_id, wanted=wanted) == len(rows)
        return [row.id for row in rows]

    assert found(Wanted(text="паспорт")) == [passport]
    assert found(Wanted(text="питання")) == [subsidy, passport]
    assert found(Wanted(state="answered")) == []


def test_messages_are_narrowed_to_unread(cnap: Desks) -> None:
    for topic in ("Перша", "Друга"):
        pk = ask(cnap, topic)
        consultations.send_consultation(user_id=cnap.user.pk, consultation_id=pk, at=AT)
        desk.answer(town_ids=cnap.town_ids, consultation_id=pk, text="Так.", user_id=cnap.admin.pk, at=LATER)
    client = client_of(cnap.user)
    newest = re.findall(r'href="(/services/messages/\d+/)"', client.get("/services/messages/").content.decode())[0]

    client.get(newest)

    unread = client.get("/services/messages/?state=unread").content.decode()
    assert re.findall(r'href="(/services/messages/\d+/)"', unread) != [newest]
    assert unread.count("непрочитане") == 1
    assert "Знайдено: 1." in unread


def test_documents_are_found_by_name_and_ordered_by_size() -> None:
    user = person()
    for name, size in (("Паспорт.png", 10), ("Ордер.png", 30), ("Довіреність.png", 20)):
        files.add_documents(user_id=user.pk, uploads=[Upload(name, PNG + bytes(size))], at=AT)

    def names(wanted: Wanted) -> list[str]:
        return [one.name for one in files.documents_of(user_id=user.pk, limit=9, wanted=wanted)]

    assert names(Wanted(text="паспорт")) == ["Паспорт.png"]
    assert names(Wanted(order="size")) == ["Ордер.png", "Довіреність.png", "Паспорт.png"]
    assert names(Wanted(order="name")) == ["Довіреність.png", "Ордер.png", "Паспорт.png"]


def test_pages_of_a_search_keep_the_search(cnap: Desks) -> None:
    for _ in range(21):
        cnap.draft()

    page = client_of(cnap.user).get("/services/applications/?q=довідки&order=old").content.decode()

    assert len(numbers(page)) == 20
    assert 'href="?page=2&amp;q=' in page
    assert "order=old" in page


def test_few_rows_have_no_search(cnap: Desks) -> None:
    cnap.draft()

    assert 'type="search"' not in client_of(cnap.user).get("/services/applications/").content.decode()


def test_timeline_says_what_happened_and_whose_turn_it_is(cnap: Desks) -> None:
    pk = cnap.sent()

    def shown() -> list[tuple[str, str, str]]:
        found = applications.application(user_id=cnap.user.pk, application_id=pk)
        return [(step.label, step.state, step.note) for step in found.steps]

    waiting = shown()
    application_desk.ask_document(**cnap.by(pk), text="Копія паспорта")
    asked = shown()
    application_desk.decide(**cnap.by(pk), granted=False, reason="Немає документа", text="Ні.")

    begun = [("Заяву створено", "done", ""), ("Відправлено", "done", "")]
    assert waiting == [*begun, ("Розглядає адміністратор ЦНАП. Строк відповіді: до 20.11.2026", "now", "")]
    assert asked[2:] == [("Попросили документ", "done", "Копія паспорта"), ("Чекаємо на документ", "now", "")]
    assert shown()[3:] == [("Відмовлено у розгляді", "failed", "Немає документа")]


def test_late_answer_is_apologised_for_with_whom_to_ask(cnap: Desks, settings: Settings) -> None:
    pk = cnap.sent()
    question = ask(cnap, "Тема")
    consultations.send_consultation(user_id=cnap.user.pk, consultation_id=question, at=AT)
    client = client_of(cnap.user)
    paths = (f"/services/applications/{pk}/", f"/services/consultations/{question}/")

    in_time = [client.get(path).content.decode() for path in paths]
    settings.FROZEN_NOW = AT + dt.timedelta(days=60)
    late = [client.get(path).content.decode() for path in paths]

    assert not any("Строк відповіді минув" in page for page in in_time)
    assert "Строк відповіді минув 20.11.2026." in late[0]
    assert "Строк відповіді минув 10.12.2026." in late[1]
    assert all("вул. Дніпровська, 213" in page for page in late)
