"""What other contexts may use of identity (permissions of views are in `identity.access`)."""

from domivka.identity.errors import LoginTaken, NoLogin
from domivka.identity.fields import LoginField
from domivka.identity.models import Role, User
from domivka.identity.operations import create_person, grant_role, revoke_role, save_profile
from domivka.identity.personal import erase_person, personal_data
from domivka.identity.queries import (
    FULL_PROFILE,
    PersonView,
    confirmed_email,
    find_person,
    holders,
    lock_person,
    missing_profile_fields,
    people,
    person,
    profile_field_words,
    roles_of,
    typed_logins,
)
from domivka.identity.rules.phones import masked as masked_phone
from domivka.identity.rules.phones import normalise as normalise_phone
from domivka.identity.rules.phones import shown as shown_phone

__all__ = [
    "FULL_PROFILE",
    "LoginField",
    "LoginTaken",
    "NoLogin",
    "PersonView",
    "Role",
    "User",
    "confirmed_email",
    "create_person",
    "erase_person",
    "find_person",
    "grant_role",
    "holders",
    "lock_person",
    "masked_phone",
    "missing_profile_fields",
    "normalise_phone",
    "people",
    "person",
    "personal_data",
    "profile_field_words",
    "revoke_role",
    "roles_of",
    "save_profile",
    "shown_phone",
    "typed_logins",
]
