"""The public tariff page: who charges what, by which decision, what the price consists of, how it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from django.utils.translation import gettext as _

from domivka.kernel.templatetags.domivka import volume
from domivka.portal.figures import Column, Figure, Legend, Table
from domivka.portal.rules import charts
from domivka.portal.rules.numbers import price_text
from domivka.tariffs.api import PlanView, RateView, VersionView


@dataclass(frozen=True, slots=True)
class PriceLine:
    """A price of a version in words: «День», «понад 100 кВт·год»."""

    words: str
    price: str


@dataclass(frozen=True, slots=True)
class PlanCard:
    """A plan on the list: the version in force today."""

    plan: PlanView
    version: VersionView | None
    prices: tuple[PriceLine, ...]


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    name: str
    plans: tuple[PlanCard, ...]


def components() -> dict[str, str]:
    return {
        "single": "",
        "day": _("День"),
        "night": _("Ніч"),
        "peak": _("Пік"),
        "half_peak": _("Напівпік"),
        "variable": _("За спожите тепло"),
        "constant": _("Умовно-постійна частина"),
        "subscription": _("Абонентська плата"),
    }


def price_lines(version: VersionView, unit: str) -> tuple[PriceLine, ...]:
    """Prices of a version in hryvnias a unit, in words."""
    return tuple(PriceLine(_words(rate, unit), price_text(rate.effective)) for rate in version.rates)


def _words(rate: RateView, unit: str) -> str:
    if rate.component == "block":
        if not rate.from_volume:
            return _("перший обсяг")
        return _("понад %(volume)s %(unit)s") % {"volume": volume(rate.from_volume), "unit": unit}
    return components().get(rate.component, rate.component)


def groups(plans: Sequence[PlanView], *, today: dt.date) -> Iterator[ServiceGroup]:
    """Plans by service, in the order of the bill."""
    for name, found in groupby(plans, key=lambda plan: plan.service_name):
        yield ServiceGroup(name, tuple(_card(plan, today) for plan in found))


def _card(plan: PlanView, today: dt.date) -> PlanCard:
    version = plan.version_on(today)
    return PlanCard(plan, version, price_lines(version, plan.unit) if version else ())


def share_figure(version: VersionView, *, unit: str) -> Figure | None:
    """What the price consists of, as a ring (features.md C9)."""
    if not version.shares:
        return None
    slices = charts.ring([(f"{share.name}: {volume(share.percent)} %", share.percent) for share in version.shares])
    rows = tuple((share.name, volume(share.percent)) for share in version.shares)
    return Figure(
        id=f"shares_{version.id}",
        caption=_("З чого складається ціна"),
        summary="; ".join(f"{name} {percent} %" for name, percent in rows),
        legend=tuple(
            Legend(f"{name} –\u00a0{percent}\u00a0%", index % 6 + 1) for index, (name, percent) in enumerate(rows)
        ),
        table=Table((Column(_("Складова"), numeric=False), Column("%")), rows),
        slices=slices,
        centre=price_text(version.rates[0].effective) if version.rates else "",
        unit=_("грн за %(unit)s") % {"unit": unit},
    )


def price_figure(plan: PlanView, *, today: dt.date) -> Figure | None:
    """How the first price of the plan changed, as steps."""
    versions = [version for version in reversed(plan.versions) if version.rates and version.valid_from <= today]
    if len(versions) < 2:
        return None
    first, last = versions[0].valid_from, max(today, versions[-1].valid_from + dt.timedelta(days=1))
    values = [version.rates[0].effective for version in versions]
    span = Decimal((last - first).days)
    positions = [Decimal((version.valid_from - first).days) / span for version in versions]
    labels = [version.valid_from.strftime("%m.%Y") for version in versions]
    rows = tuple(
        (version.valid_from.strftime("%d.%m.%Y"), price_text(value))
        for version, value in zip(versions, values, strict=True)
    )
    unit = _("грн за %(unit)s") % {"unit": plan.unit}
    return Figure(
        id=f"prices_{plan.id}",
        caption=_("Як змінювалася ціна"),
        summary=_("Ціна була %(first)s, тепер %(last)s %(unit)s.")
        % {"first": price_text(values[0]), "last": price_text(values[-1]), "unit": unit},
        legend=(),
        table=Table((Column(_("Діє з"), numeric=False), Column(_("Ціна, %(unit)s") % {"unit": unit})), rows),
        narrow=charts.steps(labels, values, positions, size=charts.NARROW),
        wide=charts.steps(labels, values, positions, size=charts.WIDE),
        unit=unit,
    )
