"""The monthly file of each provider, in the layout its preset reads. Same rows, same bytes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
import xlwt

from domivka.demo.files import dbf
from domivka.demo.files.dbf import Column
from domivka.demo.town.months import Row
from domivka.demo.town.plan import Dwelling
from domivka.demo.town.providers import BY_CODE
from domivka.kernel.months import MONTHS
from domivka.kernel.period import Period


def _kop(amount: int) -> str:
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def _comma(amount: int) -> str:
    return _kop(amount).replace(".", ",")


def _grouped(amount: int) -> str:
    """`1 639,76 грн.` with a no-break space, as an accountant's sheet shows it."""
    whole, cents = divmod(abs(amount), 100)
    return f"{'-' if amount < 0 else ''}{whole:,}".replace(",", "\u00a0") + f",{cents:02d} грн."


def _scaled(value: int, decimals: int) -> str:
    return f"{Decimal(value).scaleb(-decimals):f}"


def _street(dwelling: Dwelling) -> str:
    return f"{dwelling.street.kind} {dwelling.street.name}"


_VODOKANAL: Final = (
    Column("RAH", "C", 12), Column("FIO", "C", 60), Column("VUL", "C", 40), Column("BUD", "C", 10), Column("KV", "C", 8),
    Column("PERIOD", "C", 6), Column("POSLUGA", "C", 5), Column("TARIF", "N", 12, 4), Column("OBSYAG", "N", 14, 4),
    Column("NARAH", "N", 12, 2), Column("KOREG", "N", 12, 2), Column("PENYA", "N", 12, 2), Column("OPLATA", "N", 12, 2),
    Column("SALDO_P", "N", 12, 2), Column("SALDO_K", "N", 12, 2), Column("LICH", "C", 14), Column("POK_P", "N", 14, 3),
    Column("POK_K", "N", 14, 3), Column("KOLVO", "N", 3),
)  # fmt: skip  # a layout reads by columns
_WATER_NAMES: Final = {"water": "ХВП", "wastewater": "ВВ", "water_fee": "АБП"}


def vodokanal(rows: Sequence[Row], period: Period) -> bytes:
    """dBASE III, CP866: a row for each service."""
    return dbf.write(
        _VODOKANAL,
        (
            (
                row.connection.number,
                row.connection.dwelling.holder_name,
                _street(row.connection.dwelling),
                row.connection.dwelling.building,
                row.connection.dwelling.flat,
                str(int(period)),
                _WATER_NAMES[row.service],
                _scaled(row.price_e4, 4),
                _scaled(row.volume * 10, 4),
                _kop(row.charged),
                _kop(row.correction),
                _kop(row.penalty),
                _kop(row.paid),
                _kop(row.opening),
                _kop(row.closing),
                row.meter,
                _scaled(row.previous[0] if row.previous else 0, 3),
                _scaled(row.current[0] if row.current else 0, 3),
                str(row.people),
            )
            for row in rows
        ),
        period=period,
    )


_TEPLO: Final = (
    "Особовий рахунок", "ПІБ абонента", "Адреса", "Опал. площа, м²", "Послуга", "Обсяг", "Тариф, грн", "Нараховано",
    "Борг(+)/Переплата(-) на початок", "Сплачено", "Борг(+)/Переплата(-) на кінець",
)  # fmt: skip

_TEPLO_RELIEF: Final = ("Субсидія", "Пільга")


def teplo(rows: Sequence[Row], period: Period) -> bytes:
    """BIFF8: a title and an empty row above the header; numbers partly as text with a decimal comma. Columns of subsidy
    and benefit in the months that have any."""
    relieved = any(row.subsidy or row.benefit for row in rows)
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("teplo")
    name = BY_CODE["teplo"].short_name
    sheet.write(0, 0, f"{name}. Стан розрахунків за {MONTHS['uk'][period.month - 1]} {period.year} р.")
    for column, title in enumerate((*_TEPLO, *(_TEPLO_RELIEF if relieved else ()))):
        sheet.write(2, column, title)
    for number, row in enumerate(rows, start=3):
        dwelling = row.connection.dwelling
        flat = f", кв. {dwelling.flat}" if dwelling.flat else ""
        heat = row.service == "heating"
        cells: tuple[Any, ...] = (
            row.connection.number,
            dwelling.holder_name,
            f"{_street(dwelling)}, буд. {dwelling.building}{flat}",
            float(dwelling.heated_area_m2),  # a spreadsheet's number, as offices have it
            "Централізоване опалення" if heat else "Гаряча вода",
            _scaled(row.volume, 4).replace(".", ",") if heat else str(row.volume // 1000),
            _comma(row.price_e4 // 100),
            _comma(row.charged),
            _comma(row.opening),
            _comma(row.paid),
            _comma(row.closing),
            *((_comma(row.subsidy), _comma(row.benefit)) if relieved else ()),
        )
        for column, cell in enumerate(cells):
            sheet.write(number, column, cell)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


_GAZ: Final = "О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."


def gaz(rows: Sequence[Row], period: Period) -> bytes:
    """CSV, CP1251, `;`: amounts with a no-break space, a decimal comma and «грн.»."""
    lines = [_GAZ]
    month = f"{MONTHS['uk'][period.month - 1]} {period.year}"
    for row in rows:
        dwelling = row.connection.dwelling
        lines.append(
            ";".join(
                (
                    row.connection.number,
                    dwelling.holder_name,
                    _street(dwelling),
                    dwelling.building,
                    dwelling.flat,
                    month,
                    str(row.previous[0] // 1000),
                    str(row.current[0] // 1000),
                    str(row.volume // 1000),
                    _comma(row.price_e4 // 100),
                    _grouped(row.charged),
                    _grouped(row.opening),
                    _grouped(row.paid),
                    _grouped(row.closing),
                )
            )
        )
    return ("\r\n".join(lines) + "\r\n").encode("cp1251")


_OBLENERGO: Final = [
    "account",
    "name",
    "street",
    "building",
    "flat",
    "period",
    "meter_model",
    "meter_no",
    "day_prev",
    "day_cur",
    "night_prev",
    "night_cur",
    "day_kwh",
    "night_kwh",
    "charged",
    "opening",
    "paid",
    "closing",
]


def oblenergo(rows: Sequence[Row], period: Period) -> bytes:
    """Tab-separated, UTF-8 with a byte order mark, two zones."""
    lines = ["\t".join(_OBLENERGO)]
    for row in rows:
        dwelling = row.connection.dwelling
        (day_from, night_from), (day, night) = row.previous, row.current
        lines.append(
            "\t".join(
                (
                    row.connection.number,
                    dwelling.holder_name,
                    _street(dwelling),
                    dwelling.building,
                    dwelling.flat,
                    f"{period.month:02d}.{period.year}",
                    row.model,
                    row.meter,
                    *(str(value // 1000) for value in (day_from, day, night_from, night)),
                    *(
                        str((end - start) % 100_000_000 // 1000)
                        for start, end in ((day_from, day), (night_from, night))
                    ),
                    _kop(row.charged),
                    _kop(row.opening),
                    _kop(row.paid),
                    _kop(row.closing),
                )
            )
        )
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


_HOUSING: Final = (
    "Рахунок Власник Вулиця Будинок Квартира Послуга База Тариф Нараховано|Борг поч.|Сплачено|Борг кін."
).replace(" ", "|", 8).split("|")  # fmt: skip
_SHEETS: Final = {
    "management": ("Управління", "Управління багатоквартирним будинком"),
    "waste": ("Відходи", "Побутові відходи"),
}


def housing(rows: Sequence[Row], period: Period) -> bytes:
    """XLSX, a sheet for each service; numbers are numbers."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": dt.datetime.combine(period.last_day, dt.time())})
    for service, (sheet_name, service_name) in _SHEETS.items():
        sheet = book.add_worksheet(sheet_name)
        sheet.write_row(0, 0, _HOUSING)
        for number, row in enumerate((row for row in rows if row.service == service), start=1):
            dwelling = row.connection.dwelling
            texts = (
                row.connection.number,
                dwelling.holder_name,
                _street(dwelling),
                dwelling.building,
                dwelling.flat,
                service_name,
            )
            for column, text in enumerate(texts):
                sheet.write_string(number, column, text)
            amounts = (row.charged, row.opening, row.paid, row.closing)
            numbers = (Decimal(row.volume) / 1000, Decimal(row.price_e4) / 10_000, *(Decimal(a) / 100 for a in amounts))
            for column, value in enumerate(numbers, start=6):
                sheet.write_number(number, column, value)
    book.close()
    return stream.getvalue()


WRITERS: Final[dict[str, tuple[str, Callable[[Sequence[Row], Period], bytes]]]] = {
    "vodokanal": ("dbf", vodokanal),
    "teplo": ("xls", teplo),
    "gaz": ("csv", gaz),
    "oblenergo": ("tsv", oblenergo),
    "housing": ("xlsx", housing),
}
"""By provider: the file's extension and its writer."""


def provider_file(provider: str, rows: Sequence[Row], period: Period) -> tuple[str, bytes]:
    """Name and bytes of the month's file."""
    extension, write = WRITERS[provider]
    return f"{provider}-{period}.{extension}", write(rows, period)
