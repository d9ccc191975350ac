"""From the payment screen to the bank and back."""

from __future__ import annotations

import datetime as dt
import functools
import uuid
from dataclasses import dataclass
from typing import Any, Final, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.homes.api import HomeView
from domivka.homes.door import homes_open_to, may_pay_for, person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.payments import api
from domivka.payments.gateways import registry
from domivka.payments.rules.states import WAITING, State
from domivka.payments.types import IntentView

RECEIPT_AWAITED: Final = dt.timedelta(minutes=5)
"""After it the page stops asking: the letter comes when the job's queue gets to it."""


class _PaymentPage(Protocol):
    def __call__(self, request: HttpRequest, intent: IntentView, /) -> HttpResponseBase: ...


def payment_page(view: _PaymentPage) -> Any:
    """A page of one payment of the person; anyone else's is 404."""

    @signed_in
    @functools.wraps(view)
    def opened(request: HttpRequest, intent_id: uuid.UUID) -> HttpResponseBase:
        return view(request, api.intent_view(user_id=person_id(request), intent_id=intent_id))

    return opened


def paying_page(view: _PaymentPage) -> Any:
    """A page that leads to paying, for whoever still may pay for the home: access that the owner took back, or a home
    that is not the person's any more, is 404. What was paid stays to be seen."""

    @functools.wraps(view)
    def opened(request: HttpRequest, intent: IntentView, /) -> HttpResponseBase:
        if not may_pay_for(request, premises_id=intent.premises_id):
            raise NotFoundError(_("Оплачувати цю оселю ви вже не можете."))
        return view(request, intent)

    return payment_page(opened)


def _home_of(request: HttpRequest, intent: IntentView) -> HomeView | None:
    """The home that a payment is for, while the person still sees it."""
    found = (home for home in homes_open_to(request) if home.premises_id == intent.premises_id)
    return next((home for home in found if home.is_open), None)


def _to_status(intent: IntentView) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("payments:status", args=[intent.id]))


@require_GET
@paying_page
def review(request: HttpRequest, intent: IntentView) -> HttpResponse:
    """«Сплати за послуги»: recipients, commissions, the way of paying, the button."""
    if intent.state != State.CREATED:
        return _to_status(intent)
    context = {
        "intent": intent,
        "home": _home_of(request, intent),
        "methods": api.payment_methods(premises_id=intent.premises_id),
    }
    response = render(request, "payments/review.html", context)
    # The form posts to us and we redirect to the bank: browsers hold redirects to form-action too.
    response.form_action = [port.form_action for port in registry.gateways().values()]  # type: ignore[attr-defined]  # read by config.csp
    return response


@require_POST
@paying_page
def choose(request: HttpRequest, intent: IntentView) -> HttpResponse:
    """Another way of paying, with its commission."""
    try:
        api.choose_method(
            user_id=person_id(request), intent_id=intent.id, method=request.POST.get("method", ""), at=clock.now()
        )
    except DomainError as error:
        messages.error(request, str(error))
    return HttpResponseRedirect(reverse("payments:review", args=[intent.id]))


@require_POST
@paying_page
def start(request: HttpRequest, intent: IntentView) -> HttpResponse:
    """To the gateway: by redirect, or by a form that the browser posts there."""
    try:
        step = api.start(user_id=person_id(request), intent_id=intent.id, at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return _to_status(intent)
    if not step.is_form:
        return HttpResponseRedirect(step.url)
    response = render(request, "payments/handover.html", {"intent": intent, "step": step})
    response.form_action = [port.form_action for port in registry.gateways().values()]  # type: ignore[attr-defined]  # read by config.csp
    return response


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A step of the timeline component."""

    label: str
    state: str  # done, now, failed, next
    at: dt.datetime | None = None
    note: str = ""


def timeline(intent: IntentView) -> list[TimelineStep]:
    """The life of a payment in words."""
    started, paid = intent.state != State.CREATED, intent.state == State.PAID
    steps = [TimelineStep(_("Платіж складено"), "done", intent.created_at)]
    if not started and not intent.gateway:
        return [*steps, TimelineStep(_("Оплату ще не розпочато"), "now")]
    if intent.state in (State.FAILED, State.EXPIRED):
        words = _("Банк не підтвердив оплату") if intent.state == State.FAILED else _("Час на оплату вийшов")
        return [*steps, TimelineStep(words, "failed")]
    steps.append(
        TimelineStep(_("Банк підтвердив оплату"), "done", intent.confirmed_at)
        if intent.confirmed_at
        else TimelineStep(_("Чекаємо на підтвердження банку"), "now")
    )
    if intent.state == State.REVERSED:
        return [*steps, TimelineStep(_("Гроші повернено на картку"), "failed")]
    steps.append(TimelineStep(_("Гроші розподілено між отримувачами"), "done" if paid else "next", intent.confirmed_at))
    if intent.receipt_sent_at:
        return [*steps, TimelineStep(_("Квитанція готова"), "done", intent.receipt_sent_at)]
    return [*steps, TimelineStep(_("Готуємо квитанцію"), "now" if paid else "next")]


def _receipt_is_coming(intent: IntentView) -> bool:
    """Paid a moment ago, and the receipt's job has not sent it yet."""
    if intent.state != State.PAID or intent.receipt_sent_at or intent.confirmed_at is None:
        return False
    return clock.now() - intent.confirmed_at < RECEIPT_AWAITED


def _status_context(request: HttpRequest, intent: IntentView) -> dict[str, object]:
    return {
        "intent": intent,
        "home": _home_of(request, intent),
        "steps": timeline(intent),
        "changing": intent.state in WAITING or _receipt_is_coming(intent),
        "may_retry": intent.state in (State.FAILED, State.EXPIRED)
        and may_pay_for(request, premises_id=intent.premises_id),
    }


@require_GET
@payment_page
def status(request: HttpRequest, intent: IntentView) -> HttpResponse:
    """Where the bank sends the browser back to. It proves nothing: the page only shows what the bank told us."""
    if intent.state == State.CREATED:
        return HttpResponseRedirect(reverse("payments:review", args=[intent.id]))
    response = render(request, "payments/status.html", _status_context(request, intent))
    response.form_action = [port.form_action for port in registry.gateways().values()]  # type: ignore[attr-defined]  # read by config.csp
    return response


@require_GET
@payment_page
def live(request: HttpRequest, intent: IntentView) -> HttpResponse:
    """The changing part of the status page, asked for every two seconds until the receipt."""
    return render(request, "payments/status_body.html", _status_context(request, intent))


@require_POST
@paying_page
def again(request: HttpRequest, intent: IntentView) -> HttpResponse:
    """The same basket once more after a refusal; pressing twice gives one new payment."""
    try:
        found = api.create_intent(
            user_id=person_id(request),
            premises_id=intent.premises_id,
            amounts={line.account_service_id: line.amount.kop for line in intent.lines},
            token=f"again-{intent.id.hex}",
            method=intent.method,
            at=clock.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return _to_status(intent)
    return HttpResponseRedirect(reverse("payments:review", args=[found]))
