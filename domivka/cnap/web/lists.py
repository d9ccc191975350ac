"""The search over a resident's list: words, a state, an order; sent by GET, so that a result can be kept as an address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from django import forms
from django.core.paginator import Page
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from domivka.cnap.lists import Wanted
from domivka.kernel.listing import PAGE_SIZE, page_number, pages, rest_of

Row = TypeVar("Row")
Choices = Sequence[tuple[str, str]]
_FEW: Final = 3  # so many rows are seen at a glance: a search would only stand in the way


class SearchForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Пошук"), required=False, max_length=80, widget=forms.SearchInput)
    state = forms.ChoiceField(label=gettext_lazy("Статус"), required=False)
    order = forms.ChoiceField(label=gettext_lazy("Упорядкувати"), required=False)

    def __init__(self, data: object, *, states: Choices, orders: Choices) -> None:
        super().__init__(data)  # type: ignore[arg-type]  # the query of the address
        self.fields["order"].choices = orders  # type: ignore[attr-defined]  # a choice field
        if states:
            self.fields["state"].choices = [("", _("Усі")), *states]  # type: ignore[attr-defined]  # a choice field
        else:
            del self.fields["state"]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """One page of a list, for its template."""

    rows: list[Row]
    page: Page[int]
    search: SearchForm
    wanted: Wanted
    query: str

    @property
    def is_searched(self) -> bool:
        return self.wanted.narrows or self.page.paginator.count > _FEW


def newest_and_oldest() -> list[tuple[str, str]]:
    return [("new", _("Спочатку нові")), ("old", _("Спочатку давні"))]


def listing(
    request: HttpRequest,
    *,
    count: Callable[..., int],
    rows: Callable[..., list[Row]],
    user_id: int,
    states: Choices = (),
    orders: Choices,
) -> Listing[Row]:
    """The page that the address asks for; nonsense in it asks for everything. Two queries."""
    search = SearchForm(request.GET, states=states, orders=orders)
    search.is_valid()
    said = search.cleaned_data
    wanted = Wanted(" ".join(said.get("q", "").split()), said.get("state", ""), said.get("order", ""))
    page = pages(count(user_id=user_id, wanted=wanted), page_number(request))
    found = rows(user_id=user_id, limit=PAGE_SIZE, offset=(page.number - 1) * PAGE_SIZE, wanted=wanted)
    return Listing(found, page, search, wanted, rest_of(request))
