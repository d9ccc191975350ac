"""The list of bills as a resident sees it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from domivka.statements.api import issue_bills
from tests.browser.helpers import assert_accessible_everywhere, save_screens
from tests.database.payments.town import AT, OCT, build, charge

pytestmark = pytest.mark.django_db(transaction=True)


def test_resident_finds_the_bill_of_a_month(page: Page, live_server: Any, client: Client) -> None:
    house = build()
    charge(house, "water", 1264_70)
    issue_bills(town_id=house.town_id, period=OCT, at=AT)
    client.force_login(house.user)
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )

    page.goto(f"{live_server.url}/homes/{house.home_id}/bills/")

    expect(page.get_by_role("heading", name="Рахунки", level=1)).to_be_visible()
    expect(page.get_by_text("1 264,70")).to_be_visible()
    bill = page.get_by_role("link", name="Відкрити PDF").get_attribute("href") or ""
    answer = page.request.get(f"{live_server.url}{bill}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    assert_accessible_everywhere(page)
    save_screens(page, "bills")
