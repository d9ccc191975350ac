"""Penalty at the provider's desk: its rules, what was charged by month, suspensions of a home."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from domivka.backoffice import accounts, penalty
from domivka.backoffice.scope import ProviderScope, provider_for
from domivka.backoffice.web.common import acting_role, note_account_read, page, person
from domivka.identity.access import is_operator, staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import page_number, pages
from domivka.kernel.period import Period
from domivka.tariffs import api as tariffs

_DAY = {"type": "date", "autocomplete": "off"}


def _day(label: Any, *, required: bool = True, hint: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=required, help_text=hint, widget=forms.DateInput(format="%Y-%m-%d", attrs=_DAY)
    )


class RuleForm(forms.Form):
    """From when a service charges penalty, and why it may."""

    service = forms.TypedChoiceField(label=gettext_lazy("Послуга"), coerce=int)
    valid_from = _day(gettext_lazy("Починаючи з"))
    source = forms.CharField(
        label=gettext_lazy("Підстава"),
        max_length=200,
        help_text=gettext_lazy("Договір чи рішення, наприклад «публічний договір, п. 34». Її побачать мешканці."),
    )
    confirmed = forms.BooleanField(
        label=gettext_lazy("Підтверджую: пеню буде нараховано всім, хто винен за цією послугою після строку оплати")
    )

    def __init__(self, *args: Any, services: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = services  # type: ignore[attr-defined]  # a choice field


class EndForm(forms.Form):
    """The last day of a rule."""

    rule = forms.TypedChoiceField(label=gettext_lazy("Правило"), coerce=int)
    last_on = _day(
        gettext_lazy("Останній день"), hint=gettext_lazy("День перед початком скасовує правило, ніби його не було.")
    )
    confirmed = forms.BooleanField(label=gettext_lazy("Підтверджую: після цього дня пеня за послугою не зростатиме"))

    def __init__(self, *args: Any, rules: Sequence[tariffs.PenaltyRuleView], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = [  # type: ignore[attr-defined]  # a choice field
            (rule.id, f"{rule.service_name}, {rule.valid_from:%d.%m.%Y}") for rule in rules
        ]


class SuspensionForm(forms.Form):
    """Days on which a home's penalty does not grow."""

    first_on = _day(gettext_lazy("Перший день"))
    last_on = _day(gettext_lazy("Останній день"), required=False, hint=gettext_lazy("Порожньо, якщо ще невідомо."))
    reason = forms.ChoiceField(label=gettext_lazy("Підстава"), choices=tariffs.SuspensionReason.choices)
    document = forms.CharField(
        label=gettext_lazy("Документ"), max_length=200, help_text=gettext_lazy("Назва, номер і дата, без імен.")
    )


@require_http_methods(["GET", "POST"])
@staff(Role.PROVIDER, Role.OPERATOR)
def provider_penalty(request: HttpRequest, provider_id: int) -> HttpResponse:
    """Rules and months; `do=set` begins a rule, `do=end` ends one."""
    provider = provider_for(person(request), provider_id)
    services = penalty.calculated_services(provider_id=provider.id)
    rules = tariffs.provider_penalty_rules(provider_id=provider.id)
    open_rules = [rule for rule in rules if rule.valid_to is None]
    do = request.POST.get("do")
    given = request.POST if request.method == "POST" else None
    month = clock.current_period()
    beginning = RuleForm(
        given if do == "set" else None, services=services, prefix="set", initial={"valid_from": month.next.first_day}
    )
    ending = EndForm(given if do == "end" else None, rules=open_rules, prefix="end")
    asked: forms.Form = ending if do == "end" else beginning
    if given is not None and asked.is_valid():
        try:
            _follow(provider, asked, user_id=person(request).pk)
        except NotFoundError:
            raise
        except DomainError as error:
            asked.add_error(None, str(error))
        else:
            messages.success(request, _("Збережено. Нараховані місяці зміняться після наступного нарахування."))
            return redirect("backoffice:penalty", provider.id)
    context = {
        "provider": provider, "rules": rules, "services": services, "open_rules": open_rules, "beginning": beginning,
        "ending": ending, "months": penalty.months(provider_id=provider.id, last=month), "today": clock.today(),
        "terms": tariffs.penalty_terms(town_id=provider.town_id, on=clock.today()),
    }  # fmt: skip
    return page(request, "backoffice/penalty.html", context, status=400 if asked.errors else 200)


def _follow(provider: ProviderScope, form: forms.Form, *, user_id: int) -> None:
    wanted, at = form.cleaned_data, clock.now()
    if isinstance(form, EndForm):
        tariffs.end_penalty_rule(
            provider_id=provider.id, rule_id=wanted["rule"], last_on=wanted["last_on"], user_id=user_id, at=at
        )
        return
    tariffs.set_penalty_rule(
        provider_id=provider.id, provider_service_id=wanted["service"], valid_from=wanted["valid_from"],
        source=wanted["source"], user_id=user_id, at=at,
    )  # fmt: skip


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def penalty_month(request: HttpRequest, provider_id: int, period: int) -> HttpResponse:
    """Accounts with penalty in a month."""
    provider = provider_for(person(request), provider_id)
    try:
        month = Period(period)
    except ValueError as error:
        raise NotFoundError("Такого місяця немає.") from error
    number = page_number(request)
    found = penalty.accounts_of_month(provider_id=provider.id, period=month, page=number)
    audit.record(
        at=clock.now(), actor_id=person(request).pk, action="penalty.listed", object_kind="provider",
        object_id=provider.id, town_id=provider.town_id, is_read=True,
        detail={"rows": len(found.rows), "page": number, "month": str(month), "role": acting_role(request)},
        premises_ids=[row.premises_id for row in found.rows],
    )  # fmt: skip
    context = {
        "provider": provider,
        "found": found,
        "period": month,
        "page": pages(found.total, number, penalty.PAGE_SIZE),
    }
    return page(request, "backoffice/penalty_month.html", context)


@require_http_methods(["GET", "POST"])
@staff(Role.PROVIDER, Role.OPERATOR)
def home_penalty(request: HttpRequest, provider_id: int, account_id: int) -> HttpResponse:
    """Suspensions of an account's home: the provider's own and those of everybody. `do=add`; `do=end` with `entry` and
    `last_on`; `do=withdraw` with `entry`. The operator adds for all providers at once."""
    provider = provider_for(person(request), provider_id)
    found = accounts.account_page(provider_id=provider.id, account_id=account_id, today=clock.today())
    user, at = person(request), clock.now()
    whose = None if is_operator(user) else provider.id
    adding = request.method == "POST" and request.POST.get("do") == "add"
    form = SuspensionForm(request.POST if adding else None, initial={"first_on": clock.today()})
    if request.method == "POST" and (not adding or form.is_valid()):
        try:
            if adding:
                tariffs.suspend_home(
                    premises_id=found.premises_id, provider_id=whose, **form.cleaned_data, user_id=user.pk, at=at
                )
            else:
                _end(request, found.premises_id, whose, user_id=user.pk, at=at)
        except NotFoundError:
            raise
        except DomainError as error:
            form.add_error(None, str(error)) if adding else messages.error(request, str(error))
        else:
            messages.success(request, _("Збережено. Нараховані місяці зміняться після наступного нарахування."))
        if not form.errors:
            return redirect("backoffice:home_penalty", provider.id, account_id)
    note_account_read(request, found, provider, action="penalty.home_read")
    known = tariffs.home_penalty_suspensions(premises_ids=[found.premises_id])
    shown = [one for one in known if whose is None or one.provider_id in (None, provider.id)]
    context = {
        "provider": provider, "account": found, "suspensions": shown, "form": form, "today": clock.today(),
        "whose": whose, "everywhere": whose is None,
    }  # fmt: skip
    return page(request, "backoffice/home_penalty.html", context, status=400 if form.errors else 200)


def _end(request: HttpRequest, premises_id: int, whose: int | None, *, user_id: int, at: dt.datetime) -> None:
    """End or take back the entry of the form. Raises `DomainError`."""
    entry = request.POST.get("entry", "")
    known = {one.id: one for one in tariffs.home_penalty_suspensions(premises_ids=[premises_id])}
    found = known.get(int(entry)) if entry.isascii() and entry.isdigit() and len(entry) < 19 else None
    if found is None:
        raise NotFoundError(_("Такого запису немає."))
    if request.POST.get("do") == "withdraw":
        last_on = found.first_on - dt.timedelta(days=1)
    else:
        try:
            last_on = dt.date.fromisoformat(request.POST.get("last_on", ""))
        except ValueError as error:
            raise tariffs.PenaltyError(_("Вкажіть останній день.")) from error
        if last_on < found.first_on:
            raise tariffs.PenaltyError(_("Останній день не може бути раніше за перший."))
    tariffs.end_home_suspension(
        suspension_id=found.id, premises_id=premises_id, provider_id=whose, last_on=last_on, user_id=user_id, at=at
    )
