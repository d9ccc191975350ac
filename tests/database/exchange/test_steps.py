"""Upload, check, apply, undo on small files."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domivka.billing.models import ChargeLine
from domivka.exchange import api as exchange
from domivka.exchange.models import ImportBatch, ImportRow
from domivka.kernel.models import AuditEntry
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.ledger import api as ledger
from domivka.ledger.models import Account, Transaction
from domivka.metering.models import Meter, Reading
from domivka.registry import api as registry
from domivka.registry.models import AccountService, PersonalAccount, Premises, Provider
from tests.database.exchange.town import AT, GOOD, OCT, SECOND, add_addresses, bring, gaz_csv, make_town, upload
from tests.unit.exchange.files import dbf

pytestmark = pytest.mark.django_db
LATER = AT + dt.timedelta(days=1)
NOV = Period(202611)


@pytest.fixture
def town() -> int:
    made = make_town()
    add_addresses(
        made, [("вул.", "Соборна", "73", "1"), ("вул.", "Соборна", "73", "2"), ("вул.", "Соборна", "73", "3")]
    )
    return made


def service(number: str) -> int:
    return AccountService.objects.get(account__number=number).pk


def balance(number: str, through: Period | None = None) -> int:
    owner = service(number)
    return ledger.balances(account_service_ids=[owner], through=through)[owner].kop


def test_apply_opens_accounts_and_posts_what_the_file_says(town: int) -> None:
    batch = bring(town, gaz_csv(GOOD, SECOND))

    state = ledger.account_states(account_service_ids=[service("003200001")], first=OCT, last=OCT)[0]
    assert (state.opening, state.charged, state.paid, state.closing) == (
        Money(100050),
        Money(84376),
        Money(4426),
        Money(180000),
    )
    assert balance("003200002") == 5920
    account = PersonalAccount.objects.get(number="003200001")
    assert (account.holder, account.premises.flat, account.opened_on) == ("В'юн С. Ю.", "1", dt.date(2026, 10, 1))
    line = ChargeLine.objects.get(account_service_id=service("003200001"))
    assert (line.amount_kop, line.volume, line.price) == (84376, Decimal(106), Decimal("7.96"))
    assert (line.previous_value, line.current_value, line.method) == (Decimal(100), Decimal(206), "imported")
    assert line.import_batch_id == batch
    reading = Reading.objects.get(meter__account_service_id=service("003200001"), channel="provider")
    assert (reading.value, reading.taken_on, reading.period) == (Decimal(206), dt.date(2026, 10, 31), OCT)
    assert Reading.objects.get(meter=reading.meter, channel="initial").value == Decimal(100)


def test_payment_of_the_provider_is_posted_against_its_control_account(town: int) -> None:
    bring(town, gaz_csv(GOOD))

    supplied = AccountService.objects.get().provider_service_id
    control = ledger.system_account(town_id=town, kind=Account.Kind.CONTROL, owner_id=supplied)
    assert ledger.system_balance(account_id=control) == Money(-180000)


def test_bad_rows_are_kept_with_their_reasons_and_the_rest_is_applied(town: int) -> None:
    bad = [
        "1,23E+09;Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96",
        "009999999;Х;Неіснуюча;404;4;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96",
        "003200001;Х;Соборна;73;1;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96",
        "003200003;Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,96;1;0;100",
        "003200004;Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;сім;0;0;7,96",
        "003200005;Х;Соборна;73;3;вересень 2026;1;2;1;7,96;7,96;0;0;7,96",
        ";Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96",
        "003200006;Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,961;0;0;7,96",
        "003200007;Х;Соборна;73;3;жовтень 2026;1;2;1;7,96;7,96;0;0;7,96;зайве",
    ]
    batch = upload(town, gaz_csv(GOOD, *bad))

    summary = exchange.check(batch_id=batch, at=AT)
    exchange.apply(batch_id=batch, user_id=None, at=AT)

    assert (summary["rows"], summary["well_formed"], summary["rejected"], summary["unknown_accounts"]) == (10, 2, 8, 1)
    assert summary["totals"]["charged"] == "851.72"
    rows = ImportRow.objects.filter(batch=batch).order_by("number")
    assert [(row.number, row.state, row.reason) for row in rows] == [
        (2, "ready", ""),
        (3, "rejected", "Номер рахунку зіпсував Excel: «1,23E+09». Надішліть колонку як текст."),
        (
            4,
            "unknown",
            "Особовий рахунок невідомий, а приміщення за адресою «Неіснуюча, 404, 4» не знайдено однозначно.",
        ),
        (5, "rejected", "Повторює рядок 2."),
        (6, "rejected", "Сальдо не сходиться: виходить 8,96 грн, а у файлі 100,00 грн."),
        (7, "rejected", "Число в колонці «Нараховано» не читається: «сім»."),
        (8, "rejected", "Рядок за вересень 2026, а файл за жовтень 2026."),
        (9, "rejected", "Немає номера особового рахунку."),
        (10, "rejected", "Число в колонці «Нараховано» не читається: «7,961»."),
        (11, "rejected", "У рядку 15 комірок замість 14."),
    ]
    assert PersonalAccount.objects.count() == 1


def test_lost_leading_zeros_are_named(town: int) -> None:
    bring(town, gaz_csv(GOOD))
    batch = upload(town, gaz_csv(GOOD.replace("003200001", "3200001")), period=OCT)

    exchange.check(batch_id=batch, at=AT)

    row = ImportRow.objects.get(batch=batch)
    assert row.state == "unknown"
    assert row.reason == "Особовий рахунок невідомий. Є 003200001: схоже, Excel відкинув нулі на початку."


def test_same_file_again_is_the_earlier_batch(town: int) -> None:
    first = bring(town, gaz_csv(GOOD))

    again = exchange.upload(
        town_id=town,
        preset="gaz",
        period=OCT,
        file_name="інша назва.csv",
        content=gaz_csv(GOOD),
        user_id=None,
        at=LATER,
    )

    assert again == exchange.Uploaded(first, created=False)
    assert Transaction.objects.filter(cause="import").count() == 1


def test_second_file_of_the_same_month_is_refused_until_the_first_is_undone(town: int) -> None:
    first = bring(town, gaz_csv(GOOD))
    corrected = GOOD.replace("843,76 грн.", "800,00 грн.").replace("1 800,00 грн.", "1 756,24 грн.")

    with pytest.raises(exchange.AlreadyApplied, match="Спершу скасуйте"):
        bring(town, gaz_csv(corrected))
    assert balance("003200001") == 180000

    exchange.undo(batch_id=first, user_id=None, at=LATER)
    second = ImportBatch.objects.get(state="checked")
    exchange.check(batch_id=second.pk, at=LATER)
    exchange.apply(batch_id=second.pk, user_id=None, at=LATER)
    assert balance("003200001") == 175624


def test_undo_takes_everything_back_and_closes_what_was_opened(town: int) -> None:
    batch = bring(town, gaz_csv(GOOD, SECOND))

    exchange.undo(batch_id=batch, user_id=7, at=LATER)

    assert (balance("003200001"), balance("003200002")) == (0, 0)
    assert PersonalAccount.objects.filter(closed_on=None).count() == 0
    assert AccountService.objects.filter(closed_on=None).count() == 0
    assert Reading.objects.filter(superseded_at=None, channel="provider").count() == 0
    assert sum(ChargeLine.objects.values_list("amount_kop", flat=True)) == 0
    assert ImportRow.objects.filter(batch=batch).count() == 2
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == [
        "exchange.uploaded",
        "exchange.applied",
        "exchange.undone",
    ]


def test_undone_file_can_be_applied_again(town: int) -> None:
    exchange.undo(batch_id=bring(town, gaz_csv(GOOD)), user_id=None, at=LATER)

    bring(town, gaz_csv(GOOD), at=LATER)

    assert balance("003200001") == 180000
    assert Meter.objects.count() == 1
    assert Reading.objects.get(superseded_at=None, channel="provider").value == 206


def test_undo_twice_is_refused(town: int) -> None:
    batch = bring(town, gaz_csv(GOOD))
    exchange.undo(batch_id=batch, user_id=None, at=LATER)

    with pytest.raises(exchange.WrongState, match="імпорт скасовано"):
        exchange.undo(batch_id=batch, user_id=None, at=LATER)
    assert balance("003200001") == 0


def november(opening: str, closing: str, paid: str = "0") -> bytes:
    return gaz_csv(f"003200001;В'юн С. Ю.;Соборна;73;1;11.2026;206;216;10;7,96;79,60;{opening};{paid};{closing}")


def test_next_month_continues_and_blocks_the_undo_of_the_one_before(town: int) -> None:
    october = bring(town, gaz_csv(GOOD))
    next_month = bring(town, november("1800,00", "1879,60"), period=NOV, at=LATER)

    assert balance("003200001") == 187960
    assert ImportBatch.objects.get(pk=next_month).totals["differences"] == 0
    with pytest.raises(exchange.CannotUndo, match="пізніший імпорт змінив 1 рахунків"):
        exchange.undo(batch_id=october, user_id=None, at=LATER)

    exchange.undo(batch_id=next_month, user_id=None, at=LATER)
    exchange.undo(batch_id=october, user_id=None, at=LATER)
    assert balance("003200001") == 0


def test_closing_that_is_not_reached_is_reported_and_never_overwritten(town: int) -> None:
    bring(town, gaz_csv(GOOD))
    batch = upload(town, november("1790,00", "1869,60"), period=NOV)

    checked = exchange.check(batch_id=batch, at=LATER)
    applied = exchange.apply(batch_id=batch, user_id=None, at=LATER)

    assert (checked["opening_differences"], checked["opening_difference_kop"]) == (1, -1000)
    assert (applied["differences"], applied["difference_kop"]) == (1, -1000)
    assert ImportRow.objects.get(batch=batch).difference_kop == -1000
    assert balance("003200001") == 187960


def test_money_that_came_through_us_is_not_counted_twice(town: int) -> None:
    bring(town, gaz_csv(GOOD))
    owner = service("003200001")
    personal = ledger.open_personal_accounts(town_id=town, account_service_ids=[owner])[owner]
    gateway = ledger.system_account(town_id=town, kind=Account.Kind.GATEWAY, code="sandbox")
    ledger.post(
        town_id=town, key="payment:1", cause="payment", cause_id=1, period=NOV, at=LATER,
        entries=[
            ledger.Entry(personal, ledger.EntryKind.PAYMENT, -50000, NOV),
            ledger.Entry(gateway, ledger.EntryKind.PAYMENT, 50000, NOV),
        ],
    )  # fmt: skip

    batch = bring(town, november("1800,00", "1179,60", paid="700,00"), period=NOV, at=LATER)

    assert ImportBatch.objects.get(pk=batch).totals["differences"] == 0
    assert balance("003200001") == 117960


def test_undo_is_refused_when_residents_have_paid(town: int) -> None:
    batch = bring(town, gaz_csv(GOOD))
    owner = service("003200001")
    personal = ledger.open_personal_accounts(town_id=town, account_service_ids=[owner])[owner]
    gateway = ledger.system_account(town_id=town, kind=Account.Kind.GATEWAY, code="sandbox")
    ledger.post(
        town_id=town, key="payment:1", cause="payment", cause_id=1, period=NOV, at=LATER,
        entries=[
            ledger.Entry(personal, ledger.EntryKind.PAYMENT, -100, NOV),
            ledger.Entry(gateway, ledger.EntryKind.PAYMENT, 100, NOV),
        ],
    )  # fmt: skip

    with pytest.raises(exchange.CannotUndo, match="мешканці вже сплатили за 1 рахунками"):
        exchange.undo(batch_id=batch, user_id=None, at=LATER)
    assert balance("003200001") == 179900


def test_closed_account_is_opened_again_only_in_its_own_premises(town: int) -> None:
    batch = bring(town, gaz_csv(GOOD))
    exchange.undo(batch_id=batch, user_id=None, at=LATER)
    moved = GOOD.replace("Соборна;73;1", "Соборна;73;3")

    other = upload(town, gaz_csv(moved))
    exchange.check(batch_id=other, at=LATER)

    assert ImportRow.objects.get(batch=other).reason == "Особовий рахунок закрито."


def test_apply_before_check_is_refused(town: int) -> None:
    batch = upload(town, gaz_csv(GOOD))

    with pytest.raises(exchange.WrongState, match="ще не перевірено"):
        exchange.apply(batch_id=batch, user_id=None, at=AT)


def test_unreadable_file_fails_with_words_and_can_be_sent_again(town: int) -> None:
    batch = upload(town, b"hello;world\r\n1;2\r\n")

    with pytest.raises(exchange.UnreadableFile, match="немає колонок цього шаблону"):
        exchange.check(batch_id=batch, at=AT)

    failed = ImportBatch.objects.get(pk=batch)
    assert (failed.state, failed.problem) == (
        "failed",
        "У файлі CSV немає колонок цього шаблону. Перший рядок: hello, world.",
    )
    assert upload(town, b"hello;world\r\n1;2\r\n") != batch


def test_file_of_another_month_is_refused_as_a_whole(town: int) -> None:
    batch = upload(town, gaz_csv(GOOD, SECOND), period=NOV)

    with pytest.raises(exchange.WrongPeriod, match="Файл за жовтень 2026, а ви обрали листопад 2026"):
        exchange.check(batch_id=batch, at=AT)
    assert ImportRow.objects.count() == 0


def test_provider_missing_in_the_town_is_named(town: int) -> None:
    Provider.objects.filter(code="gaz").update(code="gaz-2")

    with pytest.raises(exchange.UnknownProvider, match="gaz"):
        upload(town, gaz_csv(GOOD))


def test_two_zones_become_two_lines_of_one_price(town: int) -> None:
    header = (
        "account\tname\tstreet\tbuilding\tflat\tperiod\tmeter_model\tmeter_no\tday_prev\tday_cur\tnight_prev\tnight_cur"
        "\tday_kwh\tnight_kwh\tcharged\topening\tpaid\tclosing\n"
    )
    exact = (
        "26001\tX\tСоборна\t73\t1\t10.2026\tНІК\t7\t65619\t65850\t81627\t81725\t231\t98\t1209.60\t0.00\t0.00\t1209.60\n"
    )
    odd = "26002\tX\tСоборна\t73\t2\t10.2026\tНІК\t8\t0\t231\t0\t98\t231\t98\t1000.01\t0.00\t0.00\t1000.01\n"

    bring(town, ("\ufeff" + header + exact + odd).encode(), preset="oblenergo")

    lines = ChargeLine.objects.filter(account_service_id=service("26001")).order_by("component")
    assert [(line.component, line.volume, line.price, line.amount_kop) for line in lines] == [
        ("day", Decimal(231), Decimal("4.32"), 99792),
        ("night", Decimal(98), Decimal("2.16"), 21168),
    ]
    total = ChargeLine.objects.filter(account_service_id=service("26002")).values_list("amount_kop", flat=True)
    assert sum(total) == 100001
    meter = Meter.objects.get(number="7")
    assert (meter.zones, meter.model) == (["day", "night"], "НІК")
    assert dict(meter.readings.filter(channel="provider").values_list("zone", "value")) == {
        "day": Decimal(65850),
        "night": Decimal(81725),
    }


def oblenergo(meter: str, period: str, previous: str, current: str) -> bytes:
    header = (
        "account\tname\tstreet\tbuilding\tflat\tperiod\tmeter_model\tmeter_no\tday_prev\tday_cur\tnight_prev\tnight_cur"
        "\tday_kwh\tnight_kwh\tcharged\topening\tpaid\tclosing\n"
    )
    row = f"26001\tX\tСоборна\t73\t1\t{period}\tНІК\t{meter}\t{previous}\t{current}\t0\t0\t100\t0\t432.00\t0.00\t432.00\t0.00\n"
    return ("\ufeff" + header + row).encode()


def standing() -> list[str]:
    return list(Meter.objects.filter(removed_on=None).order_by("number").values_list("number", flat=True))


def test_meter_replaced_in_a_later_file_is_closed_and_stands_again_after_the_undo(town: int) -> None:
    bring(town, oblenergo("7", "10.2026", "100", "200"), preset="oblenergo")
    later = oblenergo("9", "11.2026", "0", "100")

    batch = bring(town, later, preset="oblenergo", period=OCT.next)
    assert standing() == ["9"]
    assert Meter.objects.get(number="7").removed_on == dt.date(2026, 11, 1)
    exchange.undo(batch_id=batch, user_id=None, at=AT)
    assert standing() == ["7"]
    bring(town, later, preset="oblenergo", period=OCT.next)

    assert standing() == ["9"]


def test_meter_without_a_number_replaces_none_that_has_one(town: int) -> None:
    bring(town, oblenergo("7", "10.2026", "100", "200"), preset="oblenergo")

    bring(town, oblenergo("", "11.2026", "200", "300"), preset="oblenergo", period=OCT.next)

    assert "7" in standing()


ADDRESSES = (
    "Тип вулиці;Вулиця;Колишні назви;Будинок;Індекс;Квартира;Площа, м²;Зареєстровано;Проживає\n"
    "вул.;Нова;вул. Стара; 12-А;51400;1;54,10;2;3\nвул.;Нова;;12-А;51400;2;сто;1;1\nвул.;Нова;;12-А;51400;1;54,10;2;3\n"
).replace("; 12", ";12")


def test_address_register_comes_through_the_same_steps(town: int) -> None:
    batch = upload(town, ADDRESSES.encode(), preset="addresses")

    summary = exchange.check(batch_id=batch, at=AT)
    applied = exchange.apply(batch_id=batch, user_id=None, at=AT)

    assert (summary["rows"], summary["well_formed"], summary["rejected"]) == (3, 1, 2)
    assert (applied["streets"], applied["buildings"], applied["premises"]) == (1, 1, 1)
    flat = Premises.objects.get(building__number="12-А")
    assert (flat.area_m2, flat.occupancy.get().living) == (Decimal("54.10"), 3)
    assert [street.text for street in registry.search_streets(town_id=town, text="стара")] == [
        "вул. Нова (колишня назва: вул. Стара)"
    ]
    with pytest.raises(exchange.CannotUndo, match="новим файлом"):
        exchange.undo(batch_id=batch, user_id=None, at=LATER)


def test_every_home_of_a_long_address_register_is_registered(town: int) -> None:
    """Longer than the beginning by which the number of rows is judged, which has the longest rows."""
    head, *_ = ADDRESSES.splitlines()
    rows = [f"вул.;Нова{'ого' * 30 * (n < 1500)};;1;51400;{n};54,10;2;3" for n in range(1, 4001)]
    batch = upload(town, "\n".join([head, *rows]).encode(), preset="addresses")

    checked = exchange.check(batch_id=batch, at=AT)
    applied = exchange.apply(batch_id=batch, user_id=None, at=AT)

    assert (checked["well_formed"], applied["premises"]) == (4000, 4000)
    assert Premises.objects.filter(town_id=town, flat="4000").exists()


def _register(equal: int) -> bytes:
    """A register with the same payment of 50 hryvnias so many times."""
    fields = [(name, "C", 12, 0) for name in ("ABCOUNT", "ADDR", "FIO", "SUMM", "NAME_PLAT", "PTIME", "PDATE")]
    return dbf(fields, equal * [("003200001", "", "", "50.00", "ГАЗ", "10:00", "20261103")])


def test_two_equal_payments_of_a_register_are_two(town: int) -> None:
    bring(town, gaz_csv(GOOD))
    content = _register(3)

    first = bring(town, content, preset="oschad", period=NOV)
    with pytest.raises(exchange.WrongState):
        exchange.apply(batch_id=first, user_id=None, at=AT)
    longer = upload(town, _register(4), preset="oschad", period=NOV)
    exchange.check(batch_id=longer, at=AT)
    again = exchange.apply(batch_id=longer, user_id=None, at=AT)

    assert ImportBatch.objects.get(pk=first).totals["credited"] == 3
    assert (again["credited"], again["repeated"]) == (1, 3)
    assert upload(town, content, preset="oschad", period=NOV) == first


def test_check_takes_the_same_queries_for_any_number_of_rows(town: int) -> None:
    one = upload(town, gaz_csv(GOOD))
    many = upload(town, gaz_csv(GOOD, SECOND, GOOD.replace("003200001", "003200009")))

    counts = []
    for batch in (one, many):
        with CaptureQueriesContext(connection) as queries:
            exchange.check(batch_id=batch, at=AT)
        counts.append(len(queries))

    assert counts[0] == counts[1]
