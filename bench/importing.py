"""A provider's month: upload → check → apply, against parsing alone and `COPY` of the same rows."""

from __future__ import annotations

import io
import time

import polars as pl
from django.db import connection

from bench.harness import Result, result, seconds
from bench.town import AT, OCT
from domivka.exchange import api as exchange
from domivka.registry.models import Premises


def _csv() -> bytes:
    lines = ["О/р;ПІБ;Вулиця;Буд;Кв;Період;Попер.;Поточ.;Об'єм, м3;Ціна;Нараховано;Сальдо поч.;Сплачено;Сальдо кін."]
    rows = Premises.objects.order_by("pk").values_list("pk", "building__number", "flat")
    for key, building, flat in rows:
        volume = 100 + key % 150
        charged = f"{volume * 796 // 100},{volume * 796 % 100:02d}"
        lines.append(
            f"{3_000_000_000 + key};Кожемяка Себастьян Боромирович;Соборна;{building};{flat};жовтень 2026;{key};{key + volume};"
            f"{volume};7,96;{charged} грн.;0,00 грн.;{charged} грн.;0,00 грн."
        )
    return "\n".join(lines).encode("cp1251")


def csv_file(town_id: int) -> list[Result]:
    content = _csv()
    rows = content.count(b"\n")
    parse = seconds(
        lambda: pl.read_csv(io.BytesIO(content.decode("cp1251").encode()), separator=";", infer_schema=False)
    )
    copied = _copy(content)
    start = time.perf_counter()
    uploaded = exchange.upload(
        town_id=town_id, preset="gaz", period=OCT, file_name="gaz.csv", content=content, user_id=None, at=AT
    )
    exchange.check(batch_id=uploaded.batch_id, at=AT)
    staged = time.perf_counter() - start
    applied = seconds(lambda: exchange.apply(batch_id=uploaded.batch_id, user_id=None, at=AT))
    return [
        result(
            "import_csv", rows / staged, "rows/s staged", reference=rows / parse, target="≥ 120 000 rows/s",
            met=lambda value, _: value >= 120_000,
            note=f"{rows} rows of CP1251 parsed, checked, matched and staged; Polars parsing alone",
        ),
        result(
            "import_csv_apply", rows / applied, "rows/s applied", reference=rows / copied, target="≥ 50 000 rows/s",
            met=lambda value, _: value >= 50_000,
            note="accounts opened, meters, readings, lines, postings, balances in one transaction; COPY of the rows as text",
        ),
    ]  # fmt: skip


def _copy(content: bytes) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE bench_rows ({', '.join(f'c{n} text' for n in range(14))})")
        start = time.perf_counter()
        with cursor.copy("COPY bench_rows FROM STDIN (FORMAT csv, DELIMITER ';', HEADER)") as into:
            into.write(content.decode("cp1251").encode())
        took = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_rows")
    return took
