"""Views of imports. Whoever opens one sees only the imports of their own scope; others do not exist for them."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.exchange import progress, tasks
from domivka.exchange.models import ImportBatch, ImportReading
from domivka.exchange.operations import staging
from domivka.exchange.preset import RELIEF, Preset, load_preset, preset_names
from domivka.exchange.queries import (
    BatchView,
    Scope,
    as_view,
    batch_view,
    batches,
    preview,
    readings_of,
    refused_readings_csv,
    rejected_csv,
    row_view,
    rows_of,
)
from domivka.exchange.web.forms import STATES, BatchFilter, UploadForm
from domivka.identity.access import is_operator, scopes, staff
from domivka.identity.models import Role, User
from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError
from domivka.kernel.money import Money
from domivka.registry import api as registry
from domivka.registry.api import TownView

PER_PAGE: Final = 25
ROWS_PER_PAGE: Final = 50
WHAT: Final = ("problems", "differences", "readings", "all")
READING_STATES: Final = {
    ImportReading.State.READY: ("waiting", _lazy("Буде прийнято")),
    ImportReading.State.TAKEN: ("good", _lazy("Прийнято")),
    ImportReading.State.SAME: ("", _lazy("Нового немає")),
    ImportReading.State.REFUSED: ("bad", _lazy("Не прийнято")),
    ImportReading.State.UNDONE: ("", _lazy("Скасовано")),
}
TONES: Final = {"applied": "good", "failed": "bad", "checked": "waiting", "uploaded": "waiting", "undone": ""}
_staff = staff(Role.PROVIDER, Role.OPERATOR, Role.AUTHORITY)


def scope_of(user: User) -> Scope:
    """The operator sees all imports, the authority its town's, a provider its own."""
    if is_operator(user):
        return Scope(everything=True)
    return Scope(town_ids=scopes(user, Role.AUTHORITY), provider_ids=scopes(user, Role.PROVIDER))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101 - the decision lets only people in
    return request.user


def _found(request: HttpRequest, batch_id: int) -> BatchView:
    """The import; one of others and none at all are never told apart."""
    return batch_view(batch_id=batch_id, scope=scope_of(_user(request)))


def _choices(scope: Scope) -> tuple[list[TownView], list[Preset]]:
    """Towns and presets that a person may upload for: a provider only its own files."""
    towns, presets = registry.towns(), [load_preset(name) for name in preset_names()]
    if scope.everything:
        return towns, presets
    own = {town.id for town in towns if town.id in scope.town_ids}
    codes: set[str] = set()
    if scope.provider_ids:
        for town in towns:
            mine = [p.code for p in registry.providers_of(town_id=town.id) if p.id in scope.provider_ids]
            codes.update(mine)
            if mine:
                own.add(town.id)
    allowed = presets if scope.town_ids else [preset for preset in presets if preset.provider in codes]
    return [town for town in towns if town.id in own], allowed


@require_GET
@_staff
def list_page(request: HttpRequest) -> HttpResponse:
    """All imports a person may see, newest first."""
    scope = scope_of(_user(request))
    presets = [load_preset(name) for name in preset_names()]
    form = BatchFilter(request.GET, presets=presets, now=clock.current_period())
    asked = form.cleaned_data if form.is_valid() else {"state": "", "preset": "", "period": None}
    page = Paginator(batches(scope=scope, **asked), PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "batches": [_shown(as_view(row)) for row in page.object_list],
        "query": f"&{query.urlencode()}" if query else "",
        "filtered": any(asked.values()),
    }
    return render(request, "exchange/list.html", context)


def _shown(batch: BatchView) -> dict[str, Any]:
    return {"batch": batch, "state": STATES[ImportBatch.State(batch.state)], "tone": TONES[batch.state]}


@require_http_methods(["GET", "POST"])
@_staff
def new(request: HttpRequest) -> HttpResponse:
    """Send a file: it is kept, and checked in a job."""
    scope = scope_of(_user(request))
    towns, presets = _choices(scope)
    form = UploadForm(
        request.POST or None, request.FILES or None, towns=towns, presets=presets, now=clock.current_period()
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _upload(request, form, scope)
        except DomainError as error:
            form.add_error("file", str(error))
    return render(request, "exchange/new.html", {"form": form, "towns": towns, "presets": presets})


def _upload(request: HttpRequest, form: UploadForm, scope: Scope) -> HttpResponseRedirect:
    file = form.cleaned_data["file"]
    preset = load_preset(form.cleaned_data["preset"])
    town_id = form.cleaned_data["town"]
    if scope.provider_ids and not (scope.everything or town_id in scope.town_ids):
        own = {p.code for p in registry.providers_of(town_id=town_id) if p.id in scope.provider_ids}
        if preset.provider not in own:
            raise DomainError(_("Цей шаблон не для вашої компанії в цьому місті."))
    with transaction.atomic():
        uploaded = staging.upload(
            town_id=town_id,
            preset=preset.name,
            period=form.cleaned_data["period"],
            file_name=file.name,
            content=file.read(),
            user_id=_user(request).pk,
            at=clock.now(),
        )
        if uploaded.created:
            progress.waiting(uploaded.batch_id, stage=_("Файл у черзі на перевірку"))
            tasks.check_batch.defer(batch_id=uploaded.batch_id)
    if not uploaded.created:
        messages.info(request, _("Цей файл уже надсилали за цей місяць. Ось він."))
    return redirect("exchange:batch", batch_id=uploaded.batch_id)


@require_GET
@_staff
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """One import: how far it is, what it brings, what is wrong, what can be done."""
    found = _found(request, batch_id)
    what = request.GET.get("rows", "problems")
    what = what if what in WHAT else "problems"
    wanted: QuerySet[Any] = (
        readings_of(batch_id=batch_id) if what == "readings" else rows_of(batch_id=batch_id, what=what)
    )
    page = Paginator(wanted, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    _note_read(request, found, {row.premises_id for row in page.object_list if row.premises_id is not None})
    context = {
        **_shown(found),
        "services": _services(found),
        "has_relief": any(Money.from_hryvnias(found.totals.get("totals", {}).get(name, "0")) for name in RELIEF),
        "tabs": _tabs(found),
        "what": what,
        "page": page,
        "rows": [(_reading if what == "readings" else row_view)(row) for row in page.object_list],
        "query": f"&rows={what}",
    }
    return render(request, "exchange/batch.html", context)


def _note_read(request: HttpRequest, found: BatchView, premises_ids: set[int]) -> None:
    """Audit that somebody looked at rows of accounts we know: one entry for all of them."""
    user = _user(request)
    role = Role.OPERATOR if is_operator(user) else Role.PROVIDER if scopes(user, Role.PROVIDER) else Role.AUTHORITY
    if premises_ids:
        audit.record(
            at=clock.now(), actor_id=user.pk, action="exchange.rows_read", object_kind="import", object_id=found.id,
            town_id=found.town_id, is_read=True, detail={"provider": found.provider_id, "role": str(role)},
            premises_ids=premises_ids,
        )  # fmt: skip


def _services(found: BatchView) -> list[dict[str, Any]]:
    supplies = registry.supplies_of(provider_id=found.provider_id) if found.provider_id else []
    names = {supply.service_code: supply.name for supply in supplies}
    return [{"name": names.get(totals.code, totals.code), "totals": totals} for totals in preview(batch=found)]


def _reading(row: ImportReading) -> dict[str, Any]:
    tone, state = READING_STATES[ImportReading.State(row.state)]
    return {"reading": row, "tone": tone, "state": state}


def _tabs(found: BatchView) -> list[dict[str, str]]:
    words = {
        "problems": _("Із зауваженнями"),
        "differences": _("З розбіжностями"),
        "readings": _("Показання"),
        "all": _("Усі"),
    }
    return [{"what": what, "label": words[what]} for what in WHAT if what != "readings" or "readings" in found.totals]


@require_GET
@_staff
def live(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The progress alone, for htmx; when the job is over, the page is asked to load again."""
    found = _found(request, batch_id)
    response = render(request, "exchange/progress.html", _shown(found))
    if found.progress is None or not found.progress.is_running:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@_staff
def act(request: HttpRequest, batch_id: int, action: str) -> HttpResponse:
    """Put check, apply or undo in the queue, or stop what is on its way."""
    found = _found(request, batch_id)
    if action == "stop":
        progress.ask_to_stop(found.id)
        return redirect("exchange:batch", batch_id=found.id)
    stages = {
        "check": _("Файл у черзі на перевірку"),
        "apply": _("Файл у черзі на застосування"),
        "undo": _("Скасування в черзі"),
    }
    with transaction.atomic():
        progress.waiting(found.id, stage=stages[action])
        if action == "check":
            tasks.check_batch.defer(batch_id=found.id)
        elif action == "apply":
            tasks.apply_batch.defer(batch_id=found.id, user_id=_user(request).pk)
        else:
            tasks.undo_batch.defer(batch_id=found.id, user_id=_user(request).pk)
    return redirect("exchange:batch", batch_id=found.id)


@require_GET
@_staff
def problems(request: HttpRequest, batch_id: int) -> StreamingHttpResponse:
    """Rejected and unknown rows with their reasons, as CSV."""
    found = _found(request, batch_id)
    response = StreamingHttpResponse(rejected_csv(batch_id=found.id), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{found.id}-problems.csv"'
    return response


@require_GET
@_staff
def refused_readings(request: HttpRequest, batch_id: int) -> StreamingHttpResponse:
    """Readings of a register that were not taken, with their reasons, as CSV."""
    found = _found(request, batch_id)
    refused = readings_of(batch_id=batch_id).filter(state=ImportReading.State.REFUSED, premises_id__isnull=False)
    premises = refused.order_by().values_list("premises_id", flat=True).distinct()
    _note_read(request, found, {one for one in premises if one is not None})
    response = StreamingHttpResponse(refused_readings_csv(batch_id=found.id), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{found.id}-readings.csv"'
    return response
