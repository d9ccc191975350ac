"""`make bench`: 1 030 000 account services, or `make bench PART=10`: a tenth of them, of the files and of the time.

`make bench-quick` is a fiftieth with few repetitions: a smoke run that keeps its figures to itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

REQUIRED = {
    "import_csv", "import_dbf", "import_xlsx", "monthly_run", "linear_growth", "what_if", "print_run", "single_bill",
    "confirm_payment", "bank_register", "page_home", "page_bill", "deadline_day", "statistics", "ledger_proof", "scale_out",
}  # fmt: skip
ROOT = Path(__file__).resolve().parents[1]
HOME = Path(os.environ.get("DOMIVKA_HOME", ROOT / ".domivka")) / "bench"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--part", type=int, default=1, help="measure a town, files and times divided by this")
    parser.add_argument("--quick", action="store_true", help="a fiftieth, few repetitions, nothing is written")
    parser.add_argument(
        "--only", nargs="+", metavar="STEP", help="some steps, for whoever mends one; nothing is written"
    )
    asked = parser.parse_args()
    os.environ["DOMIVKA_HOME"] = str(HOME)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "domivka.config.settings")
    os.environ.setdefault("DOMIVKA_SECRET_KEY", "bench only")
    from domivka.config import postgres  # the environment comes first

    postgres.stop(HOME)
    shutil.rmtree(HOME, ignore_errors=True)
    postgres.start(HOME)
    try:
        return _measure(quick=asked.quick, part=50 if asked.quick else asked.part, only=asked.only)
    finally:
        postgres.stop(HOME)
        shutil.rmtree(HOME, ignore_errors=True)


def _measure(*, quick: bool, part: int, only: list[str] | None) -> int:
    import django  # needs the settings named above

    django.setup()
    from django.core.management import call_command  # needs Django set up

    from bench import (
        charging,
        confirm_payment,
        deadline,
        importing,
        pages,
        statistics,
        storage,
        town,
    )  # they read models
    from bench.harness import Result, result, seconds, write

    call_command("migrate", verbosity=0)
    premises = 171_700 // part
    town_id = 0

    def build() -> None:
        nonlocal town_id
        town_id = town.build(premises=premises)

    made = seconds(build)
    print(f"town of {premises} homes: {made:.1f} s")
    results = [
        result(
            "town_generator", made, "s", target="≤ 5 min", met=lambda value, _: value <= 300,
            note=f"{premises} homes, {premises * len(town.SERVICES)} account services, 12 months of readings and balances",
        )
    ]  # fmt: skip
    steps: dict[str, Callable[[int], list[Result]]] = {
        "run": charging.monthly_run,
        "what_if": charging.one_home,
        "papers": charging.papers,
        "storage": storage.storage,
        "proof": charging.proof,
        "statistics": partial(statistics.statistics, quick=quick),
        "pages": partial(pages.pages, quick=quick),
        "deadline": partial(deadline.deadline, part=part),
        "confirm": partial(confirm_payment.payments, quick=quick),
        # these two charge later months: after all that looks at the last one
        "growth": charging.linear_growth,
        "scale_out": charging.scale_out,
        "imports": partial(importing.imports, part=part),  # in a town of its own
    }
    for name, step in steps.items():
        if only and name not in only:
            continue
        began = time.perf_counter()
        try:
            rows = step(town_id)
        except Exception:  # noqa: BLE001 - the other figures are wanted all the same
            traceback.print_exc()
            continue
        for row in rows:
            print(f"{row.name}: {row.value} {row.unit}" + (f", reference {row.reference}" if row.reference else ""))
            results.append(row)
        print(f"  ({name}: {time.perf_counter() - began:.0f} s with its preparation)", flush=True)
    if not quick and not only:
        write(
            results,
            accounts=premises * len(town.SERVICES),
            command="make bench" if part == 1 else f"make bench PART={part}",
        )
    missing = set() if only else REQUIRED - {row.name for row in results}
    if missing:
        print("not measured:", ", ".join(sorted(missing)))
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
