"""Why this penalty: the words and the formula of a penalty line, and what the month's penalty rests on."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from domivka.billing.numbers import money_number, number
from domivka.billing.queries import LineView
from domivka.kernel.period import Period
from domivka.registry.api import ServiceView
from domivka.registry.models import Town
from domivka.tariffs import api as tariffs


def formula(line: LineView) -> tuple[Fraction, str]:
    """The sum before rounding with its words; where the cap cut it, what the cap left."""
    value = Fraction(line.volume) * Fraction(line.price)
    text = _("%(debt)s грн·днів × %(percent)s %%") % {"debt": number(line.volume), "percent": number(line.price * 100)}
    if line.base_total is None:
        return value, text
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    left = _("%(formula)s = %(exact)s грн, але до межі залишилося %(left)s грн")
    return Fraction(line.base_total), left % {
        "formula": text, "exact": money_number(exact), "left": money_number(line.base_total)
    }  # fmt: skip


def volume_words(line: LineView) -> str:
    """Whose debt counted, from which day and for how many."""
    first = line.period.first_day.replace(day=int(line.source_volume or 1))
    words = _(
        "Борг, не сплачений у строк, враховано за %(days)s (днів) місяця, починаючи з %(first)s. Найбільший борг у ці дні — "
        "%(largest)s грн. Борги всіх цих днів разом — %(debt)s грн·днів, за кожен день — %(percent)s %% боргу."
    ) % {
        "days": line.days, "first": f"{first:%d.%m.%Y}", "largest": money_number(line.base or Decimal(0)),
        "debt": number(line.volume), "percent": number(line.price * 100),
    }  # fmt: skip
    if line.base_total is not None:
        words += " " + _("Уся пеня разом не може перевищити встановлену межу від боргу, тому нараховано менше.")
    return words


def grounds(service: ServiceView, period: Period) -> str:
    """The law and the contract, and the days of the month on which no penalty grew. Four queries at most."""
    first, last = period.first_day, period.last_day
    rules = tariffs.penalty_rules(first=first, last=last, provider_service_id=service.provider_service_id)
    place = Town.objects.filter(premises__pk=service.premises_id).values_list("pk", "katottg").get()
    law = tariffs.parameter_source(code="penalty_daily_percent", town_id=place[0], on=first)
    sources = "; ".join(dict.fromkeys(filter(None, [law, *(rule.source for rule in rules)])))
    spans = [(span.first_on, span.last_on) for span in tariffs.penalty_suspensions(katottg=place[1])]
    spans += [
        (one.first_on, one.last_on)
        for one in tariffs.home_penalty_suspensions(premises_ids=[service.premises_id])
        if one.provider_id in (None, service.provider.id)
    ]
    off = ", ".join(
        _span(*span, first, last) for span in spans if span[0] <= last and (span[1] is None or span[1] >= first)
    )
    words = _("Підстава: %(sources)s.") % {"sources": sources}
    return words + " " + _("Пеню не нараховують: %(days)s.") % {"days": off} if off else words


def _span(first_on: dt.date, last_on: dt.date | None, first: dt.date, last: dt.date) -> str:
    return f"{max(first_on, first):%d.%m}–{min(last_on or last, last):%d.%m.%Y}"
