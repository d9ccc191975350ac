"""`domivka role LOGIN ROLE`: give a role to a person, or take it away; the way the first operator comes about."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from domivka.identity import api as identity
from domivka.kernel import clock

SCOPED = {
    identity.Role.PROVIDER: "the provider's id",
    identity.Role.AUTHORITY: "the town's id",
    identity.Role.CNAP: "the town's id",
}


class Command(BaseCommand):
    help = "Give a role to whoever signs in with this e-mail or phone, or take it away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("login", help="confirmed e-mail or phone")
        parser.add_argument("role", choices=[*SCOPED, identity.Role.OPERATOR])
        parser.add_argument("--scope", type=int, help="id of the provider or town; the operator has none")
        parser.add_argument("--revoke", action="store_true", help="take the role away")

    def handle(self, *args: Any, **options: Any) -> None:
        role = identity.Role(options["role"])
        if (role in SCOPED) != (options["scope"] is not None):
            needed = f"--scope is needed: {SCOPED[role]}" if role in SCOPED else "the operator has no --scope"
            raise CommandError(needed)
        user_id = identity.find_person(login=options["login"])
        if user_id is None:
            raise CommandError("nobody has confirmed this e-mail or phone; they sign up first")
        change = identity.revoke_role if options["revoke"] else identity.grant_role
        change(user_id=user_id, role=role, scope_id=options["scope"], at=clock.now(), actor_id=None)
        roles = [role if scope is None else f"{role}:{scope}" for role, scope in identity.roles_of(user_id=user_id)]
        self.stdout.write(", ".join(roles) or "no roles")
