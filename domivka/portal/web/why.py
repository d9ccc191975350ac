"""«Чому така сума», and the charge for readings typed now."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.billing import api as billing
from domivka.homes.api import HomeView, Right
from domivka.homes.door import home_page, person_id
from domivka.kernel import clock
from domivka.kernel.period import Period
from domivka.portal import readings
from domivka.portal.accounts import account_of
from domivka.portal.bills import total
from domivka.registry import api as registry

A_MINUTE: Final = 60
ASKS_A_MINUTE: Final = 60
"""How many what-if charges a person may ask for in a minute: far above typing, far below harm."""


@require_GET
@home_page(Right.SEE)
def why(request: HttpRequest, home: HomeView, *, account_service_id: int, period: Period) -> HttpResponse:
    service = account_of(home=home, account_service_id=account_service_id)
    context = {
        "home": home,
        "why": billing.explain(account_service_id=account_service_id, period=period),
        "earlier": period.previous if service.opened_on < period.first_day else None,
        "later": period.next if period < clock.current_period() else None,
        "premises": registry.premises_views(premises_ids=[home.premises_id], on=period.last_day)[home.premises_id],
    }
    in_place = bool(request.headers.get("HX-Request"))
    return render(request, "portal/why_body.html" if in_place else "portal/why.html", context)


@require_POST
@home_page(Right.READINGS)
def what_if(request: HttpRequest, home: HomeView) -> HttpResponse:
    """The charge that the typed readings would make, for the service of the field named `name`."""
    if not _may_ask(person_id(request)):
        return HttpResponse(_("Забагато запитів. Зачекайте хвилину."), status=429)
    meters = readings.with_typed(readings.meters_of_home(home=home, today=clock.today()), request.POST.dict())
    asked = next((one for one in meters.inputs if one.name == request.POST.get("name")), None)
    if asked is None or asked.value is None or asked.error:
        return HttpResponse("")
    typed = {(one.meter.id, one.register.zone): one.value for one in meters.inputs if one.value is not None}
    lines = billing.what_if(premises_id=home.premises_id, period=asked.meter.period, readings=typed)
    own = [line for line in lines if line.account_service_id == asked.meter.account_service_id]
    context = {
        "lines": own,
        "sum": total(line.amount for line in own),
        "period": asked.meter.period,
        "relieved": any(line.kind == "benefit" for line in own),
    }
    return render(request, "portal/what_if.html", context)


def _may_ask(user_id: int) -> bool:
    key = f"portal:what-if:{user_id}:{int(clock.now().timestamp()) // A_MINUTE}"
    cache.add(key, 0, A_MINUTE * 2)
    return cache.incr(key) <= ASKS_A_MINUTE
