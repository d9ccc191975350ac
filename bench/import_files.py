"""Files of providers and of a bank at any size, as their systems write them."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence

FLATS = 100  # of a building
GAZ = "О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."
WATER = [
    ("RAH", "C", 12), ("FIO", "C", 60), ("VUL", "C", 40), ("BUD", "C", 10), ("KV", "C", 8), ("PERIOD", "C", 6),
    ("POSLUGA", "C", 5), ("TARIF", "N", 12), ("OBSYAG", "N", 14), ("NARAH", "N", 12), ("KOREG", "N", 12), ("PENYA", "N", 12),
    ("OPLATA", "N", 12), ("SALDO_P", "N", 12), ("SALDO_K", "N", 12), ("LICH", "C", 14), ("POK_P", "N", 14), ("POK_K", "N", 14),
]  # fmt: skip
OSCHAD = [
    ("ABCOUNT", "C", 12), ("ADDR", "C", 60), ("FIO", "C", 40), ("SUMM", "N", 12), ("NAME_PLAT", "C", 20),
    ("PTIME", "C", 8), ("PDATE", "C", 8),
]  # fmt: skip
HEAT = ["Особовий рахунок", "ПІБ абонента", "Адреса", "Послуга", "Обсяг", "Тариф, грн", "Нараховано"]
HEAT += ["Борг(+)/Переплата(-) на початок", "Сплачено", "Борг(+)/Переплата(-) на кінець"]
HOUSING = ["Рахунок", "Власник", "Вулиця", "Будинок", "Квартира", "Послуга", "База", "Тариф", "Нараховано"]
HOUSING += ["Борг поч.", "Сплачено", "Борг кін."]


def account(preset: str, n: int) -> str:
    """The number of the n-th account of a provider."""
    return f"{3_000_000 + n:09d}" if preset == "gaz" else str(100_000 + n)


def gaz(rows: int) -> bytes:
    """CSV in Windows-1251: gas that was charged and not yet paid."""
    lines = [GAZ]
    for n in range(rows):
        volume = 100 + n % 150
        charged = f"{volume * 796 // 100},{volume * 796 % 100:02d} грн."
        lines.append(
            f"{account('gaz', n)};Кожемяка Себастьян Боромирович;Соборна;{n // FLATS + 1};{n % FLATS + 1};жовтень 2026;"
            f"{n};{n + volume};{volume};7,96;{charged};0,00 грн.;0,00 грн.;{charged}"
        )
    return "\r\n".join(lines).encode("cp1251")


def dbf(fields: Sequence[tuple[str, str, int]], rows: int, cells: Iterator[tuple[str, ...]]) -> bytes:
    """A dBASE III table in CP866."""
    record = 1 + sum(length for _, _, length in fields)
    out = bytearray(struct.pack("<4BIHH16xBB2x", 3, 126, 11, 5, rows, 33 + 32 * len(fields), record, 0, 0))
    for name, kind, length in fields:
        out += struct.pack("<11sc4xBB14x", name.encode(), kind.encode(), length, 0)
    out += b"\r"
    shape = " " + "".join(f"{{:{'>' if kind == 'N' else '<'}{length}}}" for _, kind, length in fields)
    for row in cells:
        out += shape.format(*row).encode("cp866")
    return bytes(out + b"\x1a")


def vodokanal(rows: int) -> bytes:
    """DBF: cold water, paid in full."""

    def cells() -> Iterator[tuple[str, ...]]:
        for n in range(rows):
            volume = 1 + n % 20
            charged = f"{volume * 1635 // 100}.{volume * 1635 % 100:02d}"
            yield (
                account("vodokanal", n), "Кожемяка Себастьян", "вул. Соборна", f"{n // FLATS + 1}", f"{n % FLATS + 1}",
                "202610", "ХВП", "16.3500", f"{volume}.0000", charged, "0.00", "0.00", charged, "0.00", "0.00", f"{n:06d}",
                f"{n}.000", f"{n + volume}.000",
            )  # fmt: skip

    return dbf(WATER, rows, cells())


def oschad(rows: int) -> bytes:
    """DBF: a bank's register, a payment of 500 hryvnias for the gas of every account."""
    place = "м. Калинка, вул. Соборна"
    return dbf(
        OSCHAD,
        rows,
        ((account("gaz", n), place, "Кожемяка", "500.00", "ГАЗ", "10:00:00", "20261103") for n in range(1, rows + 1)),
    )


def housing(rows: int) -> bytes:
    """XLSX of two sheets: management and waste."""
    import xlsxwriter  # only this format needs it

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"constant_memory": True})
    for name, service in (("Управління", "Управління багатоквартирним будинком"), ("Відходи", "Побутові відходи")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, HOUSING)
        for n in range(rows // 2):
            place = ["Кожемяка Себастьян", "Соборна", str(n // FLATS + 1), str(n % FLATS + 1), service]
            sheet.write_row(n + 1, 0, [account("housing", n), *place, 50, 7.85, 392.5, 0, 392.5, 0])
    book.close()
    return buffer.getvalue()


def teplo(rows: int) -> bytes:
    """XLS (at most 65 000 rows): heat."""
    import xlwt  # only this format needs it

    book = xlwt.Workbook()
    sheet = book.add_sheet("Лист1")
    for place, name in enumerate(HEAT):
        sheet.write(0, place, name)
    for n in range(rows):
        address = f"вул. Соборна, буд. {n // FLATS + 1}, кв. {n % FLATS + 1}"
        cells = [account("teplo", n), "Кожемяка Себастьян", address, "Централізоване опалення", 0.5, 1654.41, 827.21]
        for place, cell in enumerate([*cells, 0, 827.21, 0]):
            sheet.write(n + 1, place, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
