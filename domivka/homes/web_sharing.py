"""Sharing a home: the owner's list of helpers, the invitation, the helper's own page."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.homes import api as homes
from domivka.homes.api import HomeView, InvitationView, Right
from domivka.homes.door import home_page, person_id
from domivka.homes.forms import InviteForm, LabelForm, RightsForm
from domivka.identity import api as identity
from domivka.identity.access import public, signed_in
from domivka.identity.models import User
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.kernel.listing import PAGE_SIZE, page_number, pages

GONE: Final = 410


@require_GET
@home_page(Right.OWN)
def helpers(request: HttpRequest, home: HomeView) -> HttpResponse:
    """«Спільний доступ»: everybody the home is or was shared with."""
    page = pages(homes.count_shares(home_id=home.id), page_number(request))
    found = homes.shares_of(home_id=home.id, at=clock.now(), limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    return render(request, "homes/helpers.html", {"home": home, "shares": found, "page": page})


@require_http_methods(["GET", "POST"])
@home_page(Right.OWN)
def invite(request: HttpRequest, home: HomeView) -> HttpResponse:
    """«Поділитися доступом»."""
    form = InviteForm(request.POST or None, today=clock.today())
    if form.is_valid():
        data = form.cleaned_data
        who = {"contact": data["contact"], "name": data["name"]}
        try:
            homes.invite_helper(user_id=person_id(request), home_id=home.id, at=clock.now(), **who, **form.given)
        except NotFoundError:
            raise
        except DomainError as error:
            form.add_error("contact", str(error))
        else:
            messages.success(request, _("Запрошення надіслано. Воно діє сім днів."))
            return redirect("homes:helpers", home.id)
    return render(request, "homes/invite.html", {"home": home, "form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@home_page(Right.OWN)
def helper(request: HttpRequest, home: HomeView, *, share_id: int) -> HttpResponse:
    """One helper: what they may do, until when, what they did."""
    share = homes.share_of(home_id=home.id, share_id=share_id, at=clock.now())
    given: dict[str, Any] = {"readings": share.may_send_readings, "pays": share.may_pay}
    form = RightsForm(request.POST or None, today=clock.today(), keep=share.last_day, initial=given)
    if form.is_valid():
        user_id, at = person_id(request), clock.now()
        try:
            homes.change_share(user_id=user_id, home_id=home.id, share_id=share_id, at=at, **form.given)
            messages.success(request, _("Збережено. Зміни вже діють."))
        except homes.ShareOver as error:
            messages.error(request, str(error))
        return redirect("homes:helper", home.id, share_id)
    page = pages(homes.count_acts(share_id=share_id), page_number(request))
    acts = homes.acts_of(share=share, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE)
    context = {"home": home, "share": share, "form": form, "acts": acts, "page": page}
    return render(request, "homes/helper.html", context, status=422 if form.errors else 200)


@require_POST
@home_page(Right.OWN)
def again(request: HttpRequest, home: HomeView, *, share_id: int) -> HttpResponse:
    """«Надіслати ще раз»: the letter was lost or the link was."""
    try:
        sent = homes.invite_again(user_id=person_id(request), home_id=home.id, share_id=share_id, at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("homes:helper", home.id, share_id)
    messages.success(request, _("Нове посилання надіслано, воно діє сім днів. Попереднє більше не діє."))
    return redirect("homes:helper", home.id, sent.share_id)


@require_POST
@home_page(Right.OWN)
def revoke(request: HttpRequest, home: HomeView, *, share_id: int) -> HttpResponse:
    """«Відкликати»: the helper's next request is refused."""
    homes.revoke_share(user_id=person_id(request), home_id=home.id, share_id=share_id, at=clock.now())
    messages.success(request, _("Доступ відкликано. Ця людина вашої оселі більше не бачить."))
    return redirect("homes:helpers", home.id)


@require_http_methods(["GET", "POST"])
@home_page(Right.SEE)
def access(request: HttpRequest, home: HomeView) -> HttpResponse:
    """«Ваш доступ»: what the helper may do and until when; their own name for the home."""
    if home.share_id is None:
        return redirect("homes:helpers", home.id)
    form = LabelForm(request.POST or None, initial={"label": home.label})
    if form.is_bound and form.is_valid():
        label = form.cleaned_data["label"]
        homes.rename_shared(user_id=person_id(request), share_id=home.share_id, label=label, at=clock.now())
        messages.success(request, _("Збережено."))
        return redirect("homes:access", home.id)
    return render(request, "homes/access.html", {"home": home, "form": form}, status=422 if form.errors else 200)


@require_POST
@home_page(Right.SEE)
def leave(request: HttpRequest, home: HomeView) -> HttpResponse:
    """The helper gives the access back."""
    if home.share_id is None:
        raise NotFoundError(_("Цього доступу у вас немає."))
    homes.leave_share(user_id=person_id(request), share_id=home.share_id, at=clock.now())
    messages.success(request, _("Ви більше не допомагаєте з оселею «%(title)s».") % {"title": home.title})
    return redirect("homes:list")


@public
@never_cache
@require_GET
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of the letter opens. It answers nothing by itself: mail programs follow links too."""
    found = homes.invitation(token=token, at=clock.now())
    user = request.user if isinstance(request.user, User) else None
    if user is not None and found.helper_id == user.pk:
        return redirect(f"/homes/{found.home_id}/")
    return _invitation(request, token, found, user, LabelForm())


def _invitation(
    request: HttpRequest, token: str, found: InvitationView, user: User | None, form: forms.Form
) -> HttpResponse:
    query = urlencode({"next": reverse("homes:invitation", args=[token])})
    context = {
        "invitation": found,
        "is_theirs": user is not None and homes.is_invited(user_id=user.pk, invitation=found),
        "token": token,
        "form": form,
        "login_url": f"{reverse('account_login')}?{query}",
        "signup_url": f"{reverse('account_signup')}?{query}",
        "person": identity.person(user_id=user.pk) if user is not None else None,
    }
    return render(request, "homes/invitation.html", context, status=200 if found.is_open else GONE)


@signed_in
@require_POST
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """«Прийняти» or «Відмовитися»."""
    user_id, at = person_id(request), clock.now()
    form = LabelForm(request.POST)
    try:
        if request.POST.get("answer") == "decline":
            homes.decline_invitation(user_id=user_id, token=token, at=at)
            messages.success(request, _("Ви відмовилися. Власника оселі повідомлено."))
            return redirect("homes:list")
        if not form.is_valid():
            found = homes.invitation(token=token, at=at)
            return _invitation(request, token, found, User.objects.get(pk=user_id), form)
        home_id = homes.accept_invitation(user_id=user_id, token=token, label=form.cleaned_data["label"], at=at)
    except NotFoundError:
        raise
    except DomainError as error:
        found = homes.invitation(token=token, at=at)
        if found.helper_id == user_id and request.POST.get("answer") != "decline":
            return redirect(f"/homes/{found.home_id}/")  # pressed twice
        messages.error(request, str(error))
        return redirect("homes:invitation", token)
    messages.success(request, _("Ви тепер допомагаєте з цією оселею."))
    return redirect(f"/homes/{home_id}/")
