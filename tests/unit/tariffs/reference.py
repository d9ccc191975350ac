"""The rating rules a second time, one account at a time, in fractions and `Decimal`: what the vectorised ones must equal.

Written from the rules' description, not from their code: no frames, no scaled integers, no running totals shared.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from tests.unit.tariffs.frames import Case

Line = tuple[str, str, Decimal, Decimal]  # component, method, volume, hryvnias


def _rounded(value: Fraction, decimals: int) -> Decimal:
    scaled = abs(value) * 10**decimals
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    whole += 1 if 2 * rest >= scaled.denominator else 0
    return (Decimal(whole) / 10**decimals).copy_sign(Decimal(1 if value >= 0 else -1)) if whole else Decimal(0)


def _money(value: Fraction) -> Decimal:
    # through Decimal where it is exact, to have a second opinion on halves
    if value.denominator % 3 and value.denominator % 7 and value.denominator % 31:
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        if Fraction(exact) == value:
            return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP) + Decimal(0)
    return _rounded(value, 2)


def _people_days(case: Case, first: int, last: int) -> int:
    return sum(persons for day in range(first, last + 1) for a, b, persons in case.people if a <= day <= b)


def _counted(meter: dict[str, Any]) -> Fraction | None:
    """Used between two readings; None without a reading or with one that cannot be true."""
    if meter["current"] is None:
        return None
    counted = Fraction(meter["current"]) - Fraction(meter["previous"])
    whole = 10 ** meter["digits"]
    if counted < 0 and counted + whole >= Fraction(whole, 2):
        return None
    return counted if counted >= 0 else counted + whole


def _volumes(case: Case, month_days: int, average_months: int) -> list[tuple[str, str, Decimal]]:
    first, last = case.days or (1, month_days)
    found = []
    fresh = [meter["current"] is None and meter["months_without"] == 0 for meter in case.meters]
    counting = case.meters if all(fresh) else [m for m, new in zip(case.meters, fresh, strict=True) if not new]
    for meter in counting:
        if not meter["is_valid"]:
            break
        counted = _counted(meter)
        if counted is not None:
            found.append((meter["zone"], "meter", _rounded(counted - Fraction(meter["estimated"]), case.decimals)))
        elif meter["average"] is not None and meter["months_without"] <= average_months:
            daily = Fraction(meter["average"]) / meter["average_days"]
            found.append((meter["zone"], "average", _rounded(daily * (last - first + 1), case.decimals)))
        else:
            break
    else:
        if case.meters:
            return found
    norm = (
        Fraction(case.norm_person) * _people_days(case, first, last)
        + Fraction(case.norm_household) * (last - first + 1)
        + Fraction(case.norm_m2) * Fraction(case.heated) * (last - first + 1)
    ) / month_days
    return [("single", "norm", _rounded(norm, case.decimals))]


def _versions(case: Case, month_days: int) -> list[tuple[int, int, int]]:
    """(version, first day, last day) cut to the open days, in order."""
    first, last = case.days or (1, month_days)
    spans = {r["version"]: r["days"] or (1, month_days) for r in case.rates}
    cut = [(version, max(a, first), min(b, last)) for version, (a, b) in spans.items()]
    return sorted((c for c in cut if c[1] <= c[2]), key=lambda c: c[1])


def reference(case: Case, month_days: int, average_months: int = 3) -> list[Line]:
    lines: list[Line] = []
    versions = _versions(case, month_days)
    covered = sum(b - a + 1 for _, a, b in versions)
    by_volume = case.structure in {"single", "zones", "blocks", "two_part_heat"}
    if by_volume and versions:
        for component, method, volume in _volumes(case, month_days, average_months):
            given, passed = Decimal(0), 0
            for version, a, b in versions:
                passed += b - a + 1
                until = _rounded(Fraction(volume) * passed / covered, case.decimals)
                part, given = until - given, until
                rates = [
                    r
                    for r in case.rates
                    if r["version"] == version and r["component"] not in ("constant", "subscription")
                ]
                lines += _priced(case, component, method, part, rates, Fraction(b - a + 1, covered))
    for version, a, b in versions:
        for r in (r for r in case.rates if r["version"] == version):
            if by_volume and r["component"] not in ("constant", "subscription"):
                continue
            lines += _fixed(case, r, a, b, month_days)
    return lines


def _priced(
    case: Case, component: str, method: str, part: Decimal, rates: list[dict[str, str]], share: Fraction
) -> list[Line]:
    if case.structure == "blocks":
        result = []
        for r in rates:
            low = _rounded(Fraction(r["from"]) * share, case.decimals)
            high = None if r["to"] is None else _rounded(Fraction(r["to"]) * share, case.decimals)
            if part < 0:
                inside = part if low == 0 else Decimal(0)
            else:
                inside = max(min(part, high if high is not None else part) - low, Decimal(0))
            if inside or low == 0:
                result.append(
                    (
                        "block",
                        method,
                        inside,
                        _money(Fraction(inside) * Fraction(r["price"]) * Fraction(r["coefficient"])),
                    )
                )
        return result
    own = [r for r in rates if r["component"] == component] if case.structure == "zones" else []
    r = own[0] if own else max(rates, key=lambda r: Fraction(r["price"]) * Fraction(r["coefficient"]))
    return [(r["component"], method, part, _money(Fraction(part) * Fraction(r["price"]) * Fraction(r["coefficient"])))]


def _fixed(case: Case, r: dict[str, str], a: int, b: int, month_days: int) -> list[Line]:
    unit = Fraction(r["price"]) * Fraction(r["coefficient"])
    share = Fraction(b - a + 1, month_days)
    if r["component"] == "subscription":
        return [("subscription", "fixed", Decimal(1), _money(unit * share))]
    if r["component"] == "constant":
        return [("constant", "fixed", Decimal(case.load), _money(Fraction(case.load) * unit * share))]
    if case.structure == "person":
        return [
            (
                r["component"],
                "persons",
                Decimal(persons),
                _money(persons * unit * Fraction(min(b, d) - max(a, c) + 1, month_days)),
            )
            for c, d, persons in case.people
            if max(a, c) <= min(b, d)
        ]
    if case.structure == "yearly_volume":
        load = Fraction(case.load)
        return [(r["component"], "yearly", _rounded(load / 12, 6), _money(load * unit * share / 12))]
    size = {"area": case.area, "heated_area": case.heated}.get(case.structure)
    method = "fixed" if size is None else "area"
    return [(r["component"], method, Decimal(size or 1), _money(Fraction(size or 1) * unit * share))]


@dataclass(frozen=True)
class Holder:
    """Somebody with a benefit: per cent, people covered, days of the month."""

    percent: str
    people: int
    days: tuple[int, int] = (1, 31)


@dataclass(frozen=True)
class Norm:
    """Within what a benefit is given: units per person, household and m²; m² per person and household."""

    person: str = "0"
    household: str = "0"
    m2: str = "0"
    m2_person: str = "0"
    m2_household: str = "0"


def benefit_reference(
    case: Case, charges: list[dict[str, Any]], holders: list[Holder], norm: Norm, month_days: int
) -> list[tuple[int, str, Decimal, int]]:
    """(number of the holder, component, volume, kopiykas below zero) of every benefit's line, one account at a time."""
    first, last = case.days or (1, month_days)
    order = sorted(
        (k for k, h in enumerate(holders) if Fraction(h.percent) > 0 and _held(h, first, last)),
        key=lambda k: (-Fraction(holders[k].percent), k),
    )
    households = dict.fromkeys(order, 0)
    for day in range(first, last + 1):
        present = [k for k in order if holders[k].days[0] <= day <= holders[k].days[1]]
        if present:
            households[present[0]] += 1
    lines = [line for line in charges if line["kind"] == "charge"]
    taken = [0] * len(lines)
    result: list[tuple[int, str, Decimal, int]] = []
    for wanted in ("volume", "area", "persons", "load"):
        own = [n for n, line in enumerate(lines) if _group(line) == wanted]
        weights = {n: Fraction(lines[n]["volume_e6"], 10**6) * _share(lines[n], month_days) for n in own}
        whole = sum(weights.values(), Fraction(0))
        own = [n for n in own if weights[n] > 0]
        if whole <= 0 or not own:
            continue
        shares = _shares(case, wanted, whole, order, households, holders, norm, month_days)
        before = {n: Fraction(0) for n in own}
        for k, share in zip(order, shares, strict=True):
            for n, covered in _covered(case, lines, own, weights, share, share * whole).items():
                covered = max(covered, before[n])
                volume, before[n] = covered - before[n], covered
                line = lines[n]
                exact = volume * Fraction(line["price_e7"], 10**7) * Fraction(line["coefficient_e4"], 10**4)
                exact *= Fraction(holders[k].percent) / 100 * _share(line, month_days)
                now = min(taken[n] + int(_rounded(exact, 2) * 100), line["amount_kop"])
                if now != taken[n]:
                    whole_units = Decimal(int(volume * 10**6)) / 10**6
                    result.append((k, line["component"], whole_units, taken[n] - now))
                taken[n] = now
    return result


def _held(holder: Holder, first: int, last: int) -> int:
    return max(min(holder.days[1], last) - max(holder.days[0], first) + 1, 0)


def _group(line: dict[str, Any]) -> str:
    if line["component"] == "constant":
        return "load"
    return line["method"] if line["method"] in ("area", "persons") else "volume"


def _share(line: dict[str, Any], month_days: int) -> Fraction:
    """Of the month, where it is not in the volume already."""
    if line["method"] in ("area", "persons", "fixed", "yearly") and line["days"] is not None:
        return Fraction(line["days"], month_days)
    return Fraction(1)


def _shares(
    case: Case, group: str, whole: Fraction, order: list[int], households: dict[int, int], holders: list[Holder],
    norm: Norm, month_days: int,
) -> list[Fraction]:  # fmt: skip
    """What part of the group holders up to each are entitled to."""
    first, last = case.days or (1, month_days)
    opened = last - first + 1
    area, result = Fraction(case.heated), []
    metres_so_far = entitled = Fraction(0)
    for k in order:
        holder, days = holders[k], _held(holders[k], first, last)
        metres = Fraction(norm.m2_person) * holder.people * days + Fraction(norm.m2_household) * households[k]
        own = Fraction(0)
        if Fraction(norm.m2_person) or Fraction(norm.m2_household):
            own = min(metres, area * days)
        elif Fraction(norm.m2):
            own = area * days
        added = min(metres_so_far + own, area * opened) - metres_so_far
        metres_so_far += added
        if group == "load":
            result.append(metres_so_far / (area * opened) if area else Fraction(0))
            continue
        units = {
            "area": metres,
            "persons": Fraction(holder.people * days),
            "volume": Fraction(norm.person) * holder.people * days
            + Fraction(norm.household) * households[k]
            + Fraction(norm.m2) * added,
        }[group]
        entitled = min(entitled + min(units / month_days, whole * days / opened), whole)
        result.append(entitled / whole)
    return result


def _covered(
    case: Case, lines: list[dict[str, Any]], own: list[int], weights: dict[int, Fraction], share: Fraction, units: Fraction
) -> dict[int, Fraction]:  # fmt: skip
    """The volume of each line that is within the norm up to a holder."""
    positive = sum((weights[n] for n in own), Fraction(0))
    found, passed = {}, Fraction(0)
    for n in own:
        volume = Fraction(lines[n]["volume_e6"], 10**6)
        if lines[n]["method"] in ("area", "persons", "fixed", "yearly"):
            part = volume if share == 1 else Fraction(_rounded(volume * share, case.decimals))
        else:
            before = _rounded(units * passed / positive, case.decimals)
            passed += weights[n]
            part = Fraction(_rounded(units * passed / positive, case.decimals)) - Fraction(before)
        found[n] = min(part, volume)
    return found
