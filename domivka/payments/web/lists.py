"""«Мої платежі» and «Довідка про платежі»."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page, person_id
from domivka.kernel import clock
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.templatetags.domivka import month as month_words
from domivka.payments import api
from domivka.payments.queries.history import providers_of

_YEARS: Final = 5
_PAGE: Final = 12


class PaymentsFilter(forms.Form):
    """Provider, year and month of «Мої платежі»; all of them may be left open."""

    provider = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    year = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    month = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)

    def __init__(self, data: Mapping[str, Any] | None, *, providers: list[tuple[int, str]], now: Period) -> None:
        super().__init__(data)
        self._now = now
        names = [month_words(Period(2000 * 100 + number)).split()[0] for number in range(1, 13)]
        for name, label, choices in (
            ("provider", _("Компанія"), [("", _("усі")), *providers]),
            ("year", _("Рік"), [("", _("усі")), *((y, str(y)) for y in range(now.year, now.year - _YEARS, -1))]),
            ("month", _("Місяць"), [("", _("усі")), *enumerate(names, start=1)]),
        ):
            self.fields[name].label = label
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # all three are choice fields

    def span(self) -> tuple[Period, Period]:
        """The months asked for; a month without a year means this year's."""
        year, month = self.cleaned_data.get("year"), self.cleaned_data.get("month")
        if month:
            one = Period((year or self._now.year) * 100 + month)
            return one, one
        if year:
            return Period(year * 100 + 1), Period(year * 100 + 12)
        return everything(self._now)


def everything(now: Period) -> tuple[Period, Period]:
    """The years that the filters offer, and what is dated ahead."""
    return Period((now.year - _YEARS) * 100 + 1), now.next


@require_GET
@home_page(Right.SEE)
def payments(request: HttpRequest, home: HomeView) -> HttpResponse:
    """«Мої платежі»: what waits for the bank, then every payment that came, newest first."""
    providers = providers_of(premises_id=home.premises_id)
    form = PaymentsFilter(request.GET or None, providers=providers, now=clock.current_period())
    asked = form.is_bound and form.is_valid()
    first, last = form.span() if asked else everything(clock.current_period())
    found = api.payments_of(
        premises_ids=[home.premises_id],
        first=first,
        last=last,
        provider_id=form.cleaned_data["provider"] if asked else None,
    )
    page = Paginator(api.grouped(found), _PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "home": home,
        "form": form,
        "page": page,
        "query": f"&{query.urlencode()}" if query else "",
        "waiting": api.waiting_intents(user_id=person_id(request), premises_id=home.premises_id, at=clock.now()),
        "filtered": asked,
    }
    return render(request, "payments/payments.html", context)


class CertificateForm(forms.Form):
    """Provider and span of «Довідка про платежі»."""

    provider = forms.TypedChoiceField(coerce=int, empty_value=None, required=False)
    first = forms.TypedChoiceField(coerce=Period.parse)
    last = forms.TypedChoiceField(coerce=Period.parse)

    def __init__(self, data: Mapping[str, Any] | None, *, providers: list[tuple[int, str]], now: Period) -> None:
        super().__init__(data, initial={"first": str(now.shift(-11)), "last": str(now)})
        months = [(str(now.shift(-back)), month_words(now.shift(-back))) for back in range(12 * _YEARS)]
        for name, label, choices in (
            ("provider", _("Компанія"), [("", _("усі")), *providers]),
            ("first", _("З місяця"), months),
            ("last", _("По місяць"), months),
        ):
            self.fields[name].label = label
            self.fields[name].choices = choices  # type: ignore[attr-defined]  # all three are choice fields


@require_GET
@home_page(Right.OWN)
def certificate(request: HttpRequest, home: HomeView) -> HttpResponse:
    """«Довідка про платежі»: date, months, sum, way and purpose for a span, with the total."""
    now = clock.current_period()
    asked = {"first": str(now.shift(-11)), "last": str(now), **request.GET.dict()}
    form = CertificateForm(asked, providers=providers_of(premises_id=home.premises_id), now=now)
    found = []
    if form.is_valid():
        first, last = sorted((form.cleaned_data["first"], form.cleaned_data["last"]))
        found = api.payments_of(
            premises_ids=[home.premises_id], first=first, last=last, provider_id=form.cleaned_data["provider"]
        )
    context = {
        "home": home,
        "form": form,
        "payments": found,
        "total": Money(sum(line.amount.kop for line in found)),
        "query": f"?{request.GET.urlencode()}" if request.GET else "",
    }
    return render(request, "payments/certificate.html", context)
