"""«Повідомлення» of the administration."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from domivka.cnap import letters
from domivka.cnap.web.lists import listing, newest_and_oldest
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock


@require_GET
@signed_in
def message_list(request: HttpRequest) -> HttpResponse:
    found = listing(
        request,
        count=letters.count_messages,
        rows=letters.messages_of,
        user_id=person_id(request),
        states=[(letters.UNREAD, _("Непрочитані"))],
        orders=newest_and_oldest(),
    )
    return render(request, "cnap/messages.html", {"list": found})


@require_GET
@signed_in
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    found = letters.read_message(user_id=person_id(request), message_id=message_id, at=clock.now())
    return render(request, "cnap/message.html", {"message": found})
