"""Why this amount: every line recomputed from its inputs, and what changed against the month before (features.md C12)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from domivka.billing.numbers import money_number, number
from domivka.billing.penalty_words import formula as penalty_formula
from domivka.billing.penalty_words import grounds as penalty_grounds
from domivka.billing.penalty_words import volume_words as penalty_words
from domivka.billing.queries import LineView, charge_lines
from domivka.billing.recalculation.queries import RecalculationView, recalculations_by_id
from domivka.billing.recalculation.words import formula_of, reason_of
from domivka.kernel.money import ZERO, Money, round_half_up
from domivka.kernel.period import Period
from domivka.registry.api import ServiceView, services_by_id
from domivka.tariffs.api import VersionView, category_name, versions, versions_in_force

_QUANTITY = {"area", "persons", "fixed", "yearly"}
"""Methods whose share of days stands in the amount; for the others it is in the volume."""


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One line: how much was used and how we know, the formula with its numbers, the rounding step, the decision."""

    line: LineView
    volume_words: str
    formula: str  # «4 м³ × 80,59 грн»; «» for a sum that is not made of a volume
    exact: str  # the product before rounding, «707,330638»; with «…» where it has no end
    is_rounded: bool
    reproduced: bool  # does the formula give the amount to the kopiyka
    tariff: VersionView | None
    grounds: str = ""  # of a penalty: the law, the contract, days on which none grew


@dataclass(frozen=True, slots=True)
class Change:
    """Against last month: the three effects add up to `total` exactly."""

    previous: Money
    total: Money
    by_volume: Money
    by_price: Money
    by_other: Money


@dataclass(frozen=True, slots=True)
class Explanation:
    service: ServiceView
    period: Period
    lines: tuple[ExplainedLine, ...]
    total: Money
    change: Change | None  # None when nothing was charged last month

    @property
    def relieved(self) -> bool:
        """Did a benefit cover a part of it."""
        return any(item.line.kind == "benefit" for item in self.lines)


def explain(*, account_service_id: int, period: Period) -> Explanation:
    """The month of one service, line by line. Nine queries at most, three more for a penalty, one for recalculations. Raises
    `KeyError` for an unknown account service.

    A line that the provider calculated is shown with the tariff in force, if the town knows it.
    """
    service = services_by_id(account_service_ids=[account_service_id])[account_service_id]
    lines = charge_lines(account_service_ids=[account_service_id], first=period.previous, last=period)
    decisions = versions(version_ids={line.tariff_version_id for line in lines if line.tariff_version_id})
    now = [line for line in lines if line.period == period]
    before = [line for line in lines if line.period < period]
    known = _known_tariff(service, period) if any(line.method == "imported" for line in now) else None
    grounds = penalty_grounds(service, period) if any(line.method == "penalty" for line in now) else ""
    recalculated = {line.recalculation_id for line in now if line.recalculation_id is not None}
    acts = recalculations_by_id(recalculation_ids=recalculated) if recalculated else {}
    return Explanation(
        service=service,
        period=period,
        lines=tuple(
            _explain_recalculation(line, acts[line.recalculation_id])
            if line.recalculation_id is not None
            else explain_line(
                line, service.unit, decisions.get(line.tariff_version_id or 0, _of_import(line, known)), grounds
            )
            for line in now
        ),
        total=_total(now),
        change=compare(before, now) if before else None,
    )


def _known_tariff(service: ServiceView, period: Period) -> VersionView | None:
    """The one version in force all month; none where the tariff changed, for we do not know how the provider split it."""
    found = versions_in_force(
        provider_service_id=service.provider_service_id,
        code=service.tariff_code,
        first=period.first_day,
        last=period.last_day,
    )
    return found[0] if len(found) == 1 else None


def _of_import(line: LineView, known: VersionView | None) -> VersionView | None:
    return known if line.method == "imported" and line.kind == "charge" else None


def explain_line(line: LineView, unit: str, tariff: VersionView | None, grounds: str = "") -> ExplainedLine:
    """One line explained; `unit` is the service's, `grounds` the month's for a penalty."""
    given = _formula(line, unit, tariff)
    value, formula = given or (Fraction(line.amount.kop, 100), "")
    exact = (value * 100).denominator == 1
    is_cut = line.kind == "benefit" and _round(value) < line.amount.kop  # never more than the charge
    return ExplainedLine(
        line=line,
        volume_words=_volume_words(line, unit),
        formula=formula,
        exact=_plain(value),
        is_rounded=not exact,
        reproduced=is_cut or (_round(value) == line.amount.kop and (given is not None or line.kind != "charge")),
        tariff=None if line.kind == "benefit" else tariff,
        grounds=grounds if line.method == "penalty" else "",
    )


def _explain_recalculation(line: LineView, act: RecalculationView) -> ExplainedLine:
    """What an act took off: its reason and document, the formula with its inputs."""
    value, formula = formula_of(line)
    is_capped = _round(value) != line.amount.kop
    if is_capped:  # never more than what remained of the charge
        formula += f" = {_plain(value)}; " + _("знято те, що залишалося з нарахованого")
        value = Fraction(line.amount.kop, 100)
    exact = (value * 100).denominator == 1
    return ExplainedLine(
        line=line,
        volume_words=reason_of(line, act),
        formula=formula,
        exact=_plain(value),
        is_rounded=not exact,
        reproduced=True,
        tariff=None,
    )


def _price(line: LineView, tariff: VersionView | None) -> Decimal:
    """The line's price; for an imported line without one the known tariff's, when it has only one."""
    if line.price == 0 and line.method == "imported" and tariff is not None and len(tariff.rates) == 1:
        return tariff.rates[0].effective
    return line.unit_price


def _round(value: Fraction) -> int:
    scaled = abs(value) * 100
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    return (whole + (2 * rest >= scaled.denominator)) * (-1 if value < 0 else 1)


def _plain(value: Fraction) -> str:
    decimal = Decimal(value.numerator) / Decimal(value.denominator)
    shown = decimal.quantize(Decimal("0.00000001"))
    return number(shown) + ("" if Fraction(shown) == value else "…")


def _formula(line: LineView, unit: str, tariff: VersionView | None) -> tuple[Fraction, str] | None:
    """The product before rounding and its words; None where the sum does not come from a volume and a price."""
    if line.component == "correction":
        return Fraction(line.amount.kop, 100), _("різниця з раніше нарахованим")
    if line.method == "penalty":
        return penalty_formula(line)
    unit_price = _price(line, tariff)
    if line.method == "imported" and (line.volume == 0 or unit_price == 0):
        return None
    value = Fraction(line.volume) * Fraction(unit_price)
    units = _units(line, unit)
    if line.kind == "benefit":
        value *= -Fraction(line.base_total or 0) / 100
        text = f"−{number(line.volume)} {units}".strip()
    elif line.method == "yearly" and line.base is not None:
        value = Fraction(line.base) * Fraction(line.unit_price) / 12
        text = f"{number(line.base)} {units} ÷ 12"
    elif line.method == "fixed" and line.volume == 1:
        text = ""
    else:
        text = f"{number(line.volume)} {units}".strip()
    price = _("%(price)s грн") % {"price": money_number(line.price or unit_price)}
    if line.coefficient != 1:
        price += f" × {number(line.coefficient)}"
    text = f"{text} × {price}" if text else price
    if line.days is not None and line.method in _QUANTITY:
        value = value * line.days / line.period.days
        text += f" × {line.days}/{line.period.days}"
    if line.kind == "benefit":
        text += f" × {number(line.base_total or Decimal(0))} %"
    return value, text


def _units(line: LineView, unit: str) -> str:
    return {"area": "м²", "persons": _("ос."), "fixed": "", "yearly": unit}.get(line.method, unit)


def _benefit_words(line: LineView, unit: str) -> str:
    """Who covers what part of which volume; the norm of the constant part of heat is a share of the area."""
    given = {
        "category": category_name(line.base_kind), "code": line.base_kind, "percent": number(line.base_total or Decimal(0)),
        "people": number(line.base or Decimal(0)), "unit": _units(line, unit), "volume": number(line.volume),
        "norm": number(line.source_volume or Decimal(0)), "days": line.days, "month": line.period.days,
    }  # fmt: skip
    words = _(
        "Пільга «%(category)s» (код %(code)s): %(percent)s %% вартості в межах норми, людей із пільгою – %(people)s."
    )
    words %= given
    if line.source_volume is None:
        words += " " + _("Ураховано частку площі в межах норми.")
    else:
        words += " " + _("Норма %(norm)s %(unit)s, на цей рядок припадає %(volume)s %(unit)s.") % given
    if line.days is not None and line.method not in _QUANTITY:
        words += " " + _("Пільга діє днів: %(days)s із %(month)s.") % given
    return words


def _volume_words(line: LineView, unit: str) -> str:
    if line.component == "correction":
        return _("Дані за місяць змінилися після нарахування, тому додано різницю.")
    if line.method == "penalty":
        return penalty_words(line)
    if line.kind == "benefit":
        return _benefit_words(line, unit)
    whole = line.volume if line.source_volume is None or line.method != "meter" else line.source_volume
    given = {
        "volume": number(whole), "unit": unit, "base": number(line.base or Decimal(0)),
        "total": number(line.base_total or Decimal(0)), "source": number(line.source_volume or Decimal(0)),
        "previous": number(line.previous_value or Decimal(0)), "current": number(line.current_value or Decimal(0)),
        "days": line.days or line.period.days, "persons": _persons(line), "part": number(line.volume),
    }  # fmt: skip
    words = _pattern(line) % given
    if line.volume != whole:
        words += " " + _("З них у цьому рядку %(part)s %(unit)s.") % given
    return words


def _persons(line: LineView) -> str:
    return number(line.base / line.base_total) if line.base and line.base_total else ""


def _pattern(line: LineView) -> str:
    if line.method == "meter" and line.current_value is not None:
        if line.base:
            return _(
                "Показання %(current)s − %(previous)s, з них %(base)s %(unit)s уже нараховано раніше без показань: "
                "%(volume)s %(unit)s."
            )
        if line.current_value < (line.previous_value or 0):
            return _("Лічильник перейшов через нуль: з %(previous)s до %(current)s — це %(volume)s %(unit)s.")
        return _("Показання %(current)s − %(previous)s = %(volume)s %(unit)s.")
    if line.method == "average" and line.base_total and line.current_value is not None:
        return _(
            "Показання %(current)s менше за попереднє %(previous)s і чекає перевірки, тому поки взято середнє: %(source)s "
            "%(unit)s ÷ %(total)s × %(days)s (днів) = %(volume)s %(unit)s."
        )
    if line.method == "average" and line.base_total:
        return _(
            "Показань не було, тому взято середнє: %(source)s %(unit)s ÷ %(total)s × %(days)s (днів) = %(volume)s %(unit)s."
        )
    if line.method in ("norm", "building_share"):
        return _shared_pattern(line)
    return {
        "meter": _("Обсяг за лічильником: %(volume)s %(unit)s."),
        "average": _("Показань не було, тому взято середнє споживання: %(volume)s %(unit)s."),
        "area": _("Площа приміщення: %(volume)s м²."),
        "persons": _("Зареєстровано людей: %(volume)s."),
        "fixed": _("Сума однакова щомісяця."),
        "yearly": _("Річний обсяг %(base)s %(unit)s, щомісяця дванадцята частина."),
        "imported": _imported_pattern(line),
    }[line.method]


def _imported_pattern(line: LineView) -> str:
    if line.kind == "penalty":
        return _("Пеню нарахував надавач послуги у своїй системі.")
    if line.kind == "correction":
        return _("Перерахунок зробив надавач послуги у своїй системі.")
    if line.volume == 0:
        return _("Суму нарахував надавач послуги у своїй системі.")
    if line.current_value is not None and line.current_value - (line.previous_value or 0) == line.volume:
        return _(
            "Нарахував надавач послуги у своїй системі. Показання %(current)s − %(previous)s = %(volume)s %(unit)s."
        )
    return _("Обсяг і суму нарахував надавач послуги у своїй системі: %(volume)s %(unit)s.")


def _shared_pattern(line: LineView) -> str:
    if line.method == "building_share":
        return {
            "area_m2": _(
                "Лічильник будинку: на квартири без своїх лічильників припало %(source)s %(unit)s, ваша частка за площею "
                "%(base)s з %(total)s м² — %(volume)s %(unit)s."
            ),
            "person_days": _(
                "Лічильник будинку: на квартири без своїх лічильників припало %(source)s %(unit)s, ваша частка за людьми "
                "(люди × дні) %(base)s з %(total)s — %(volume)s %(unit)s."
            ),
        }.get(line.base_kind, _("Частка того, що показав лічильник будинку: %(volume)s %(unit)s."))
    if line.base_kind == "person_days" and line.base and line.base_total and line.base % line.base_total == 0:
        return _(
            "Лічильника немає або він не враховується, тому взято норму: %(source)s %(unit)s на людину × %(persons)s = "
            "%(volume)s %(unit)s."
        )
    return {
        "person_days": _(
            "Лічильника немає або він не враховується, тому взято норму: %(source)s %(unit)s на людину × %(base)s "
            "(люди × дні) ÷ %(total)s (днів місяця) = %(volume)s %(unit)s."
        ),
        "area_m2": _(
            "Лічильника немає або він не враховується, тому взято норму: %(source)s %(unit)s на 1 м² × %(base)s м² × "
            "%(days)s/%(total)s (днів) = %(volume)s %(unit)s."
        ),
        "households": _(
            "Лічильника немає або він не враховується, тому взято норму на оселю: %(source)s %(unit)s × %(days)s/%(total)s "
            "(днів) = %(volume)s %(unit)s."
        ),
    }.get(
        line.base_kind,
        _("Лічильника немає або він не враховується, тому взято норму споживання: %(volume)s %(unit)s."),
    )


def _total(lines: Sequence[LineView]) -> Money:
    return sum((line.amount for line in lines), ZERO)


def compare(before: Sequence[LineView], now: Sequence[LineView]) -> Change:
    """Split the difference of two months: what more or less was used costs at the old price, what the price changed on
    the new volume, and the rest (days, corrections, new parts). The three add up exactly."""
    old, new = _by_component(before), _by_component(now)
    volume = price = 0
    for component in old.keys() & new.keys():
        (volume_0, price_0), (volume_1, price_1) = old[component], new[component]
        volume += round_half_up((volume_1 - volume_0) * price_0)
        price += round_half_up(volume_1 * (price_1 - price_0))
    total = _total(now) - _total(before)
    other = total.kop - volume - price
    return Change(_total(before), total, Money(volume), Money(price), Money(other))


def _by_component(lines: Sequence[LineView]) -> dict[str, tuple[Decimal, Decimal]]:
    """{component: (volume, last unit price)} of ordinary lines; corrections, penalty and benefits count as «other»."""
    volumes: dict[str, Decimal] = defaultdict(Decimal)
    prices: dict[str, Decimal] = {}
    for line in lines:
        if line.component != "correction" and line.kind not in ("penalty", "benefit") and line.corrects_id is None:
            volumes[line.component] += line.volume
            prices[line.component] = line.unit_price
    return {component: (volumes[component], price) for component, price in prices.items()}
