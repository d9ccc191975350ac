from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from domivka.appointments.rules.slots import OfficeDay, Pause, Slot, overlap, slots

KYIV = ZoneInfo("Europe/Kyiv")
LUNCH = Pause(dt.time(12), dt.time(13))


def day(opens: str, closes: str, *pauses: Pause, on: dt.date = dt.date(2020, 7, 10)) -> OfficeDay:
    return OfficeDay(on, dt.time.fromisoformat(opens), dt.time.fromisoformat(closes), pauses)


def times(found: list[Slot]) -> list[str]:
    return [slot.starts_at.astimezone(KYIV).strftime("%H:%M") for slot in found]


def test_day_of_the_seed_has_its_times() -> None:
    found = slots(day("09:05", "16:00", LUNCH), minutes=35)

    assert times(found)[:6] == ["09:05", "09:40", "10:15", "10:50", "11:25", "13:00"]
    assert times(found)[-1] == "15:20"
    assert found[4].ends_at.astimezone(KYIV).time() == dt.time(12)


def test_time_that_would_run_into_lunch_is_not_offered() -> None:
    assert times(slots(day("11:00", "14:00", LUNCH), minutes=35)) == ["11:00", "13:00"]


def test_breaks_that_overlap_are_one() -> None:
    pauses = (Pause(dt.time(12, 30), dt.time(13)), LUNCH)

    assert times(slots(day("11:00", "14:00", *pauses), minutes=30)) == ["11:00", "11:30", "13:00", "13:30"]


def test_break_before_the_opening_changes_nothing() -> None:
    assert times(slots(day("13:00", "14:00", LUNCH), minutes=30)) == ["13:00", "13:30"]


def test_night_of_spring_has_an_hour_less_and_of_autumn_one_more() -> None:
    """Clocks go from 3 to 4 on 29 March 2026, and from 4 back to 3 on 25 October."""
    spring = slots(day("02:00", "05:00", on=dt.date(2026, 3, 29)), minutes=60)
    autumn = slots(day("02:00", "05:00", on=dt.date(2026, 10, 25)), minutes=60)

    assert (times(spring), times(autumn)) == (["02:00", "04:00"], ["02:00", "03:00", "03:00", "04:00"])


@given(
    opens=st.times(), closes=st.times(), minutes=st.integers(5, 240),
    pauses=st.lists(st.tuples(st.times(), st.times()).map(sorted).map(lambda pair: Pause(*pair)), max_size=4),
    on=st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
)  # fmt: skip
def test_times_never_touch_each_other_or_a_break(
    opens: dt.time, closes: dt.time, minutes: int, pauses: list[Pause], on: dt.date
) -> None:
    found = slots(OfficeDay(on, opens, closes, tuple(pauses)), minutes=minutes)

    for number, slot in enumerate(found):
        assert slot.ends_at - slot.starts_at == dt.timedelta(minutes=minutes)
        assert not overlap(slot, found[:number])
        for pause in pauses:
            rest = Slot(dt.datetime.combine(on, pause.starts, KYIV), dt.datetime.combine(on, pause.ends, KYIV))
            assert not overlap(slot, [rest])
