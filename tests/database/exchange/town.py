"""A town with providers of every preset, for tests of imports."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import polars as pl

from domivka.exchange import api as exchange
from domivka.kernel.period import Period
from domivka.registry import api as registry

OCT = Period(202610)
AT = dt.datetime(2026, 11, 5, 9, 0, tzinfo=dt.UTC)
KATOTTG = "UA05020030010063857"
SAMPLES = Path(os.environ.get("DOMIVKA_SAMPLES", Path(__file__).resolve().parents[4] / "shared" / "samples"))
SUPPLIES = {
    "vodokanal": ("water", "wastewater", "water_fee"),
    "teplo": ("heating", "hot_water"),
    "gaz": ("gas",),
    "oblenergo": ("electricity",),
    "housing": ("management", "waste"),
}
IBAN = "UA213223130000026007233566001"


def make_town(katottg: str = KATOTTG) -> int:
    """A town with the five providers; its id."""
    town = registry.save_town(name="Калинівськ", genitive="Калинівська", katottg=katottg)
    registry.save_standard_services()
    for code, services in SUPPLIES.items():
        registry.save_provider(
            town_id=town,
            code=code,
            name=f"КП «{code}»",
            short_name=code,
            edrpou="12345678",
            supplies=[registry.Supply(service) for service in services],
            banks=[registry.Bank(IBAN, "АТ «Ощадбанк»")],
        )
    return town


def add_addresses(town: int, rows: list[tuple[str, str, str, str]]) -> None:
    """Premises by (kind, street, building, flat)."""
    empty = [name for name in registry.ADDRESS_SCHEMA if name not in ("street_kind", "street", "building", "flat")]
    frame = pl.DataFrame(rows, schema=["street_kind", "street", "building", "flat"], orient="row").unique()
    frame = frame.with_columns(pl.lit(None).alias(name) for name in empty)
    registry.register_addresses(town_id=town, addresses=frame, on=dt.date(2026, 1, 1))


GAZ_HEADER = "О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."


def gaz_csv(*rows: str, header: str = GAZ_HEADER, encoding: str = "cp1251") -> bytes:
    return "\r\n".join([header, *rows, ""]).encode(encoding)


GOOD = (
    "003200001;В'юн С. Ю.;Соборна;73;1;жовтень 2026;100;206;106;7,96;843,76 грн.;1 000,50 грн.;44,26 грн.;1 800,00 грн."
)
SECOND = "003200002;Їжак П. Ґ.;Соборна;73;2;жовтень 2026;0;10;10;7,96;79,60;-20,40;0;59,20"


def upload(town: int, content: bytes, *, preset: str = "gaz", period: Period = OCT, name: str = "файл.csv") -> int:
    return exchange.upload(
        town_id=town, preset=preset, period=period, file_name=name, content=content, user_id=None, at=AT
    ).batch_id


def bring(town: int, content: bytes, *, preset: str = "gaz", period: Period = OCT, at: dt.datetime = AT) -> int:
    """Upload, check and apply; the batch."""
    batch = upload(town, content, preset=preset, period=period)
    exchange.check(batch_id=batch, at=at)
    exchange.apply(batch_id=batch, user_id=None, at=at)
    return batch
