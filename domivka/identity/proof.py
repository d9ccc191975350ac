"""That it is really this person, before something that is hard to take back: other contexts may use it in their pages."""

from __future__ import annotations

from typing import TypedDict

from django.http import HttpRequest

from domivka.identity.forms import OwnPasswordMixin
from domivka.identity.models import User
from domivka.identity.web.profile import me, proved


class Proof(TypedDict):
    """What `ProofForm` needs to know beside what was posted."""

    user: User
    proved: bool


class ProofForm(OwnPasswordMixin):
    """Asks for the current password, unless the person has none or signed in by a code within ten minutes."""


def proof_of(request: HttpRequest) -> Proof:
    return {"user": me(request), "proved": proved(request)}
