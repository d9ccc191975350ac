"""«Повідомлення» of the administration."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from domivka.cnap import letters
from domivka.homes.door import person_id
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.listing import PAGE_SIZE, page_number, pages


@require_GET
@signed_in
def message_list(request: HttpRequest) -> HttpResponse:
    user_id = person_id(request)
    page = pages(letters.count_messages(user_id=user_id), page_number(request))
    rows = letters.messages_of(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    return render(request, "cnap/messages.html", {"rows": rows, "page": page})


@require_GET
@signed_in
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    found = letters.read_message(user_id=person_id(request), message_id=message_id, at=clock.now())
    return render(request, "cnap/message.html", {"message": found})
