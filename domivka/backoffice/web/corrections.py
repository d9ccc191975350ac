"""The provider's desk for corrections of meters."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from domivka.backoffice import corrections
from domivka.backoffice.scope import provider_for
from domivka.backoffice.web.common import acting_role, page, person
from domivka.identity.access import staff
from domivka.identity.models import Role
from domivka.kernel import audit, clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import page_number, pages
from domivka.metering import api as metering


@require_GET
@staff(Role.PROVIDER, Role.OPERATOR)
def correction_list(request: HttpRequest, provider_id: int) -> HttpResponse:
    provider = provider_for(person(request), provider_id)
    number = page_number(request)
    total = metering.count_waiting_corrections(provider_id=provider.id)
    rows = corrections.waiting(provider_id=provider.id, page=number)
    audit.record(
        at=clock.now(), actor_id=person(request).pk, action="metering.corrections_listed", object_kind="provider",
        object_id=provider.id, town_id=provider.town_id, is_read=True,
        detail={"rows": len(rows), "role": acting_role(request)}, premises_ids=[row.premises_id for row in rows],
    )  # fmt: skip
    shown = pages(total, number, corrections.PAGE_SIZE)
    return page(request, "backoffice/corrections.html", {"provider": provider, "rows": rows, "page": shown})


@require_POST
@staff(Role.PROVIDER, Role.OPERATOR)
def decide_correction(request: HttpRequest, provider_id: int, correction_id: int) -> HttpResponse:
    """`do=accept`, or `do=reject` with a reason."""
    provider, user_id, at = provider_for(person(request), provider_id), person(request).pk, clock.now()
    about = {"provider_id": provider.id, "town_id": provider.town_id, "correction_id": correction_id}
    try:
        if request.POST.get("do") == "accept":
            metering.accept_correction(**about, user_id=user_id, at=at)
            messages.success(request, _("Виправлення прийнято."))
        else:
            metering.reject_correction(**about, reason=request.POST.get("reason", ""), user_id=user_id, at=at)
            messages.success(request, _("Виправлення відхилено. Мешканець побачить причину."))
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("backoffice:corrections", provider.id)
