"""The operator's pages: the month's run, the proof of the ledger, the audit trail."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.backoffice import audit, jobs, runs
from domivka.backoffice.forms import PeriodForm
from domivka.backoffice.web.common import page, person
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import clock
from domivka.kernel.audit import record
from domivka.kernel.errors import DomainError
from domivka.kernel.listing import page_number, pages
from domivka.registry import api as registry

AUDIT_PAGE = 100


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def run_list(request: HttpRequest) -> HttpResponseBase:
    form = PeriodForm(request.POST or None, initial={"period": str(clock.current_period().previous)})
    if request.method == "POST" and form.is_valid():
        try:
            for town in registry.towns():
                runs.start(
                    town_id=town.id, period=form.cleaned_data["period"], user_id=person(request).pk, at=clock.now()
                )
        except DomainError as error:
            form.add_error("period", str(error))
        else:
            messages.success(request, _("Нарахування розпочато."))
            return redirect("backoffice:runs")
    context = {"form": form, "runs": runs.recent()}
    return page(request, "backoffice/runs.html", context, status=400 if form.errors else 200)


@require_GET
@staff(Role.OPERATOR)
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    return page(request, "backoffice/run.html", {"run": runs.one(run_id)})


@require_POST
@staff(Role.OPERATOR)
def cancel_run(request: HttpRequest, run_id: int) -> HttpResponseBase:
    runs.cancel(run_id=run_id, user_id=person(request).pk, at=clock.now())
    messages.info(request, _("Нарахування зупиниться після розпочатої частини. Нараховане залишиться."))
    return redirect("backoffice:run", run_id)


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def ledger(request: HttpRequest) -> HttpResponseBase:
    if request.method == "POST":
        jobs.start_verification(user_id=person(request).pk, at=clock.now())
        return redirect("backoffice:ledger")
    job = jobs.verification()
    findings = job.message.splitlines() if job else []
    return page(request, "backoffice/ledger.html", {"job": job, "findings": findings})


@require_GET
@staff(Role.OPERATOR)
def audit_log(request: HttpRequest) -> HttpResponse:
    """The trail; that somebody looked at one person's is in it too."""
    who, action = request.GET.get("person", "").strip()[:80], request.GET.get("action", "")[:80]
    entry = request.GET.get("entry", "").strip()[:18]
    number = page_number(request)
    start = (number - 1) * AUDIT_PAGE
    actor_id = audit.person_named(who)
    if actor_id is not None and actor_id > 0:
        record(
            at=clock.now(), actor_id=person(request).pk, action="audit.read", object_kind="user", object_id=actor_id,
            is_read=True, person_ids=[actor_id],
        )  # fmt: skip
    found = audit.entries(
        actor_id=actor_id,
        action=action,
        number=int(entry) if entry.isascii() and entry.isdigit() else None,
        limit=AUDIT_PAGE + 1,
        offset=start,
    )
    context = {
        "entries": found[:AUDIT_PAGE],
        "page": pages(start + len(found), number, AUDIT_PAGE),
        "who": who,
        "action": action,
        "entry": entry,
        "actions": sorted(audit.ACTIONS.items(), key=lambda pair: str(pair[1])),
        "query": "&" + urlencode({"person": who, "action": action, "entry": entry}),
    }
    return page(request, "backoffice/audit.html", context)
