"""Providers' months and a bank's register: upload → check → apply, against parsing alone and `COPY` of the same rows.

Each check and each apply runs in a process of its own, so that its peak of memory is its own.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable

from bench import import_files
from bench.harness import Result, result, seconds
from bench.town import AT, OCT

ROWS = {"gaz": 1_000_000, "vodokanal": 1_000_000, "housing": 200_000, "teplo": 60_000, "oschad": 100_000}
NAMES = {"gaz": "import_csv", "vodokanal": "import_dbf", "housing": "import_xlsx", "teplo": "import_xls"}
PREMISES = 170_000
STRANGERS = 1_000  # of so many accounts one is not in the registry: its address is looked up

_ACCOUNTS = """
INSERT INTO registry_personalaccount (town_id, provider_id, premises_id, number, holder, opened_on)
SELECT %(town)s, %(provider)s, (%(homes)s::bigint[])[1 + n %% cardinality(%(homes)s::bigint[])],
       lpad((%(first)s + n)::text, greatest(%(width)s, length((%(first)s + n)::text)), '0'), 'Кожемяка', '2026-01-01'
FROM generate_series(0, %(rows)s - 1) n WHERE n %% %(strangers)s > 0 ORDER BY n;
ANALYZE registry_personalaccount;
INSERT INTO registry_accountservice (account_id, provider_service_id, tariff_code, norm_code, opened_on)
SELECT a.id, p.id, '', '', '2026-01-01' FROM registry_personalaccount a
JOIN registry_providerservice p ON p.provider_id = a.provider_id JOIN registry_service s ON s.id = p.service_id
WHERE a.provider_id = %(provider)s AND s.code = ANY(%(services)s) ORDER BY a.id
"""
_SERVICES = {"gaz": ["gas"], "vodokanal": ["water"], "housing": ["management", "waste"], "teplo": ["heating"]}


def imports(_town_id: int, *, part: int) -> list[Result]:
    """Every format in a town of its own, whose accounts are known but for one in a thousand."""
    from django.db import connection  # needs Django set up

    from domivka.registry import api as registry  # as above
    from tests.database.exchange.town import add_addresses, make_town  # as above

    size = {preset: rows // part for preset, rows in ROWS.items()}
    town_id = make_town("UA12345678901234567")
    homes = range(PREMISES // part)
    flats = import_files.FLATS
    add_addresses(town_id, [("вул.", "Соборна", str(n // flats + 1), str(n % flats + 1)) for n in homes])
    providers = {provider.code: provider.id for provider in registry.providers_of(town_id=town_id)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(id ORDER BY id) FROM registry_premises WHERE town_id = %s", [town_id])
        (premises,) = cursor.fetchone()
        for preset, services in _SERVICES.items():
            first = import_files.account(preset, 0)
            values: dict[str, str | int | list[str] | list[int]] = {
                "town": town_id, "provider": providers[preset], "first": int(first), "width": len(first) if first.startswith("0") else 0,
                "rows": size[preset] // len(services), "strangers": STRANGERS, "services": services, "homes": premises,
            }  # fmt: skip
            for statement in _ACCOUNTS.split(";\n"):
                cursor.execute(statement, values)
        cursor.execute("ANALYZE")
    results = []
    for preset in NAMES:
        results += _month(town_id, preset, size[preset])
    return [*results, *_register(town_id, size["oschad"])]


def _month(town_id: int, preset: str, rows: int) -> list[Result]:
    content: bytes = getattr(import_files, preset)(rows)
    parsed = seconds(_alone(preset, content))
    staged, applied, copied = _bring(town_id, preset, content)
    csv_or_dbf = preset in ("gaz", "vodokanal")
    name, size = NAMES[preset], f"{rows} rows, {len(content) >> 20} MiB"
    apart = "" if csv_or_dbf else " besides the process that reads the book"
    library = {"gaz": "Polars", "vodokanal": "numpy cutting the fields", "housing": "calamine", "teplo": "calamine"}
    return [
        result(
            name, rows / staged["seconds"], "rows/s staged", reference=rows / parsed,
            target="≥ 120 000 rows/s" if csv_or_dbf else "",
            met=(lambda value, _: value >= 120_000) if csv_or_dbf else None,
            note=f"{size}; uploaded, parsed, checked, matched, staged; peak {staged['peak_mib']} MiB{apart};"
            f" {_staged_bytes():.0f} bytes a staged row with its indexes; against {library[preset]} parsing alone",
        ),
        result(
            f"{name}_apply", rows / applied["seconds"], "rows/s applied", reference=rows / copied,
            target="≥ 50 000 rows/s" if csv_or_dbf else "",
            met=(lambda value, _: value >= 50_000) if csv_or_dbf else None,
            note=f"meters, readings, lines, postings, balances in one transaction; peak {applied['peak_mib']} MiB;"
            " against COPY of the staged rows",
        ),
    ]  # fmt: skip


def _register(town_id: int, rows: int) -> list[Result]:
    content = import_files.oschad(rows)
    _, applied, copied = _bring(town_id, "oschad", content)
    return [
        result(
            "bank_register", rows / applied["seconds"], "payments/s", reference=rows / copied,
            target="≥ 5 000 payments/s", met=lambda value, _: value >= 5_000,
            note=f"{rows} payments split over debts, posted, allocated, in one transaction;"
            f" peak {applied['peak_mib']} MiB; against COPY of the staged rows",
        )
    ]  # fmt: skip


def _alone(preset: str, content: bytes) -> Callable[[], object]:
    """The format's fastest library reading the same bytes."""
    import fastexcel  # as in `imports`
    import numpy as np
    import polars as pl

    def csv() -> object:
        text = content.decode("cp1251").encode()
        return pl.read_csv(io.BytesIO(text), separator=";", infer_schema=False)

    def dbf() -> object:
        kinds = np.dtype([("_", "S1"), *((name, f"S{length}") for name, _, length in import_files.WATER)])
        count = (len(content) - 33 - 32 * len(import_files.WATER)) // kinds.itemsize
        table = np.frombuffer(content, kinds, count, 33 + 32 * len(import_files.WATER))
        return [np.char.decode(np.ascontiguousarray(table[name]), "cp866") for name, _, _ in import_files.WATER]

    def book() -> object:
        opened = fastexcel.read_excel(content)
        return [opened.load_sheet(name, dtypes="string").to_polars() for name in opened.sheet_names]

    return {"gaz": csv, "vodokanal": dbf}.get(preset, book)


def _bring(town_id: int, preset: str, content: bytes) -> tuple[dict[str, float], dict[str, float], float]:
    """Upload, check and apply: seconds and peaks of staging and applying; seconds of `COPY` of the staged rows."""
    from domivka.exchange import api as exchange  # as in `imports`
    from domivka.kernel.period import Period

    period = Period(202611) if preset == "oschad" else OCT
    uploaded = 0

    def upload() -> None:
        nonlocal uploaded
        uploaded = exchange.upload(
            town_id=town_id, preset=preset, period=period, file_name=preset, content=content, user_id=None, at=AT
        ).batch_id

    took = seconds(upload)
    staged = _alone_in_process("check", uploaded)
    staged["seconds"] += took
    copied = _copy_of_staged(uploaded)
    return staged, _alone_in_process("apply", uploaded), copied


def _alone_in_process(what: str, batch_id: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.import_step", what, str(batch_id)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _staged_bytes() -> float:
    from django.db import connection  # as in `imports`

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size('exchange_importrow')::float / count(*) FROM exchange_importrow")
        return float(cursor.fetchone()[0])


def _copy_of_staged(batch_id: int) -> float:
    """Seconds to `COPY` the staged rows once more, into a table without keys."""
    from django.db import connection  # as in `imports`

    with connection.cursor() as cursor:
        with cursor.copy(f"COPY (SELECT * FROM exchange_importrow WHERE batch_id = {int(batch_id)}) TO STDOUT") as out:
            data = b"".join(bytes(block) for block in out)
        cursor.execute("CREATE TEMPORARY TABLE again (LIKE exchange_importrow)")

        def copy() -> None:
            with cursor.copy("COPY again FROM STDIN") as into:
                into.write(data)

        took = seconds(copy)
        cursor.execute("DROP TABLE again")
    return took
