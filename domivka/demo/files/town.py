"""The town's own files: the address register (CSV), registers of payments of the bank (DBF) and of terminals (CSV)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domivka.demo.files import dbf
from domivka.demo.files.dbf import Column
from domivka.demo.town.desk import AT_ONCE, Named
from domivka.demo.town.plan import Dwelling
from domivka.kernel.period import Period

_ADDRESSES: Final = (
    "Тип вулиці", "Вулиця", "Колишні назви", "Будинок", "Індекс", "Поверхів", "Рік побудови", "Квартира", "Площа, м²",
    "Опалювальна площа, м²", "Кімнат", "Зареєстровано", "Проживає",
)  # fmt: skip


def addresses(dwellings: Sequence[Dwelling]) -> bytes:
    """`;`-separated UTF-8 with a byte order mark: a home a row, streets with their former names."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
    writer.writerow(_ADDRESSES)
    for home in dwellings:
        street = home.street
        writer.writerow(
            (
                street.kind,
                street.name,
                "; ".join(f"{street.kind} {name}" for name, _ in street.formerly),
                home.building,
                home.postal_index,
                home.floors,
                1962 + (len(home.building) * 7 + home.floors * 5) % 45,
                home.flat,
                str(home.area_m2).replace(".", ","),
                str(home.heated_area_m2).replace(".", ","),
                home.rooms,
                home.registered,
                home.living,
            )
        )
    return stream.getvalue().encode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment at the bank's cash desk."""

    account: str
    address: str
    payer: str
    amount_kop: int
    purpose: str
    paid_on: dt.date
    time: str


_OSCHAD: Final = (
    Column("ABCOUNT", "C", 20), Column("ADDR", "C", 60), Column("FIO", "C", 60), Column("SUMM", "N", 12, 2),
    Column("NAME_PLAT", "C", 20), Column("PTIME", "C", 8), Column("PDATE", "D", 8),
)  # fmt: skip  # a layout reads by columns


def oschad(payments: Sequence[Paid], period: Period) -> bytes:
    """The register of Oschadbank: dBASE III, CP866."""
    return dbf.write(
        _OSCHAD,
        (
            (
                paid.account,
                paid.address,
                paid.payer,
                f"{paid.amount_kop // 100}.{paid.amount_kop % 100:02d}",
                paid.purpose,
                paid.time,
                f"{paid.paid_on:%Y%m%d}",
            )
            for paid in payments
        ),
        period=period,
    )


_TERMINAL: Final = (
    "№ реєстру", "Дата реєстру", "ID транзакції", "Особовий рахунок", "Платник", "Адреса", "За період", "Призначення",
    "Сума, грн", "Комісія, грн", "Дата платежу", "Час платежу", "Канал",
)  # fmt: skip
_METER: Final = ("№ лічильника", "Зона", "Попереднє показання", "Поточне показання")
_ZONES: Final = {"single": "", "day": "Д", "night": "Н", "peak": "П", "half_peak": "НП"}
_FEE_PERCENT: Final = 1


def terminal(payments: Sequence[tuple[Paid, Sequence[Named]]], period: Period) -> bytes:
    """The monthly register of a terminal network: `;`, CP1251, decimal commas; meters' readings beside the payments."""
    header = [*_TERMINAL, *(f"{name} {n}" for n in range(1, AT_ONCE + 1) for name in _METER)]
    number = int(period) % 10_000
    lines = [";".join(header)]
    for place, (paid, meters) in enumerate(payments, start=1):
        cells = [
            str(number), f"{period.last_day:%d.%m.%Y}", f"{number}{place:06d}", paid.account, paid.payer, paid.address,
            f"{period.previous.month:02d}.{period.previous.year}", paid.purpose, _comma(paid.amount_kop),
            _comma(max(paid.amount_kop * _FEE_PERCENT // 100, 100)), f"{paid.paid_on:%d.%m.%Y}", paid.time,
            "каса" if place % 4 == 0 else "термінал",
        ]  # fmt: skip
        for one in meters:
            cells += [one.meter, _ZONES[one.zone], *(_digits(value) for value in (one.previous, one.current))]
        lines.append(";".join([*cells, *[""] * (len(header) - len(cells))]))
    return ("\r\n".join(lines) + "\r\n").encode("cp1251")


def _comma(kop: int) -> str:
    return f"{kop // 100},{kop % 100:02d}"


def _digits(value_e3: int) -> str:
    return f"{value_e3 // 1000},{value_e3 % 1000:03d}".rstrip("0").rstrip(",")
