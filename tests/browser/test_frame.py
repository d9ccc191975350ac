"""The frame of every page: headers, keyboard, look."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.helpers import assert_accessible_everywhere, save_screens, tab_to

pytestmark = pytest.mark.django_db(transaction=True)


def test_front_page_is_accessible_on_every_screen(page: Page) -> None:
    page.goto("/")

    assert_accessible_everywhere(page)
    save_screens(page, "front")


def test_page_that_is_not_there_says_so_kindly(page: Page) -> None:
    answer = page.goto("/nothing-here/")

    assert answer is not None
    assert answer.status == 404
    assert_accessible_everywhere(page)
    save_screens(page, "404")


def test_keyboard_reaches_the_content_first(page: Page) -> None:
    page.goto("/")

    tab_to(page, "До змісту", limit=1)
