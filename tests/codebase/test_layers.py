"""Foreign keys point down, like imports; the database is what the models say."""

from __future__ import annotations

import configparser
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
OTHERS = ("auth", "contenttypes")  # below everything: Django itself


def layers() -> dict[str, int]:
    """How high each context stands, from the contract that import-linter holds."""
    contract = configparser.ConfigParser()
    contract.read(ROOT / ".importlinter")
    lines = contract["importlinter:contract:layers"]["layers"].split("\n")
    floors = [line.replace(":", "|").split("|") for line in lines if line.strip()]
    return {name.strip(): len(floors) - number for number, floor in enumerate(floors) for name in floor}


def test_foreign_keys_point_downwards() -> None:
    floor = layers()
    upward = []
    for model in apps.get_models():
        label = model._meta.app_label
        for field in model._meta.get_fields():
            target = getattr(field.related_model, "_meta", None) if field.is_relation and field.concrete else None
            if label not in floor or target is None or target.app_label in (label, *OTHERS):
                continue
            if floor[target.app_label] >= floor[label]:
                upward.append(f"{model._meta.label}.{field.name} -> {target.label}")

    assert upward == []


def test_every_context_has_its_place_in_the_contract() -> None:
    contexts = {path.parent.name for path in (ROOT / "domivka").glob("*/__init__.py")}
    contract = (ROOT / ".importlinter").read_text()

    assert contexts == set(layers())
    assert "exhaustive = True" in contract


@pytest.mark.django_db
def test_migrations_say_what_the_models_say() -> None:
    out = StringIO()

    call_command("makemigrations", check=True, dry_run=True, stdout=out, verbosity=1)

    assert "No changes detected" in out.getvalue()
