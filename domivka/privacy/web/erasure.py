"""«Видалити мої дані»."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from domivka.cnap import api as cnap
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.identity.proof import ProofForm, proof_of
from domivka.kernel import clock
from domivka.kernel.errors import DomainError
from domivka.privacy import erasures


class ErasureForm(ProofForm):
    """The password and a tick: nobody gets here by one wrong press."""

    understood = forms.BooleanField(
        label=gettext_lazy("Я розумію, що дані не можна буде відновити"),
        error_messages={"required": gettext_lazy("Позначте, що ви це розумієте.")},
    )


@require_http_methods(["GET", "POST"])
@signed_in
def erasure(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; posting with the password orders it."""
    user_id, posted = person_id(request), request.POST if request.method == "POST" else None
    form = ErasureForm(posted, **proof_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            erasures.ask_erasure(user_id=user_id, at=clock.now())
        except DomainError as error:
            messages.error(request, str(error))
        return redirect("privacy:erasure")
    context = {
        "form": form,
        "waiting": erasures.erasure_of(user_id=user_id),
        "is_staff": erasures.is_staff(user_id=user_id),
        "open_matters": cnap.open_matters(user_id=user_id),
        "due_at": clock.now() + dt.timedelta(days=settings.ERASURE_GRACE_DAYS),
    }
    return render(request, "privacy/erasure.html", context, status=400 if form.errors else 200)


@require_POST
@signed_in
def cancel(request: HttpRequest) -> HttpResponse:
    erasures.cancel_erasure(user_id=person_id(request), at=clock.now())
    messages.success(request, _("Видалення скасовано. Усе лишилося, як було."))
    return redirect("privacy:home")
