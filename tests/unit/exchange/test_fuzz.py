"""Whatever bytes come, the answer is rows or a clear refusal, never a crash."""

from __future__ import annotations

from functools import cache

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.examine import examine, parse
from domivka.exchange.preset import load_preset
from domivka.exchange.readings import FOUND, found_in
from domivka.kernel.period import Period
from tests.unit.exchange.files import dbf, pay, register, xls, xlsx

HOUSING = ["Рахунок", "Власник", "Вулиця", "Будинок", "Квартира", "Послуга", "База", "Тариф", "Нараховано", "Борг поч."]
HOUSING_ROW: list[object] = ["1", "Їжак", "Соборна", "73", "1", "Побутові відходи", 3, 42.5, 127.5, 0, 127.5, 0]
TEPLO = [
    "Особовий рахунок",
    "ПІБ абонента",
    "Адреса",
    "Опал. площа, м²",
    "Послуга",
    "Обсяг",
    "Тариф, грн",
    "Нараховано",
]
BANK = [("ABCOUNT", "C", 20, 0), ("ADDR", "C", 20, 0), ("FIO", "C", 20, 0), ("SUMM", "N", 12, 2)]


@cache
def whole(preset: str) -> bytes:
    """A good file of the preset."""
    if preset == "gaz":
        header = "О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."
        row = "003200001;Їжак;Соборна;73;1;жовтень 2026;1;2;1;7,96;7,96 грн.;0;0;7,96"
        return f"{header}\r\n{row}\r\n".encode("cp1251")
    if preset == "terminal":
        return register(pay(1, "1", ("12", "Д", "104,5"), ("12", "Н", "98"), day="12.10.2026"))
    if preset == "oschad":
        fields = [*BANK, ("NAME_PLAT", "C", 10, 0), ("PTIME", "C", 8, 0), ("PDATE", "D", 8, 0)]
        return dbf(fields, [["1", "", "Їжак", "10.00", "ВОДА", "12:30:00", "20261105"]])
    if preset == "teplo":
        rest = ["Борг(+)/Переплата(-) на початок", "Сплачено", "Борг(+)/Переплата(-) на кінець"]
        line = ["Т-1", "Їжак", "вул. Соборна, буд. 73, кв. 1", 5, "Гаряча вода", "1", "80,59", "80,59", 0, 0, "80,59"]
        return xls({"teplo": [["за жовтень 2026"], [*TEPLO, *rest], line]})
    sheet: list[list[object]] = [[*HOUSING, "Сплачено", "Борг кін."], HOUSING_ROW]
    return xlsx({"Управління": sheet, "Відходи": sheet})


def outcome(preset: str, content: bytes) -> str:
    try:
        found = examine(content, preset=load_preset(preset), period=Period(202610), town_id=None, provider_ids={})
    except UnreadableFile as error:
        return "refused" if str(error).endswith(".") else f"not a sentence: {error}"
    assert found.rows.height == found.summary["rows"] > 0
    return "read"


OUTCOMES = {"read", "refused"}
PRESETS = ["gaz", "teplo", "housing"]


@pytest.mark.parametrize("preset", PRESETS)
def test_whole_file_is_read(preset: str) -> None:
    assert outcome(preset, whole(preset)) == "read"


@pytest.mark.parametrize("preset", PRESETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_cut_file_is_refused_or_read(preset: str, data: st.DataObject) -> None:
    content = whole(preset)

    assert outcome(preset, content[: data.draw(st.integers(0, len(content) - 1))]) in OUTCOMES


@pytest.mark.parametrize("preset", PRESETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_spoiled_file_is_refused_or_read(preset: str, data: st.DataObject) -> None:
    content = bytearray(whole(preset))
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    assert outcome(preset, bytes(content)) in OUTCOMES


MAGIC = st.sampled_from(
    [b"", b"\x03\x1a\x0b\x05", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf"]
)


@pytest.mark.parametrize("preset", [*PRESETS, "addresses"])
@example(magic=b"", noise=b"x\x01")  # begins as a packed file of ours does
@given(magic=MAGIC, noise=st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_noise_is_refused(preset: str, magic: bytes, noise: bytes) -> None:
    assert outcome(preset, magic + noise) == "refused"


@given(noise=st.binary(max_size=60), cut=st.integers(0, 400), place=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_dbf_reader_refuses_or_reads(noise: bytes, cut: int, place: int) -> None:
    content = whole("oschad")
    spoiled = content[:place] + noise + content[place + len(noise) :]
    for damaged in (spoiled, content[:cut], spoiled[:cut]):
        try:
            rows, _ = parse(damaged, preset=load_preset("oschad"), period=Period(202610))
        except UnreadableFile:
            continue
        assert rows.height > 0


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_spoiled_readings_are_read_or_kept_unread(data: st.DataObject) -> None:
    content, preset = bytearray(whole("terminal")), load_preset("terminal")
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(len(content) - 40, len(content) - 1))] = data.draw(st.integers(0, 255))

    try:
        rows, _ = parse(bytes(content), preset=preset, period=Period(202610))
    except UnreadableFile:
        return
    found = found_in(rows.with_columns(state=pl.lit("ready")), preset=preset, provider_ids={})

    assert found.schema == FOUND
    assert found["value"].drop_nulls().is_between(0, 10**11).all()
