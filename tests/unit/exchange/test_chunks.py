from __future__ import annotations

import polars as pl
import pytest

from domivka.exchange.errors import WrongPeriod
from domivka.exchange.examine import open_tables
from domivka.exchange.preset import load_preset
from domivka.exchange.rows import CHUNK, address_frame, read_chunks, read_rows
from domivka.kernel.period import Period

OCT = Period(202610)
HEADER = "О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."


def row(account: str, *, month: str = "жовтень 2026", closing: str = "79,60") -> str:
    return f"{account};В'юн;Соборна;1;1;{month};0;10;10;7,96;79,60;0;0;{closing}"


def file(*rows: str) -> bytes:
    return "\r\n".join([HEADER, *rows]).encode("cp1251")


def chunks(content: bytes, size: int) -> list[pl.DataFrame]:
    gaz = load_preset("gaz")
    return list(read_chunks(open_tables(content, preset=gaz), preset=gaz, period=OCT, size=size))


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_a_file_read_in_parts_is_the_file_read_at_once(size: int) -> None:
    gaz = load_preset("gaz")
    content = file(
        row("001"), row("1,2E+5"), row("002", closing="1,00"), row("001"), row("003", month="вересень 2026"),
        row("004") + ";зайва", row("=A1"),
    )  # fmt: skip

    parts = chunks(content, size)

    assert pl.concat(parts).equals(read_rows(open_tables(content, preset=gaz), preset=gaz, period=OCT))
    assert len(parts) == -(-7 // size)
    assert pl.concat(parts)["reason"][3] == "Повторює рядок 2."
    assert pl.concat(parts)["reason"][4] == "Рядок за вересень 2026, а файл за жовтень 2026."


def test_a_part_of_another_month_does_not_refuse_the_file_but_a_whole_file_does() -> None:
    mixed = file(row("001", month="вересень 2026"), row("002", month="вересень 2026"), row("003"))
    other = file(row("001", month="вересень 2026"), row("002", month="вересень 2026"))

    assert [part["reason"][0] == "" for part in chunks(mixed, 1)] == [False, False, True]
    with pytest.raises(WrongPeriod):
        chunks(other, 1)


def test_a_long_file_whose_number_of_rows_is_misjudged_is_read_whole() -> None:
    """Rows of a long file are judged by its beginning, here by its longest rows; the last one is one too wide."""
    content = file(
        *(row(f"{n:09}", month="жовтень 2026" + " " * 60 * (n < 2500)) for n in range(5000)), row("x") + ";я"
    )

    table = open_tables(content, preset=load_preset("gaz"))[0]
    parts = list(table.parts(table.rows))

    assert table.rows < 5000
    assert sum(part.cells.height for part in parts) == sum(len(part.row_numbers) for part in parts) == 5001
    assert parts[-1].row_numbers[-1] == 5002
    assert [len(part.damaged) for part in parts] == [*[0] * (len(parts) - 1), 1]


def test_long_address_file_is_applied_in_the_rows_of_its_check() -> None:
    """A good cell of two lines at the top, and somebody's stray quote in the second hundred thousand."""
    addresses = load_preset("addresses")
    header = "street_kind;street;old_names;building;postal_index;floors;built_in;flat;area_m2;heated_area_m2;rooms"
    lines = [f"вул.;Вулиця {n};;1;21000;5;1980;{n};50;45;2;3;3" for n in range(CHUNK + 20)]
    lines[0] = 'вул.;"Нова\nвул.";;1;21000;5;1980;1;50;45;2;3;3'
    lines[-5] = lines[-5].replace(";5;1980;", ';5";1980;')
    content = "\n".join([f"{header};registered;living", *lines, ""]).encode()

    checked = read_rows(open_tables(content, preset=addresses), preset=addresses, period=OCT)
    applied = address_frame(open_tables(content, preset=addresses), preset=addresses)

    assert applied["number"].equals(checked["number"])
    assert applied["street"].equals(checked["street"])
