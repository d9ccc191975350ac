"""The operator's pages of paper bills: print runs, delivery routes, a town's design."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.backoffice import prints, scope
from domivka.backoffice.forms import DesignForm, PrintForm, ReprintForm, RouteForm, StreetForm
from domivka.backoffice.web.common import page, person
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError
from domivka.kernel.listing import page_number, pages
from domivka.registry import api as registry
from domivka.statements import api as statements

PER_PAGE: Final = 30
FILES_PER_PAGE: Final = 100


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def print_list(request: HttpRequest) -> HttpResponseBase:
    towns = registry.towns()
    form = PrintForm(
        request.POST or None,
        towns=towns,
        initial={"period": str(clock.current_period().previous), "address_side": True},
    )
    if request.method == "POST" and form.is_valid():
        try:
            run_id = prints.start(**form.wanted(), user_id=person(request).pk, at=clock.now())
        except DomainError as error:
            form.add_error("period", str(error))
        else:
            return redirect("backoffice:print", run_id)
    shown = pages(prints.count(), page_number(request), PER_PAGE)
    runs = prints.recent(now=clock.now(), start=shown.start_index() - 1 if shown else 0, limit=PER_PAGE)
    context = {"form": form, "runs": runs, "page": shown, "towns": towns}
    return page(request, "backoffice/prints.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def print_run(request: HttpRequest, run_id: int) -> HttpResponseBase:
    """The run with its report and files; posting a range prints it again."""
    run = prints.one(run_id=run_id, now=clock.now())
    form = ReprintForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = prints.reprint(run_id=run_id, **form.cleaned_data, user_id=person(request).pk, at=clock.now())
        except DomainError as error:
            form.add_error("first", str(error))
        else:
            return redirect("backoffice:print", made)
    files = prints.parts(run_id=run_id)
    shown = Paginator(files, FILES_PER_PAGE).get_page(page_number(request))
    context = {"run": run, "files": shown, "routes": prints.by_route(files), "form": form}
    return page(request, "backoffice/print.html", context, status=400 if form.errors else 200)


@require_POST
@staff(Role.OPERATOR)
def cancel_print(request: HttpRequest, run_id: int) -> HttpResponseBase:
    statements.cancel_print(run_id=run_id, user_id=person(request).pk, at=clock.now())
    messages.info(request, _("Друк зупиниться після розпочатого файлу. Готові файли залишаться."))
    return redirect("backoffice:print", run_id)


@require_POST
@staff(Role.OPERATOR)
def resume_print(request: HttpRequest, run_id: int) -> HttpResponseBase:
    prints.resume(run_id=run_id, user_id=person(request).pk, at=clock.now())
    messages.success(request, _("Друк триває з того місця, де зупинився."))
    return redirect("backoffice:print", run_id)


@require_GET
@staff(Role.OPERATOR)
def print_file(request: HttpRequest, run_id: int, number: int) -> FileResponse:
    """A file that is ready; 404 for one that is not."""
    run = prints.one(run_id=run_id, now=clock.now())
    ready = {part.number for part in prints.parts(run_id=run_id) if part.is_done}
    path = statements.file_of(run_id=run_id, number=number)
    if number not in ready or not path.is_file():
        raise Http404
    audit.record(
        at=clock.now(), actor_id=person(request).pk, action="statements.print_file_read", object_kind="print_run",
        object_id=run_id, town_id=run.town_id, is_read=True, detail={"file": number},
    )  # fmt: skip
    name = f"rakhunky-{run_id}-{number:04d}.pdf"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/pdf")


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def bill_design(request: HttpRequest, town_id: int) -> HttpResponseBase:
    town = scope.town_for(person(request), town_id)
    form = DesignForm(request.POST or None, initial=DesignForm.shown(statements.look_of(town_id=town_id)))
    if request.method == "POST" and form.is_valid():
        try:
            statements.save_look(town_id=town_id, look=form.look(), user_id=person(request).pk, at=clock.now())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Вигляд рахунка збережено."))
            return redirect("backoffice:bill_design", town_id)
    return page(
        request, "backoffice/bill_design.html", {"form": form, "town": town}, status=400 if form.errors else 200
    )


@require_GET
@staff(Role.OPERATOR)
def bill_preview(request: HttpRequest, town_id: int) -> HttpResponse:
    """A made-up bill in the town's saved design, with its address side."""
    town = scope.town_for(person(request), town_id)
    response = HttpResponse(statements.preview(town_id=town_id, town=town.name), content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="zrazok.pdf"'
    return response


@require_http_methods(["GET", "POST"])
@staff(Role.OPERATOR)
def route_list(request: HttpRequest, town_id: int) -> HttpResponseBase:
    """Routes of a town: add one, or put a street's buildings on one."""
    town, user = scope.town_for(person(request), town_id), person(request)
    routes, streets = prints.routes(town_id=town_id), prints.streets(town_id=town_id)
    added = RouteForm(request.POST if "name" in request.POST else None)
    moved = StreetForm(request.POST if "street" in request.POST else None, routes=routes, streets=streets)
    try:
        if added.is_valid():
            prints.add_route(town_id=town_id, **added.cleaned_data, user_id=user.pk, at=clock.now())
            return redirect("backoffice:routes", town_id)
        if moved.is_valid():
            count = prints.put_on_route(town_id=town_id, **moved.wanted(), user_id=user.pk, at=clock.now())
            messages.success(request, _("Будинків на маршруті змінено: %(count)s.") % {"count": count})
            return redirect("backoffice:routes", town_id)
    except DomainError as error:
        added.add_error("name", str(error))
    context = {"town": town, "routes": routes, "added": added, "moved": moved}
    return page(request, "backoffice/routes.html", context, status=400 if added.errors or moved.errors else 200)
