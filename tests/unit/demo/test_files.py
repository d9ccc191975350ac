"""The written files have the layouts of the samples: the same columns, and they read back to what was written."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import fastexcel
import pytest

from domivka.demo.files.providers import provider_file
from domivka.demo.town.connections import connections
from domivka.demo.town.months import Row, simulate
from domivka.demo.town.plan import plan_town
from domivka.kernel.period import Period

SAMPLES = next(
    (folder for up in (4, 5) if (folder := Path(__file__).parents[up] / "shared" / "samples").is_dir()), Path("absent")
)
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the provider samples are beside the repository")
LAST = Period(202610)


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    plan = plan_town(size=60)
    return next(iter(simulate(connections(plan.dwellings, seed=1), last=LAST, months=1, seed=1)))[1]


def _dbf(content: bytes) -> tuple[list[tuple[str, str, int, int]], list[dict[str, str]]]:
    count, header, size = struct.unpack("<IHH", content[4:12])
    fields = []
    for start in range(32, header - 1, 32):
        raw = content[start : start + 32]
        fields.append((raw[:11].split(b"\0")[0].decode(), chr(raw[11]), raw[16], raw[17]))
    records = []
    for index in range(count):
        at, record = header + index * size + 1, {}
        for name, _kind, width, _decimals in fields:
            record[name] = content[at : at + width].decode("cp866").strip()
            at += width
        records.append(record)
    return fields, records


def test_dbf_reads_back_with_latin_letters_for_those_cp866_lacks(rows: dict[str, list[Row]]) -> None:
    name, content = provider_file("vodokanal", rows["vodokanal"], LAST)

    _, records = _dbf(content)

    assert name == "vodokanal-2026-10.dbf"
    assert len(records) == len(rows["vodokanal"]) == 90
    assert "?" not in "".join(record["FIO"] + record["VUL"] for record in records)
    assert "і" not in "".join(record["FIO"] for record in records)
    charged = sum(int(record["NARAH"].replace(".", "")) for record in records)
    assert charged == sum(row.charged for row in rows["vodokanal"]) > 0


@needs_samples
def test_dbf_has_the_columns_of_the_sample(rows: dict[str, list[Row]]) -> None:
    _, content = provider_file("vodokanal", rows["vodokanal"], LAST)

    assert _dbf(content)[0] == _dbf((SAMPLES / "vodokanal.dbf").read_bytes())[0]


@needs_samples
@pytest.mark.parametrize(
    ("provider", "sample", "encoding"), [("gaz", "gaz.csv", "cp1251"), ("oblenergo", "oblenergo.csv", "utf-8-sig")]
)
def test_text_has_the_header_of_the_sample(
    rows: dict[str, list[Row]], provider: str, sample: str, encoding: str
) -> None:
    _, content = provider_file(provider, rows[provider], LAST)

    assert content.decode(encoding).splitlines()[0] == (SAMPLES / sample).read_bytes().decode(encoding).splitlines()[0]


@needs_samples
@pytest.mark.parametrize(("provider", "sample", "header"), [("teplo", "teplo.xls", 2), ("housing", "housing.xlsx", 0)])
def test_sheets_have_the_names_and_headers_of_the_sample(
    rows: dict[str, list[Row]], provider: str, sample: str, header: int
) -> None:
    _, content = provider_file(provider, rows[provider], LAST)

    ours, theirs = fastexcel.read_excel(content), fastexcel.read_excel((SAMPLES / sample).read_bytes())

    assert ours.sheet_names == theirs.sheet_names
    for sheet in ours.sheet_names:
        titles = [
            book.load_sheet(sheet, header_row=None, dtypes="string").to_polars().row(header) for book in (ours, theirs)
        ]
        assert titles[0][: len(titles[1])] == titles[1]
        assert titles[0][len(titles[1]) :] == (("Субсидія", "Пільга") if provider == "teplo" else ())


def test_csv_amounts_are_grouped_with_no_break_spaces(rows: dict[str, list[Row]]) -> None:
    _, content = provider_file("gaz", rows["gaz"], LAST)

    lines = io.StringIO(content.decode("cp1251")).read().splitlines()

    assert len(lines) == 1 + len(rows["gaz"]) == 43
    assert all(line.count(";") == 13 for line in lines)
    assert any("\u00a0" in line for line in lines)
    assert all(line.endswith(" грн.") for line in lines[1:])
