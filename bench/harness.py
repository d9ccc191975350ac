"""Results, the machine they were measured on, and the page that shows them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Result:
    """One figure. `ratio` is value / reference; `target` says in words what was wanted, `met` whether it was reached."""

    name: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    target: str = ""
    met: bool | None = None
    note: str = ""


def result(
    name: str,
    value: float,
    unit: str,
    *,
    reference: float | None = None,
    target: str = "",
    met: Callable[[float, float | None], bool] | None = None,
    note: str = "",
) -> Result:
    """A result with its ratio; `met(value, ratio)` decides."""
    ratio = value / reference if reference else None
    return Result(
        name, round(value, 3), unit, round(reference, 3) if reference else None, round(ratio, 3) if ratio else None,
        target, met(value, ratio) if met else None, note,
    )  # fmt: skip


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def percentile(times: list[float], share: float) -> float:
    """The time below which `share` of the calls stay."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def peak_mib() -> int:
    """The most memory this process has held. Not `ru_maxrss`, which a new process inherits from the one that made it."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))


def machine() -> str:
    """Cores, memory, processor and versions."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return f"{len(os.sched_getaffinity(0))} cores ({model}), {memory} GiB, Python {platform.python_version()}"


def commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - git of the developer
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return str(done.stdout).strip() or "unknown"


def write(results: list[Result], *, accounts: int, command: str) -> None:
    """`bench/results.json` and `docs/performance.md`."""
    content = {"machine": machine(), "commit": commit(), "accounts": accounts, "results": [asdict(r) for r in results]}
    (ROOT / "bench" / "results.json").write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    rows = [
        f"| {r.name} | {_number(r.value)} {r.unit} | {_number(r.reference)} | {_number(r.ratio)} | {r.target} | "
        f"{'' if r.met is None else 'yes' if r.met else '**no**'} | {r.note} |"
        for r in results
    ]
    page = [
        "# Performance", "",
        f"Written by `{command}`; edit `bench/`, not this page. Ratios count, absolute times are for orientation.", "",
        f"- machine: {machine()}", f"- commit: {commit()}", f"- size: {accounts:,} account services".replace(",", " "),
        "- targets are those of the whole town (1 030 200 account services): a time that is met by a part of it proves nothing yet",
        "- database: the embedded server, durable (fsync on), with the settings of `domivka/config/postgres.py`", "",
        "| name | measured | reference | ratio | target | met | what is compared |", "|---|---|---|---|---|---|---|",
        *rows, "",
    ]  # fmt: skip
    (ROOT / "docs" / "performance.md").write_text("\n".join(page))


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:g}"
