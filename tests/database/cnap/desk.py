"""A town with two centres, an administrator and a resident."""

from __future__ import annotations

from django.test import Client

from domivka.cnap import offices, phrases
from domivka.identity import api as identity
from domivka.identity.api import Role
from domivka.identity.models import User
from tests.builders import Town, person, resident
from tests.database.cnap.conftest import AT

CENTRE = "Центр надання адміністративних послуг виконавчого комітету Мереф'янської міської ради"


class Desk:
    """Everything a test of the CNAP begins with."""

    def __init__(self, town: str = "") -> None:
        self.town = Town(town) if town else Town()
        self.town_ids = [self.town.row.pk]
        self.office = offices.save_office(town_id=self.town.row.pk, name=CENTRE, address="вул. Дніпровська, 213")
        self.other = offices.save_office(town_id=self.town.row.pk, name="Віддалене місце", address="вул. Садова, 1")
        phrases.save_reason(town_id=self.town.row.pk, reason_id=None, name="Немає документа", user_id=None, at=AT)
        self.user: User = resident(self.town.flat()).user
        self.admin = self.administrator(self.town)

    @staticmethod
    def administrator(town: Town) -> User:
        made = person()
        made.surname, made.name, made.patronymic = "Левицька", "Соломія", "Іванівна"
        made.save()
        identity.grant_role(user_id=made.pk, role=Role.CNAP, scope_id=town.row.pk, at=AT, actor_id=None)
        return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
