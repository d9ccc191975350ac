from __future__ import annotations

import datetime as dt

from domivka.appointments.ics import event
from domivka.appointments.visits import VisitView

AT = dt.datetime(2026, 10, 24, 12, 0, tzinfo=dt.UTC)


def visit(state: str = "booked") -> VisitView:
    return VisitView(
        id=1, state=state, number=17, code="c0de", question_id=1, question="Реєстрація; шлюб, народження", office_id=1,
        office="Центр надання адміністративних послуг виконавчого комітету міської ради", address="вул. Соборна, 59",
        office_phone="", window=3, starts_at=dt.datetime(2026, 10, 26, 11, 0, tzinfo=dt.UTC),
        ends_at=dt.datetime(2026, 10, 26, 11, 35, tzinfo=dt.UTC), held_until=None, surname="", name="", patronymic="",
        phone="", user_id=1,
    )  # fmt: skip


def test_event_is_in_utc_escaped_and_folded() -> None:
    raw = event(visit(), url="https://domivka.example/services/visits/1/", at=AT)

    rows = raw.split(b"\r\n")
    assert max(map(len, rows)) <= 75
    text = raw.replace(b"\r\n ", b"").decode()
    assert "DTSTART:20261026T110000Z\r\nDTEND:20261026T113500Z\r\n" in text
    assert "SUMMARY:Реєстрація\\; шлюб\\, народження\r\n" in text
    assert "міської ради\\, вул. Соборна\\, 59" in text
    assert text.endswith("END:VCALENDAR\r\n")


def test_cancelled_visit_says_so() -> None:
    assert b"STATUS:CANCELLED" in event(visit("cancelled"), url="https://domivka.example/", at=AT)
