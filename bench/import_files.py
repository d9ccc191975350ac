"""Imports at size: `python -m bench.import_files [rows …]` — csv, dbf, xlsx; rows/s staged and applied, peak memory.

References: the format's fastest library parsing the same bytes, and `COPY` of the staged columns alone.
"""

from __future__ import annotations

import io
import os
import resource
import shutil
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HOME = Path(os.environ.get("DOMIVKA_HOME", ROOT / ".domivka")) / "bench-import"
GAZ = "О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."
FLATS = 100


def gaz(rows: int) -> bytes:
    lines = [GAZ]
    for n in range(rows):
        kop = (100 + n % 150) * 796
        charged = f"{kop // 100},{kop % 100:02d} грн."
        lines.append(
            f"{3_000_000 + n:09d};Кожемяка Себастьян Боромирович;Соборна;{n // FLATS + 1};{n % FLATS + 1};жовтень 2026;{n};"
            f"{n + 100 + n % 150};{100 + n % 150};7,96;{charged};0,00 грн.;{charged};0,00 грн."
        )
    return "\r\n".join(lines).encode("cp1251")


WATER = [
    ("RAH", "C", 12), ("FIO", "C", 60), ("VUL", "C", 40), ("BUD", "C", 10), ("KV", "C", 8), ("PERIOD", "C", 6),
    ("POSLUGA", "C", 5), ("TARIF", "N", 12), ("OBSYAG", "N", 14), ("NARAH", "N", 12), ("KOREG", "N", 12), ("PENYA", "N", 12),
    ("OPLATA", "N", 12), ("SALDO_P", "N", 12), ("SALDO_K", "N", 12), ("LICH", "C", 14), ("POK_P", "N", 14), ("POK_K", "N", 14),
]  # fmt: skip


def water(rows: int) -> bytes:
    record = 1 + sum(length for _, _, length in WATER)
    out = bytearray(struct.pack("<4BIHH16xBB2x", 3, 126, 11, 5, rows, 33 + 32 * len(WATER), record, 0, 0))
    for name, kind, length in WATER:
        out += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), length, 0)
    out += b"\r"
    for n in range(rows):
        kop = (1 + n % 20) * 1635
        sums = (f"{kop / 100:.2f}", "0.00", "0.00", f"{kop / 100:.2f}", "0.00", "0.00")
        cells = (
            f"{100_000 + n}", "Кожемяка Себастьян", "вул. Соборна", f"{n // FLATS + 1}", f"{n % FLATS + 1}", "202610", "ХВП",
            "16.3500", f"{1 + n % 20}.0000", *sums, f"{n:06d}", f"{n}.000", f"{n + 1 + n % 20}.000",
        )  # fmt: skip
        out += b" "
        for (_, kind, length), cell in zip(WATER, cells, strict=True):
            raw = cell.encode("cp866")
            out += raw.rjust(length) if kind == "N" else raw.ljust(length)
    return bytes(out + b"\x1a")


def housing(rows: int) -> bytes:
    import xlsxwriter  # only this format needs it

    buffer = io.BytesIO()
    header = ["Рахунок", "Власник", "Вулиця", "Будинок", "Квартира", "Послуга", "База", "Тариф", "Нараховано"]
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    for name, service in (("Управління", "Управління багатоквартирним будинком"), ("Відходи", "Побутові відходи")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, [*header, "Борг поч.", "Сплачено", "Борг кін."])
        for n in range(rows // 2):
            place = [str(n + 1), "Кожемяка Себастьян", "Соборна", str(n // FLATS + 1), str(n % FLATS + 1), service]
            sheet.write_row(n + 1, 0, [*place, 50, 7.85, 392.5, 0, 392.5, 0])
    book.close()
    return buffer.getvalue()


def measure(town_id: int, preset: str, content: bytes, rows: int) -> None:
    import fastexcel  # Django and the rest of the environment come first
    import polars as pl

    from bench.harness import seconds
    from bench.town import AT, OCT
    from domivka.exchange import api as exchange
    from domivka.kernel import clock

    def alone() -> object:
        if preset == "gaz":
            return pl.read_csv(io.BytesIO(content.decode("cp1251").encode()), separator=";", infer_schema=False)
        if preset == "housing":
            book = fastexcel.read_excel(content)
            return [book.load_sheet(name, dtypes="string").to_polars() for name in book.sheet_names]
        from domivka.exchange.examine import parse  # there is no library as fast: our own parsing, nothing else

        return parse(content, preset=exchange.load_preset(preset), period=OCT)

    parsed = seconds(alone)
    uploaded = exchange.upload(
        town_id=town_id, preset=preset, period=OCT, file_name=preset, content=content, user_id=None, at=AT
    )
    staged = seconds(lambda: exchange.check(batch_id=uploaded.batch_id, at=AT))
    copied = copy_of_staged(uploaded.batch_id)
    applied = seconds(lambda: exchange.apply(batch_id=uploaded.batch_id, user_id=None, at=clock.now()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{preset:10} {rows:8,} rows, {len(content) / 2**20:6.1f} MiB: staged {rows / staged:9,.0f} rows/s (parse alone"
        f" {rows / parsed:9,.0f}), applied {rows / applied:8,.0f} rows/s (COPY alone {rows / copied:9,.0f}), peak {peak} MiB"
    )


def copy_of_staged(batch_id: int) -> float:
    """Seconds to COPY the staged rows once more, into a table without keys."""
    from django.db import connection  # as in `measure`

    from bench.harness import seconds

    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT * FROM exchange_importrow WHERE batch_id = {batch_id}) TO STDOUT") as out:
            data = b"".join(bytes(block) for block in out)
        cursor.execute("CREATE TEMPORARY TABLE again (LIKE exchange_importrow)")

        def copy() -> None:
            with cursor.copy("COPY again FROM STDIN") as into:
                into.write(data)

        took = seconds(copy)
        cursor.execute("DROP TABLE again")
    return took


def main() -> None:
    os.environ["DOMIVKA_HOME"] = str(HOME)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "domivka.config.settings")
    os.environ.setdefault("DOMIVKA_SECRET_KEY", "bench only")
    from domivka.config import postgres  # the environment comes first

    postgres.stop(HOME)
    shutil.rmtree(HOME, ignore_errors=True)
    postgres.start(HOME)
    try:
        import django  # needs the settings named above

        django.setup()
        from django.core.management import call_command  # needs Django set up

        from tests.database.exchange.town import add_addresses, make_town

        call_command("migrate", verbosity=0)
        for n, rows in enumerate(int(word) for word in sys.argv[1:] or ["20000", "200000"]):
            town_id = make_town(f"UA{n:017d}")
            add_addresses(town_id, [("вул.", "Соборна", str(k // FLATS + 1), str(k % FLATS + 1)) for k in range(rows)])
            for preset, make in (("gaz", gaz), ("vodokanal", water), ("housing", housing)):
                measure(town_id, preset, make(rows), rows)
    finally:
        postgres.stop(HOME)
        shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
