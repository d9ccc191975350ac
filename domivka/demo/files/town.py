"""The town's own files: the address register (CSV) and the bank's register of payments (DBF)."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from domivka.demo.files import dbf
from domivka.demo.files.dbf import Column
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
