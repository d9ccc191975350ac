"""The operator's page of issuing bills."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from domivka.backoffice import issuing
from domivka.backoffice.forms import BillsForm
from domivka.backoffice.web.common import page, person
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.kernel.period import Period
from domivka.registry import api as registry
from domivka.statements import api as statements


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def bill_list(request: HttpRequest) -> HttpResponseBase:
    """The months with their progress; posting a month issues its bills."""
    form = BillsForm(
        request.POST or None, towns=registry.towns(), initial={"period": str(clock.current_period().previous)}
    )
    if request.method == "POST" and form.is_valid():
        try:
            issuing.start(**form.wanted(), user_id=person(request).pk, at=clock.now())
        except DomainError as error:
            form.add_error("period", str(error))
        else:
            messages.success(request, _("Видачу рахунків розпочато."))
            return redirect("backoffice:bills")
    months = issuing.recent(now=clock.now())
    context = {"form": form, "months": months, "is_active": any(month.is_active for month in months)}
    return page(request, "backoffice/bills.html", context, status=400 if form.errors else 200)


@require_POST
@staff(Role.OPERATOR)
def cancel_bills(request: HttpRequest, town_id: int, period: int) -> HttpResponseBase:
    statements.cancel_issuing(town_id=town_id, period=Period(period), user_id=person(request).pk, at=clock.now())
    messages.info(request, _("Видача зупиниться після розпочатої частини. Видані рахунки залишаться."))
    return redirect("backoffice:bills")
