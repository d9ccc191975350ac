# ruff: noqa: N999 - a command of the terminal has its hyphen
"""`domivka demo-town`: build the demo town once and describe it in `$DOMIVKA_HOME/demo.json`."""

from __future__ import annotations

import argparse
import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from procrastinate.contrib.django import app

from domivka.demo.build import build_town, seal
from domivka.demo.models import DemoTown
from domivka.demo.people import as_rows, settle_people
from domivka.demo.town.plan import FULL_SIZE
from domivka.demo.town.providers import KATOTTG
from domivka.kernel import clock
from domivka.partner_api import api as partner_api
from domivka.registry.models import Provider, Town


class Command(BaseCommand):
    help = "Builds the demo town: twelve months of 2 000 homes. Only for demonstrations."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--if-absent", action="store_true", help="do nothing where the demo town is already there")
        parser.add_argument("--premises", type=int, default=FULL_SIZE, help="how many homes (2000)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo-town is for demonstrations: set DOMIVKA_DEMO=true")
        path = settings.DOMIVKA_HOME / "demo.json"
        marker = DemoTown.objects.first()
        if marker is not None:
            if not path.exists():
                path.write_text(json.dumps(marker.description, ensure_ascii=False, indent=1))
            self.stdout.write(f"The demo town is already there: {path}")
            return
        if Town.objects.filter(katottg=KATOTTG).exists():
            raise CommandError("the demo town was not finished; start again with an empty data folder")
        built = build_town(today=clock.today(), size=options["premises"], say=self.stdout.write)
        people = settle_people(built, at=clock.now())
        provider = Provider.objects.get(town_id=built.town_id, code="akvaservis")
        key = partner_api.issue_key(
            provider_id=provider.pk,
            name="Демонстраційний ключ",
            scopes=partner_api.SCOPES,
            at=clock.now(),
            actor_id=None,
        )
        sealed = seal(at=clock.now())
        app.configure_task("portal.remind").defer(timestamp=0)  # letters for the mailbox, once the jobs process runs
        base = settings.BASE_URL.rstrip("/")
        description = {
            "url": f"{base}/",
            "mailbox_url": f"{base}/mailbox/",
            "sandbox_bank_url": f"{settings.SANDBOX_BANK_URL.rstrip('/')}/",
            "openapi": f"{base}/api/v1/openapi.json",
            "api_key": key,
            "people": as_rows(people),
        }
        DemoTown.objects.create(built_at=clock.now(), description=description)
        path.write_text(json.dumps(description, ensure_ascii=False, indent=1))
        self.stdout.write(f"Проводок запечатано: {sealed}. Опис міста: {path}")
