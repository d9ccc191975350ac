"""Everything of a person, part by part: each context gives what is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from domivka.appointments import api as appointments
from domivka.billing import api as billing
from domivka.cnap import api as cnap
from domivka.homes import api as homes
from domivka.identity import api as identity
from domivka.kernel.clock import current_period
from domivka.kernel.money import Money
from domivka.kernel.period import Period
from domivka.kernel.personal import PersonalData, rows
from domivka.ledger import api as ledger
from domivka.metering import api as metering
from domivka.notifications import api as notifications
from domivka.payments import api as payments
from domivka.privacy import trail
from domivka.privacy.models import Erasure, Export
from domivka.registry import api as registry
from domivka.statements import api as statements
from domivka.tariffs import api as tariffs

_FIRST_PERIOD: Final = Period(199001)


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data: the person, the premises open in their cabinet now, the addresses letters go to."""

    user_id: int
    premises_ids: tuple[int, ...]
    recipients: tuple[str, ...]


def subject(*, user_id: int) -> Subject:
    person = identity.person(user_id=user_id)
    premises = sorted({home.premises_id for home in homes.homes_of(user_id=user_id) if home.is_open})
    return Subject(user_id, tuple(premises), tuple(one for one in (person.email, person.phone) if one))


def _account_states(of: Subject) -> PersonalData:
    """Charged, paid and owed by month and service."""
    services = registry.personal_data(premises_ids=of.premises_ids).sections["services"]
    found = ledger.account_states(
        account_service_ids=[row["id"] for row in services], first=_FIRST_PERIOD, last=current_period()
    )
    told = [
        {name: value.plain() if isinstance(value, Money) else value for name, value in _fields(state)}
        for state in found
    ]
    return PersonalData({"account_states": told})


def _fields(state: ledger.AccountState) -> list[tuple[str, object]]:
    return [(name, getattr(state, name)) for name in state.__dataclass_fields__]


def _trail(of: Subject) -> PersonalData:
    """The audit trail about the person, who looked included."""
    own = rows(Export.objects.filter(user_id=of.user_id), "asked_at", "state", "ready_at", "downloaded_at")
    asked = rows(Erasure.objects.filter(user_id=of.user_id), "asked_at", "due_at", "cancelled_at")
    told = [asdict(row) for row in trail.whole_trail(user_id=of.user_id)]
    return PersonalData({"trail": told, "exports": own, "erasures": asked})


PARTS: Final[tuple[Callable[[Subject], PersonalData], ...]] = (
    lambda of: identity.personal_data(user_id=of.user_id),
    lambda of: homes.personal_data(user_id=of.user_id),
    lambda of: registry.personal_data(premises_ids=of.premises_ids),
    lambda of: metering.personal_data(user_id=of.user_id, premises_ids=of.premises_ids),
    lambda of: tariffs.personal_data(premises_ids=of.premises_ids),
    _account_states,
    lambda of: billing.personal_data(premises_ids=of.premises_ids),
    lambda of: statements.personal_data(premises_ids=of.premises_ids),
    lambda of: payments.personal_data(user_id=of.user_id, premises_ids=of.premises_ids),
    lambda of: cnap.personal_data(user_id=of.user_id),
    lambda of: appointments.personal_data(user_id=of.user_id),
    lambda of: notifications.personal_data(recipients=of.recipients),
    _trail,
)
