"""Readings in a terminal network's register: taken, refused with words, taken back; its payments stand whatever they are."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from domivka.exchange import api as exchange
from domivka.exchange import tasks
from domivka.exchange.models import ImportBatch, ImportReading
from domivka.identity.models import Role
from domivka.kernel.models import AuditEntry
from domivka.ledger import api as ledger
from domivka.metering.models import Channel, Reading
from tests.builders import Town, holder
from tests.builders import run as run_month
from tests.database.exchange.terminal import AT, NOV, bring, said, standing, upload, water
from tests.unit.exchange.files import pay, register

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(hours=1)


def become(batch: int) -> list[tuple[int, str, str]]:
    return list(ImportReading.objects.filter(batch=batch).order_by("number", "place").values_list(
        "number", "state", "reason"
    ))  # fmt: skip


def checked(town: Town, *rows: str) -> tuple[int, dict[str, Any]]:
    batch = upload(town, register(*rows))
    return batch, exchange.check(batch_id=batch, at=AT)


def test_reading_of_a_payment_is_taken_by_the_cash_desks_channel() -> None:
    town = Town()
    service, meter = water(town)
    service.charge(NOV.previous, 150_00)

    batch, summary = checked(town, pay(1, "003200001", ("032264", "", "104,5")))
    assert summary["readings"] == {"found": 1, "taken": 1, "same": 0, "refused": 0}
    assert become(batch) == [(2, "ready", "")]
    assert standing(meter) == []
    applied = exchange.apply(batch_id=batch, user_id=None, at=AT)

    assert (applied["credited"], applied["credited_kop"]) == (1, 100_00)
    assert applied["readings"] == {"found": 1, "taken": 1, "same": 0, "refused": 0}
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == 50_00
    reading = Reading.objects.get(meter_id=meter, period=NOV)
    assert (str(reading.value), reading.channel, reading.taken_on) == ("104.500", "cash_desk", dt.date(2026, 11, 12))
    assert become(batch) == [(2, "taken", "")]


@pytest.mark.parametrize(
    ("meter", "zone", "value", "reason"),
    [
        ("999", "", "104", "Лічильника № 999 на цьому рахунку немає."),
        ("032264", "", "99", "Показання 99 менше за попереднє (100)."),
        ("032264", "", "123456", "Забагато цифр: на лічильнику їх 5 до коми."),
        ("032264", "", "190", "Виходить 90 – значно більше, ніж зазвичай (3,279 на місяць)."),
        ("032264", "Д", "104", "У лічильника немає зони «day»."),
        ("032264", "", "сто", "Показання не читається: «сто»."),
        ("032264", "", "104,1234", "Показання не читається: «104,1234»."),
        ("032264", "", "-5", "Показання не читається: «-5»."),
        ("032264", "", "999999999999999", "Показання не читається: «999999999999999»."),
    ],
)
def test_reading_that_cannot_be_taken_leaves_its_payment(meter: str, zone: str, value: str, reason: str) -> None:
    town = Town()
    service, meter_id = water(town)

    batch = bring(town, register(pay(1, "003200001", (meter, zone, value))))

    assert become(batch) == [(2, "refused", reason)]
    assert standing(meter_id) == []
    totals = ImportBatch.objects.get(pk=batch).totals
    assert (totals["credited"], totals["readings"]["refused"]) == (1, 1)
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == -100_00


def test_meter_without_a_number_is_the_only_one_or_is_refused() -> None:
    town = Town()
    _, one = water(town)
    service, first = water(town, "003200002")
    service.meter("2", initial="5")
    town.flat().service("waste", number="003200003")

    batch = bring(
        town,
        register(
            pay(1, "003200001", ("", "", "104")),
            pay(2, "003200002", ("", "", "104")),
            pay(3, "003200003", ("", "", "104")),
            pay(4, "003200009", ("", "", "104")),
            pay(5, "003200002", ("№ 032264", "", "103")),
        ),
    )

    assert become(batch) == [
        (2, "taken", ""),
        (3, "refused", "На рахунку кілька таких лічильників: без номера не видно, чиє показання."),
        (4, "refused", "На цьому рахунку немає лічильника."),
        (5, "refused", "Особовий рахунок невідомий."),
        (6, "taken", ""),
    ]
    assert (standing(one), standing(first)) == ([("single", "104", "cash_desk")], [("single", "103", "cash_desk")])
    assert ImportBatch.objects.get(pk=batch).totals["suspended"] == 1


def test_register_may_have_no_readings_at_all() -> None:
    town = Town()
    service, _ = water(town)

    batch = bring(town, register(pay(1, "003200001")))

    assert become(batch) == []
    assert ImportBatch.objects.get(pk=batch).totals["readings"] == {"found": 0, "taken": 0, "same": 0, "refused": 0}
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == -100_00
    exchange.undo(batch_id=batch, user_id=None, at=LATER)


def test_number_of_several_providers_is_told_by_nothing() -> None:
    town = Town()
    water(town)
    town.flat().service("gas", number="003200001", metered=True)

    batch = bring(town, register(pay(1, "003200001", ("032264", "", "104"))))

    assert become(batch) == [
        (2, "refused", "Такий номер рахунку є в кількох надавачів, а чий він, у реєстрі не сказано.")
    ]


def test_zones_of_a_meter_come_in_one_row() -> None:
    town = Town()
    service = town.flat().service("electricity", number="77", metered=True)
    meter = service.meter("8", initial="500", zones=("day", "night"), on=dt.date(2026, 10, 1))

    batch = bring(
        town,
        register(
            pay(1, "77", ("8", "Д", "600"), ("8", "н", "540")),
            pay(2, "77", ("8", "", "700")),
        ),
    )

    assert standing(meter) == [("day", "600", "cash_desk"), ("night", "540", "cash_desk")]
    assert become(batch)[2] == (3, "refused", "У лічильника кілька зон, а зони не вказано.")


def test_reading_outside_the_window_is_refused_with_its_days() -> None:
    town = Town()
    service, meter = water(town)
    supplied = service.row.provider_service
    supplied.reading_from_day, supplied.reading_to_day = 25, 31
    supplied.save()

    batch = bring(town, register(pay(1, "003200001", ("", "", "104"))))

    assert become(batch) == [(2, "refused", "Показання приймають з 25.11 до 30.11, а назвали його 12.11.2026.")]
    assert standing(meter) == []


def test_reading_after_the_month_counts_for_it_while_its_window_is_open() -> None:
    town = Town()
    service, meter = water(town)
    supplied = service.row.provider_service
    supplied.reading_from_day, supplied.reading_to_day = 28, 3
    supplied.save()
    Reading.objects.filter(meter_id=meter, period=NOV.previous).update(superseded_at=AT)

    bring(town, register(pay(1, "003200001", ("", "", "100"), day="02.11.2026")))

    assert standing(meter, NOV.previous) == [("single", "100", "cash_desk")]


@pytest.mark.parametrize("channel", [Channel.INSPECTOR, Channel.PROVIDER])
def test_stronger_reading_of_the_month_stands(channel: Channel) -> None:
    town = Town()
    _, meter = water(town)
    said(meter, NOV, 103, channel, on=dt.date(2026, 11, 3))

    batch = bring(town, register(pay(1, "003200001", ("", "", "104"))))

    assert standing(meter) == [("single", "103", channel.value)]
    assert become(batch) == [(2, "refused", f"За цей місяць уже є показання від 03.11.2026 ({channel.words}).")]


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.APP, Channel.PHONE, Channel.BOT])
def test_what_a_person_said_is_replaced_and_kept(channel: Channel) -> None:
    town = Town()
    _, meter = water(town)
    said(meter, NOV, 103, channel)

    bring(town, register(pay(1, "003200001", ("", "", "104"))))

    assert standing(meter) == [("single", "104", "cash_desk")]
    assert Reading.objects.get(meter_id=meter, period=NOV, channel=channel).superseded_at == AT


def test_equal_digits_are_one_reading() -> None:
    town = Town()
    _, meter = water(town)
    said(meter, NOV, 104, Channel.WEB)

    batch = bring(town, register(pay(1, "003200001", ("", "", "104")), pay(2, "003200001", ("", "", "104,0"))))

    assert standing(meter) == [("single", "104", "web")]
    assert become(batch) == [(2, "same", "Таке саме показання вже є."), (3, "same", "Таке саме показання вже є.")]


def test_of_several_readings_the_last_day_counts() -> None:
    town = Town()
    _, meter = water(town)

    batch = bring(
        town,
        register(
            pay(1, "003200001", ("", "", "105"), day="14.11.2026"),
            pay(2, "003200001", ("", "", "104"), day="12.11.2026"),
            pay(3, "003200001", ("", "", "105"), day="15.11.2026"),
        ),
    )

    assert standing(meter) == [("single", "105", "cash_desk")]
    assert become(batch) == [
        (2, "taken", ""),
        (3, "refused", "У файлі є новіше показання цього лічильника: рядок 2."),
        (4, "same", "Таке саме показання вже є."),
    ]
    older = bring(town, register(pay(4, "003200001", ("", "", "103"), day="10.11.2026")), at=LATER)
    assert become(older) == [
        (2, "refused", "За цей місяць уже є новіше показання з каси чи термінала, від 14.11.2026.")
    ]


def test_same_transaction_in_a_later_register_changes_nothing() -> None:
    town = Town()
    service, meter = water(town)
    first = pay(1, "003200001", ("", "", "104"))
    bring(town, register(first))
    bring(town, register(pay(2, "003200001", ("", "", "105"))), at=LATER)

    again = first.replace("17;20.11.2026", "18;21.11.2026")  # sent again in another register
    batch = bring(town, register(again), at=LATER + dt.timedelta(hours=1))

    assert become(batch) == [(2, "same", "Цей платіж уже був у застосованому раніше файлі.")]
    assert ImportBatch.objects.get(pk=batch).totals["repeated"] == 1
    assert standing(meter) == [("single", "105", "cash_desk")]
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == -200_00


def test_transaction_twice_in_a_file_is_one_payment() -> None:
    town = Town()
    service, _ = water(town)

    batch = bring(town, register(pay(1, "003200001", ("", "", "104")), pay(1, "003200001", ("", "", "104"))))

    assert ImportBatch.objects.get(pk=batch).totals["rejected"] == 1
    assert become(batch) == [(2, "taken", "")]
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == -100_00


def test_undo_takes_readings_back_and_what_they_replaced_stands_again() -> None:
    town = Town()
    service, meter = water(town)
    said(meter, NOV, 103, Channel.WEB)
    content = register(pay(1, "003200001", ("", "", "104")))
    batch = bring(town, content)

    exchange.undo(batch_id=batch, user_id=None, at=LATER)

    assert standing(meter) == [("single", "103", "web")]
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == 0
    assert become(batch) == [(2, "undone", "")]
    with pytest.raises(exchange.WrongState):
        exchange.undo(batch_id=batch, user_id=None, at=LATER)
    bring(town, content, at=LATER + dt.timedelta(hours=1))
    assert standing(meter) == [("single", "104", "cash_desk")]


def test_reading_that_was_replaced_since_stays_replaced_after_the_undo() -> None:
    town = Town()
    service, meter = water(town)
    said(meter, NOV, 103, Channel.WEB)
    batch = bring(town, register(pay(1, "003200001", ("", "", "104"))))
    Reading.objects.filter(meter_id=meter, channel="cash_desk").update(superseded_at=LATER)
    said(meter, NOV, 106, Channel.INSPECTOR)

    exchange.undo(batch_id=batch, user_id=None, at=LATER)

    assert standing(meter) == [("single", "106", "inspector")]
    assert ledger.balances(account_service_ids=[service.id])[service.id].kop == 0


def test_undo_is_refused_while_a_later_register_stands_on_it() -> None:
    town = Town()
    _, meter = water(town)
    first = bring(town, register(pay(1, "003200001", ("", "", "104"))))
    second = bring(town, register(pay(2, "003200001", ("", "", "105"))), at=LATER)

    with pytest.raises(exchange.CannotUndo, match="пізніший імпорт замінив показань: 1"):
        exchange.undo(batch_id=first, user_id=None, at=LATER)
    exchange.undo(batch_id=second, user_id=None, at=LATER)
    assert standing(meter) == [("single", "104", "cash_desk")]
    exchange.undo(batch_id=first, user_id=None, at=LATER)
    assert standing(meter) == []


def test_undo_is_refused_after_the_month_was_charged_by_it() -> None:
    town = Town()
    service, meter = water(town)
    service.tariff("30.40")
    batch = bring(town, register(pay(1, "003200001", ("", "", "104"))))
    run_month(town, NOV)

    with pytest.raises(exchange.CannotUndo, match="вже нараховано, лічильників: 1"):
        exchange.undo(batch_id=batch, user_id=None, at=LATER)
    assert standing(meter) == [("single", "104", "cash_desk")]
    assert ImportBatch.objects.get(pk=batch).state == "applied"


def test_check_and_apply_take_the_same_queries_for_any_number_of_readings() -> None:
    counts = []
    for homes in (1, 3):
        town = Town(f"Місто {homes}")
        for home in range(homes):
            water(town, f"00320000{home}")
        rows = [pay(n, f"00320000{n}", ("", "", "104"), day=f"{12 + n}.11.2026") for n in range(homes)]
        batch = upload(town, register(*rows))
        with CaptureQueriesContext(connection) as check:
            exchange.check(batch_id=batch, at=AT)
        with CaptureQueriesContext(connection) as apply:
            exchange.apply(batch_id=batch, user_id=None, at=AT)
        counts.append((len(check), len(apply)))

    assert counts[0] == counts[1]


def test_page_shows_readings_with_their_reasons_and_gives_them_as_csv() -> None:
    town = Town()
    water(town)
    client = Client()
    client.force_login(holder(Role.OPERATOR, town.row.pk))
    file = SimpleUploadedFile("terminal.csv", register(
        pay(1, "003200001", ("032264", "", "104")), pay(2, "003200001", ("=cmd", "", "=1")),
    ))  # fmt: skip
    form = {"town": town.row.pk, "preset": "terminal", "period": "2026-11", "file": file}
    url = client.post("/staff/imports/new/", form).headers["Location"]
    tasks.check_batch(ImportBatch.objects.get().pk)

    page = client.get(f"{url}?rows=readings").content.decode()
    saved = b"".join(client.get(f"{url}readings.csv").streaming_content).decode()  # type: ignore[attr-defined]  # it streams

    assert "Показання не читається: «=1»." in page
    assert page.index("Не прийнято</span>") < page.index("Буде прийнято</span>")
    assert "З них буде прийнято" in page
    assert saved.splitlines() == [
        "\ufeffРядок;Аркуш;Рахунок;Лічильник;Зона;Показання;Дата платежу;Причина",
        "3;;003200001;'=cmd;;'=1;12.11.2026;Показання не читається: «=1».",
    ]
    assert AuditEntry.objects.filter(action="exchange.rows_read").count() == 1


def test_page_of_readings_takes_the_same_queries_for_any_number() -> None:
    town = Town()
    client = Client()
    client.force_login(holder(Role.OPERATOR, town.row.pk))
    counts = []
    for homes in (1, 3):
        rows = []
        for home in range(homes):
            water(town, f"{homes}{home}")
            rows.append(pay(10 * homes + home, f"{homes}{home}", ("", "", "104")))
        batch = upload(town, register(*rows))
        exchange.check(batch_id=batch, at=AT)
        client.get(f"/staff/imports/{batch}/?rows=readings")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/staff/imports/{batch}/?rows=readings")
        counts.append(len(queries))

    assert counts == [12, 12]


def test_other_registers_have_no_readings() -> None:
    town = Town()
    client = Client()
    client.force_login(holder(Role.OPERATOR, town.row.pk))
    batch = exchange.upload(
        town_id=town.row.pk, preset="oschad", period=NOV, file_name="o.dbf", content=b"x", user_id=None, at=AT
    ).batch_id

    assert "?rows=readings" not in client.get(f"/staff/imports/{batch}/").content.decode()
