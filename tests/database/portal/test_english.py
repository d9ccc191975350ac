"""English is complete: no Ukrainian word of ours is left on an English page; only names of people and places are."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from pytest_django import Settings

from domivka.kernel.period import Period
from tests.builders import Town, resident, run

pytestmark = pytest.mark.django_db

NAMES = re.compile(
    r"м\. |Калинівськ\w*|вул\.|Соборна|буд\. |кв\. |КП «[^»]*»|Себастьян|Кожемяка|Боромирович|Українська|Населення|НКРЕКП"
    r"|НІК \d+|Електроенергія – |Електроенергія|АТ «Ощадбанк»"
)
PAGES = [
    "", "bill/", "readings/", "meters/add/{service}/", "history/", "statistics/",
    "accounts/{service}/state/", "accounts/{service}/payments/",
    "accounts/{service}/consumption/", "accounts/{service}/services/",
    "why/{service}/2026-10/",
]  # fmt: skip


def ukrainian(client: Client, path: str) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200
    page = re.sub(r"<script.*?</script>", "", response.content.decode(), flags=re.DOTALL)
    return re.findall(r"[А-ЯҐЄІЇа-яґєії][А-ЯҐЄІЇа-яґєії' ]*", NAMES.sub("", page))


@pytest.mark.parametrize("path", ["/", "/help/", "/accessibility/", "/offline/", "/tariffs/"])
def test_public_page_is_english(client: Client, path: str) -> None:
    client.cookies["django_language"] = "en"

    assert ukrainian(client, path) == []


@pytest.mark.parametrize("tail", PAGES)
def test_page_of_a_home_is_english(settings: Settings, tail: str) -> None:
    settings.FROZEN_NOW = dt.datetime(2026, 11, 10, 10, 0, tzinfo=dt.UTC)
    town = Town()
    flat = town.flat()
    water = flat.service("water", metered=True)
    water.tariff("30.128", shares=[("Електроенергія", "100")])
    meter = water.meter(on=dt.date(2026, 9, 1), verification_due_on=dt.date(2026, 10, 1))
    water.read(meter, "58", on=dt.date(2026, 10, 20))
    run(town, Period(202610))
    water.pay(Period(202611), 1_00)
    one = resident(flat)
    client = Client()
    client.force_login(one.user)
    client.cookies["django_language"] = "en"

    assert ukrainian(client, f"/homes/{one.home.pk}/{tail.format(service=water.id)}") == []
