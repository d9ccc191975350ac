"""The demo mailbox: every e-mail and SMS of the demo, for whoever looks at it. Outside the demo it does not exist."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from domivka.notifications import api as notifications

PER_PAGE = 20


@never_cache
@require_GET
def mailbox(request: HttpRequest) -> HttpResponse:
    """Newest first, of everybody or of one recipient."""
    if not settings.DEMO:
        raise Http404
    recipient = request.GET.get("recipient", "")
    pages = Paginator(range(notifications.count_messages(recipient=recipient)), PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "recipient": recipient,
        "recipients": notifications.recipients(),
        "page": page,
        "query": "&" + urlencode({"recipient": recipient}) if recipient else "",
        "mails": notifications.messages(recipient=recipient, limit=PER_PAGE, offset=max(page.start_index() - 1, 0)),
    }
    return render(request, "notifications/mailbox.html", context)


@require_GET
def attachment(request: HttpRequest, attachment_id: int) -> HttpResponse:
    """A file of a letter of the demo, as a download."""
    if not settings.DEMO:
        raise Http404
    view, content = notifications.attachment(attachment_id=attachment_id)
    response = HttpResponse(content, content_type=view.content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(view.name)}"
    return response
