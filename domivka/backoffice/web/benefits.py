"""The provider's desk of benefits: the list, entering, ending, what they are worth."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from domivka.backoffice import accounts, benefits
from domivka.backoffice.benefit_forms import BenefitFilter, BenefitForm, EndForm
from domivka.backoffice.scope import provider_for
from domivka.backoffice.web.common import acting_role, note_account_read, page, person
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import page_number, pages
from domivka.tariffs import api as tariffs


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def benefit_list(request: HttpRequest, provider_id: int) -> HttpResponse:
    """The list with sums of a month; `?as=csv` is all that was found as a table."""
    provider = provider_for(person(request), provider_id)
    last = clock.current_period().previous
    form = BenefitFilter({"state": "current", "month": str(last), **request.GET.dict()})
    wanted, period = form.wanted(), form.period(last)
    as_table = request.GET.get("as") == "csv"
    number = page_number(request)
    rows, total = benefits.benefit_list(
        provider_id=provider.id, **wanted, today=clock.today(), page=None if as_table else number
    )
    audit.record(
        at=clock.now(), actor_id=person(request).pk, object_kind="provider", object_id=provider.id,
        action="tariffs.benefits_saved" if as_table else "tariffs.benefits_listed", town_id=provider.town_id,
        is_read=True, detail={"rows": len(rows), "role": acting_role(request)},
        premises_ids=[row.premises_id for row in rows],
    )  # fmt: skip
    if as_table:
        text = benefits.benefit_csv(provider_id=provider.id, rows=rows, period=period)
        response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="benefits-{period}.csv"'
        return response
    sums = benefits.category_sums(provider_id=provider.id, period=period)
    query = "&" + urlencode({"q": wanted["text"], "state": wanted["state"], "month": str(period)})
    context = {
        "provider": provider,
        "form": form,
        "rows": rows,
        "total": total,
        "period": period,
        "sums": sums,
        "covered": benefits.covered(sums),
        "page": pages(total, number, benefits.PAGE_SIZE),
        "query": query,
        "calculated": benefits.is_calculated(provider_id=provider.id),
        "today": clock.today(),
    }
    return page(request, "backoffice/benefits.html", context)


@require_http_methods(["GET", "POST"])
@staff(Role.PROVIDER, Role.OPERATOR)
def add_benefit(request: HttpRequest, provider_id: int, account_id: int) -> HttpResponseBase:
    """Typed, looked at once more, entered."""
    provider = provider_for(person(request), provider_id)
    account = accounts.account_page(provider_id=provider.id, account_id=account_id, today=clock.today())
    form = BenefitForm(request.POST if request.method == "POST" else None, today=clock.today())
    checked = False
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "save":
            try:
                tariffs.add_benefit(
                    provider_id=provider.id, account_id=account_id, **form.cleaned_data, user_id=person(request).pk,
                    at=clock.now(),
                )  # fmt: skip
                messages.success(request, _("Пільгу внесено. Вона врахується в найближчому нарахуванні."))
                return redirect("backoffice:account", provider.id, account_id)
            except NotFoundError:
                raise
            except DomainError as error:
                form.add_error(None, str(error))
        else:
            checked = request.POST.get("do") == "check"
    category = tariffs.benefit_categories().get(form["category"].value() or "")
    context = {
        "provider": provider,
        "account": account,
        "form": form,
        "checked": checked,
        "category": category,
        "calculated": benefits.is_calculated(provider_id=provider.id),
    }
    note_account_read(request, account, provider)
    return page(request, "backoffice/benefit_add.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff(Role.PROVIDER, Role.OPERATOR)
def end_benefit(request: HttpRequest, provider_id: int, account_id: int, benefit_id: int) -> HttpResponseBase:
    """A page that says what will happen, and the day."""
    provider = provider_for(person(request), provider_id)
    account = accounts.account_page(provider_id=provider.id, account_id=account_id, today=clock.today())
    found = tariffs.benefit_of(provider_id=provider.id, account_id=account_id, benefit_id=benefit_id)
    form = EndForm(request.POST if request.method == "POST" else None, initial={"last_day": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            tariffs.end_benefit(
                provider_id=provider.id, benefit_id=found.id, last_day=form.last(), user_id=person(request).pk,
                at=clock.now(),
            )  # fmt: skip
            messages.success(request, _("Пільгу завершено."))
            return redirect("backoffice:account", provider.id, account_id)
        except NotFoundError:
            raise
        except DomainError as error:
            form.add_error(None, str(error))
    note_account_read(request, account, provider)
    context = {"provider": provider, "account": account, "benefit": found, "form": form}
    return page(request, "backoffice/benefit_end.html", context, status=400 if form.errors else 200)


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def benefit_terms(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Categories with the per cents of the provider's services, and norms, with their sources."""
    provider = provider_for(person(request), provider_id)
    context = {
        "provider": provider,
        "terms": benefits.terms_of(provider_id=provider.id, town_id=provider.town_id, on=clock.today()),
        "today": clock.today(),
    }
    return page(request, "backoffice/benefit_terms.html", context)
