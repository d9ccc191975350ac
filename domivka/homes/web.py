"""«Мої об'єкти»: the list, adding, the PIN, the key, editing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from domivka.homes import api as homes
from domivka.homes import queries
from domivka.homes.door import homes_on, homes_open_to, own_home, person_id
from domivka.homes.forms import EditForm, KeyForm, PinForm
from domivka.homes.operations import NEEDED_OF_PROFILE
from domivka.identity import api as identity
from domivka.identity.access import signed_in
from domivka.kernel import clock
from domivka.kernel.errors import DomainError, NotFoundError
from domivka.registry import api as registry

STREETS_SHOWN = 12


def _steps() -> list[str]:
    return [_("Адреса"), _("Код"), _("Ключ")]


@signed_in
@require_GET
def home_list(request: HttpRequest) -> HttpResponse:
    """«Мої об'єкти»."""
    found = homes_on(request)
    context = {
        "homes": found,
        "shared": [home for home in homes_open_to(request) if not home.is_own],
        "cap": settings.HOMES_PER_USER,
        "may_add": len(found) < settings.HOMES_PER_USER,
    }
    return render(request, "homes/list.html", context)


@dataclass(frozen=True)
class Picked:
    """What of the address was picked so far; ids that do not belong together are 404."""

    town: registry.TownView | None
    street: registry.Choice | None = None
    building: registry.Choice | None = None


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _picked(request: HttpRequest) -> Picked:
    towns = registry.towns()
    wanted = _id(request, "town") or (towns[0].id if len(towns) == 1 else None)
    town = next((town for town in towns if town.id == wanted), None)
    street_id, building_id = _id(request, "street"), _id(request, "building")
    if town is None or street_id is None:
        return Picked(town)
    street = queries.street(street_id=street_id, town_id=town.id)
    if building_id is None:
        return Picked(town, street)
    for building in registry.buildings_of(street_id=street.id):
        if building.id == building_id:
            return Picked(town, street, building)
    raise NotFoundError(_("Такого будинку немає на цій вулиці."))


@signed_in
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """«Додати об'єкт»: town and street, then building, then flat; each step is an address of its own."""
    if request.method == "POST":
        return _add(request)
    user_id = person_id(request)
    missing = identity.missing_profile_fields(user_id=user_id, needed=NEEDED_OF_PROFILE)
    if missing:
        words = [identity.profile_field_words(field) for field in missing]
        return render(request, "homes/profile_first.html", {"missing": words, "needs_email": "email" in missing})
    if len(homes.homes_of(user_id=user_id)) >= settings.HOMES_PER_USER:
        messages.error(request, str(homes.HomesCapReached(settings.HOMES_PER_USER)))
        return redirect("homes:list")
    picked = _picked(request)
    context: dict[str, Any] = {"picked": picked, "steps": _steps(), "q": request.GET.get("q", "")}
    if picked.street is None:
        return render(request, "homes/add_street.html", context | {"step": 1, **_streets(request, picked.town)})
    if picked.building is None:
        buildings = registry.buildings_of(street_id=picked.street.id)
        return render(request, "homes/add_building.html", context | {"step": 1, "buildings": buildings})
    flats = registry.flats_of(building_id=picked.building.id)
    return render(request, "homes/add_flat.html", context | {"step": 1, "flats": flats})


def _streets(request: HttpRequest, town: registry.TownView | None) -> dict[str, Any]:
    text = request.GET.get("q", "").strip()
    found = registry.search_streets(town_id=town.id, text=text, limit=STREETS_SHOWN) if town and text else []
    return {"towns": registry.towns(), "streets": found, "asked": bool(text)}


@signed_in
@require_GET
def streets(request: HttpRequest) -> HttpResponse:
    """Options of the street list while somebody types (htmx)."""
    town = next((town for town in registry.towns() if town.id == _id(request, "town")), None)
    return render(request, "homes/street_options.html", _streets(request, town))


def _add(request: HttpRequest) -> HttpResponse:
    premises_id = request.POST.get("premises", "")
    if not (premises_id.isascii() and premises_id.isdecimal()):
        messages.error(request, _("Виберіть квартиру зі списку."))
        return redirect(request.get_full_path())
    try:
        home = homes.add_home(user_id=person_id(request), premises_id=int(premises_id), at=clock.now())
    except homes.ProfileIncomplete:
        return redirect("homes:add")
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("homes:list")
    return redirect("homes:pin", home_id=home.id)


@require_http_methods(["GET", "POST"])
@own_home
def pin(request: HttpRequest, home: homes.HomeView) -> HttpResponse:
    """«Перевірочний код» from the e-mail; `action=resend` asks for another."""
    if not home.is_pending:
        return redirect("homes:key", home_id=home.id)
    if request.POST.get("action") == "resend":
        return _resend(request, home)
    form = PinForm(request.POST or None)
    if form.is_valid():
        try:
            homes.confirm_pin(user_id=person_id(request), home_id=home.id, at=clock.now(), **form.cleaned_data)
        except NotFoundError:
            raise
        except DomainError as error:
            form.add_error("pin", str(error))
        else:
            return redirect("homes:key", home_id=home.id)
    sent = homes.pin_of(home_id=home.id)
    email = identity.confirmed_email(user_id=person_id(request))
    usable = sent is not None and sent.tries_left > 0 and sent.expires_at > clock.now()
    context = {"home": home, "form": form, "sent": sent, "email": email, "usable": usable, "steps": _steps(), "step": 2}
    return render(request, "homes/pin.html", context)


def _resend(request: HttpRequest, home: homes.HomeView) -> HttpResponse:
    try:
        homes.resend_pin(user_id=person_id(request), home_id=home.id, at=clock.now())
        messages.success(request, _("Надіслано новий код. Попередній більше не діє."))
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("homes:pin", home_id=home.id)


@require_http_methods(["GET", "POST"])
@own_home
def key(request: HttpRequest, home: homes.HomeView) -> HttpResponse:
    """«Ключ авторизації» from the newest bill."""
    if home.is_pending:
        return redirect("homes:pin", home_id=home.id)
    if home.is_open:
        return redirect(f"/homes/{home.id}/")
    form = KeyForm(request.POST or None)
    if form.is_valid():
        try:
            homes.open_with_key(user_id=person_id(request), home_id=home.id, at=clock.now(), **form.cleaned_data)
        except NotFoundError:
            raise
        except DomainError as error:
            form.add_error("key", str(error))
        else:
            messages.success(request, _("Об'єкт додано. Тут усі його послуги, рахунки й показання."))
            return redirect(f"/homes/{home.id}/")
    blocked = homes.blocked_until(user_id=person_id(request), premises_id=home.premises_id, at=clock.now())
    context = {"home": home, "form": form, "blocked": blocked, "steps": _steps(), "step": 3}
    return render(request, "homes/key.html", context)


@require_http_methods(["GET", "POST"])
@own_home
def edit(request: HttpRequest, home: homes.HomeView) -> HttpResponse:
    """«Редагувати об'єкт»: another name, or out of the profile."""
    form = EditForm(request.POST or None, initial={"label": home.label, "reminders": home.reminders})
    if not form.is_valid():
        return render(request, "homes/edit.html", {"home": home, "form": form})
    user_id = person_id(request)
    if form.cleaned_data["remove"]:
        homes.remove_home(user_id=user_id, home_id=home.id, at=clock.now())
        words = _("Об'єкт «%(title)s» видалено з профілю.") % {"title": home.title}
        messages.success(request, words, extra_tags="undo:" + reverse("homes:restore", args=[home.id]))
    else:
        homes.rename_home(user_id=user_id, home_id=home.id, label=form.cleaned_data["label"], at=clock.now())
        homes.set_reminders(user_id=user_id, home_id=home.id, wanted=form.cleaned_data["reminders"], at=clock.now())
        messages.success(request, _("Збережено."))
    return redirect("homes:list")


@signed_in
@require_POST
def restore(request: HttpRequest, home_id: int) -> HttpResponse:
    """Undo a removal."""
    try:
        home = homes.restore_home(user_id=person_id(request), home_id=home_id, at=clock.now())
        messages.success(request, _("Об'єкт «%(title)s» повернено.") % {"title": home.title})
    except NotFoundError:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("homes:list")
