from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils.translation import override

from domivka.kernel.period import Period
from domivka.metering import api as metering
from domivka.metering.models import Reading
from tests.builders import AccountServiceOf, Town
from tests.database.billing.town import meter, read

pytestmark = pytest.mark.django_db

AT = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
NOV = Period(202611)


def water_with_meter() -> tuple[AccountServiceOf, int]:
    water = Town().flat().service("water", metered=True)
    meter_id = meter(water, initial="10")
    for n, value in enumerate(["14", "18", "22", "26", "30"]):
        read(meter_id, Period(202606).shift(n), value)
    return water, meter_id


def submit(
    water: AccountServiceOf,
    meter_id: int,
    value: str,
    *,
    confirmed: bool = False,
    client_key: str = "",
    channel: metering.Channel = metering.Channel.WEB,
    at: dt.datetime = AT,
) -> metering.ReadingsTaken:
    typed = metering.TypedReading(meter_id, "single", Decimal(value), confirmed, client_key)
    return metering.submit_readings(
        town_id=water.town.row.pk, account_service_ids=[water.id], readings=[typed], channel=channel, user_id=5, at=at
    )


def current(water: AccountServiceOf) -> Decimal | None:
    (view,) = metering.meters_of(account_service_ids=[water.id], on=AT.date())
    return view.registers[0].current


def test_reading_is_taken_with_its_channel() -> None:
    water, meter_id = water_with_meter()

    taken = submit(water, meter_id, "34.5")

    assert taken == metering.ReadingsTaken(1, ())
    reading = Reading.objects.get(period=NOV)
    assert (reading.value, reading.channel, reading.submitted_by_id) == (Decimal("34.5"), "web", 5)


def test_reading_below_the_previous_is_not_taken_silently() -> None:
    water, meter_id = water_with_meter()

    taken = submit(water, meter_id, "29")

    (refused,) = taken.refused
    assert isinstance(refused, metering.ReadingBelowPrevious)
    assert str(refused) == "Показання менше за попереднє (30). Перевірте лічильник або повідомте про його заміну."
    assert current(water) is None


def test_reading_below_the_previous_is_taken_when_confirmed_and_keeps_its_warning() -> None:
    water, meter_id = water_with_meter()

    submit(water, meter_id, "29", confirmed=True)

    assert current(water) == Decimal("29")
    assert Reading.objects.get(period=NOV).warning == "ReadingBelowPrevious"


def test_reading_far_above_the_usual_asks_first() -> None:
    water, meter_id = water_with_meter()

    taken = submit(water, meter_id, "90")

    assert [type(problem) for problem in taken.refused] == [metering.ReadingTooHigh]
    assert current(water) is None


def test_reading_with_too_many_digits_is_refused_even_when_confirmed() -> None:
    water, meter_id = water_with_meter()

    taken = submit(water, meter_id, "123456", confirmed=True)

    assert [type(problem) for problem in taken.refused] == [metering.ReadingTooLong]


def test_second_reading_of_a_month_supersedes_the_first() -> None:
    water, meter_id = water_with_meter()
    submit(water, meter_id, "33")

    submit(water, meter_id, "34")

    assert current(water) == Decimal("34")
    assert Reading.objects.filter(period=NOV).count() == 2
    assert Reading.objects.filter(period=NOV, superseded_at=None).count() == 1


def test_offline_reading_sent_twice_is_one() -> None:
    water, meter_id = water_with_meter()
    submit(water, meter_id, "33", client_key="phone-1")

    again = submit(water, meter_id, "33", client_key="phone-1")

    assert again.taken == 1
    assert Reading.objects.filter(period=NOV).count() == 1


def test_inspectors_reading_stands_against_a_typed_one() -> None:
    water, meter_id = water_with_meter()
    submit(water, meter_id, "33", channel=metering.Channel.INSPECTOR)

    taken = submit(water, meter_id, "31")

    assert [type(problem) for problem in taken.refused] == [metering.StrongerReadingStands]
    assert current(water) == Decimal("33")


def test_reading_of_another_homes_meter_is_not_found() -> None:
    water, _ = water_with_meter()
    _, other = water_with_meter()

    with pytest.raises(metering.MeterNotFound):
        submit(water, other, "33")


def test_added_meter_shows_its_initial_value() -> None:
    water = Town().flat().service("water", metered=True)
    meter(water, initial="7.5", since=dt.date(2026, 11, 3))

    (view,) = metering.meters_of(account_service_ids=[water.id], on=AT.date())

    assert (view.registers[0].previous, view.registers[0].current) == (Decimal("7.5"), None)
    with pytest.raises(metering.MeterExists):
        meter(water, initial="1")


@pytest.mark.parametrize("meters", [1, 3])
def test_meters_of_takes_two_queries(meters: int, django_assert_num_queries: pytest.FixtureRequest) -> None:
    flat = Town().flat()
    services = [flat.service(code, metered=True) for code in ["water", "gas", "hot_water"][:meters]]
    for service in services:
        meter(service)

    with django_assert_num_queries(2):  # type: ignore[operator]  # a pytest-django fixture
        assert len(metering.meters_of(account_service_ids=[s.id for s in services], on=AT.date())) == meters


def test_consumption_shows_what_was_used_between_readings() -> None:
    water, _ = water_with_meter()

    rows = metering.consumption(account_service_ids=[water.id], first=Period(202609), last=NOV)

    assert [(row.period, row.value, row.volume) for row in rows] == [
        (Period(202610), Decimal("30"), Decimal("4")),
        (Period(202609), Decimal("26"), Decimal("4")),
    ]


@pytest.mark.parametrize(
    ("on", "window", "period"),
    [
        (dt.date(2026, 11, 29), (28, 3), Period(202611)),
        (dt.date(2026, 12, 2), (28, 3), Period(202611)),
        (dt.date(2026, 12, 4), (28, 3), Period(202612)),
        (dt.date(2026, 11, 29), (20, 31), Period(202611)),
        (dt.date(2026, 11, 30), (20, 31), Period(202611)),
        (dt.date(2026, 11, 5), (20, 28), Period(202611)),
        (dt.date(2026, 11, 28), (20, 28), Period(202611)),
        (dt.date(2026, 11, 29), (20, 28), Period(202612)),
        (dt.date(2026, 11, 3), (1, 5), Period(202610)),
        (dt.date(2026, 11, 6), (1, 5), Period(202611)),
    ],
)
def test_reading_counts_for_the_month_whose_window_is_open(
    on: dt.date, window: tuple[int, int], period: Period
) -> None:
    assert metering.reading_period(on=on, from_day=window[0], to_day=window[1]) == period


@pytest.mark.parametrize(
    ("window", "first", "last"),
    [
        ((28, 3), dt.date(2026, 11, 28), dt.date(2026, 12, 3)),
        ((20, 31), dt.date(2026, 11, 20), dt.date(2026, 11, 30)),
        ((1, 5), dt.date(2026, 12, 1), dt.date(2026, 12, 5)),
        ((29, 2), dt.date(2026, 11, 29), dt.date(2026, 12, 2)),
    ],
)
def test_window_of_a_month_is_where_its_readings_count(window: tuple[int, int], first: dt.date, last: dt.date) -> None:
    november = Period(202611)

    days = metering.reading_window(period=november, from_day=window[0], to_day=window[1])

    assert days == (first, last)
    for day in days:
        assert metering.reading_period(on=day, from_day=window[0], to_day=window[1]) == november


def test_precedence_of_channels_is_one_table() -> None:
    typed = ["inspector", "provider", "cash_desk"]

    assert {channel.value: [one.value for one in channel.stronger] for channel in metering.Channel} == {
        "inspector": [],
        "provider": ["inspector"],
        "cash_desk": ["inspector", "provider"],
        "web": typed,
        "app": typed,
        "phone": typed,
        "bot": typed,
        "initial": typed,
    }


def test_every_channel_has_words_in_both_languages() -> None:
    with override("uk"):
        ukrainian = [channel.words for channel in metering.Channel]
    with override("en"):
        english = [channel.words for channel in metering.Channel]

    assert len(set(ukrainian)) == len(set(english)) == len(metering.Channel)
    assert not set(ukrainian) & set(english)


@pytest.mark.parametrize(
    ("channel", "words"),
    [(metering.Channel.INSPECTOR, "зняв контролер"), (metering.Channel.CASH_DESK, "у касі чи терміналі")],
)
def test_typed_reading_is_told_which_channel_is_stronger(channel: metering.Channel, words: str) -> None:
    water, meter_id = water_with_meter()
    submit(water, meter_id, "33", channel=channel)

    (refused,) = submit(water, meter_id, "34").refused

    assert str(refused) == (
        f"За цей місяць уже є показання від 25.11.2026 ({words}). Щоб змінити його, зверніться до надавача послуг."
    )


def test_cash_desk_typed_by_staff_does_not_replace_the_inspector() -> None:
    water, meter_id = water_with_meter()
    submit(water, meter_id, "33", channel=metering.Channel.INSPECTOR)

    taken = submit(water, meter_id, "34", channel=metering.Channel.CASH_DESK)

    assert [type(problem) for problem in taken.refused] == [metering.StrongerReadingStands]
    assert current(water) == Decimal("33")
