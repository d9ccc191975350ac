"""What pages of both sides share: uploads, files that are served, pages of lists."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from domivka.cnap.errors import FileTooLarge
from domivka.cnap.files import MEGABYTE, FileView, Upload
from domivka.cnap.store import store
from domivka.kernel.errors import DomainError, NotFoundError

ACCEPT: Final = ".jpg,.jpeg,.png,.pdf,.doc,.docx,image/jpeg,image/png,application/pdf"
_READ_TIMES: Final = 4  # a body up to that many times the limit is read, so that the answer is kind; more is not

View = Callable[..., HttpResponseBase]


def takes_files(limit_mb: int, *, back: str = "") -> Callable[[View], View]:
    """A view of a form with files: a body far above the limit is refused before anything of it is read. `back` is the page
    of the form, by the name of its address, when it is not the view's own."""

    def decorate(view: View) -> View:
        protected = csrf_protect(view)

        @csrf_exempt  # only until the size is known; `protected` checks the token then
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            length = request.META.get("CONTENT_LENGTH") or "0"
            response: HttpResponseBase
            if not length.isdecimal() or int(length) > _READ_TIMES * limit_mb * MEGABYTE:
                messages.error(request, str(FileTooLarge(limit_mb)))
                response = HttpResponseRedirect(reverse(back, args=args, kwargs=kwargs) if back else request.path)
            else:
                response = protected(request, *args, **kwargs)
            if request.headers.get("X-Upload") == "progress" and isinstance(response, HttpResponseRedirect):
                return JsonResponse({"url": response.url})  # js/upload.js goes there, so the page shows its words once
            return response

        return guarded

    return decorate


def uploads(request: HttpRequest, *names: str) -> list[Upload]:
    """The files of these fields of the form."""
    found = [file for name in names for file in request.FILES.getlist(name)]
    return [Upload(file.name or "", file.read()) for file in found]


def serve(file: FileView, *, inline: bool = False) -> HttpResponse:
    """The content as something to save. Only pictures are ever shown in place, and nothing in it may run."""
    shown = inline and file.is_picture
    response = HttpResponse(store().read(file.sha256), content_type=file.mime)
    response["Content-Disposition"] = content_disposition_header(as_attachment=not shown, filename=file.name) or ""
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def day(text: str) -> dt.date | None:
    """A day of a form; None for nothing and for nonsense."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def number(text: str) -> int:
    """An id of a form; 0, which names nothing, for nonsense."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def done(request: HttpRequest, form: forms.Form | None, do: Callable[[], object], words: str) -> bool:
    """Do it and say so; what cannot be done is said by the form, or by the next page when there is none. 404 stays 404."""
    try:
        do()
    except NotFoundError:
        raise
    except DomainError as error:
        if form is None:
            messages.error(request, str(error))
        else:
            form.add_error(None, str(error))
        return False
    messages.success(request, words)
    return True


def here(request: HttpRequest, *, without: str = "") -> HttpResponse:
    """To the same address again, so that a reload sends nothing twice."""
    query = request.GET.copy()
    query.pop(without, None)
    return redirect(f"{request.path}?{query.urlencode()}" if query else request.path)
