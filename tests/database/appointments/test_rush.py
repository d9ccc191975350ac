"""Two hundred people press the last free time at once, through the real server."""

from __future__ import annotations

import re
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import Cookie, CookieJar
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from pytest_django import Settings

from domivka.appointments.models import Visit
from domivka.identity.models import User
from tests.database.appointments.office import NOW, crowd, hall, kyiv

TOKEN = "c" * 32


def cookie(name: str, value: str) -> Cookie:
    return Cookie(
        0, name, value, None, False, "localhost.local", True, False, "/", True, False, None, False, None, None, {}
    )


class Still(urllib.request.HTTPRedirectHandler):
    """Redirects are answers here."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        return None


class Browser:
    """Cookies of one person."""

    def __init__(self, url: str, who: User) -> None:
        client = Client()
        client.force_login(who)
        self.url, jar = url, CookieJar()
        session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
        jar.set_cookie(cookie(django_settings.SESSION_COOKIE_NAME, session))
        jar.set_cookie(cookie(django_settings.CSRF_COOKIE_NAME, TOKEN))
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), Still)

    def post(self, path: str, **typed: object) -> str:
        """Where the answer leads to."""
        body = urllib.parse.urlencode({**typed, "csrfmiddlewaretoken": TOKEN}).encode()
        try:
            with self.opener.open(urllib.request.Request(self.url + path, body), timeout=120) as answer:  # noqa: S310 - ours
                raise AssertionError(f"a page and no redirect: {answer.status}")
        except urllib.error.HTTPError as answer:
            return str(answer.headers["Location"])  # None when it is not a redirect

    def page(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=120) as answer:
            return str(answer.read().decode())


@pytest.mark.django_db(transaction=True)
def test_two_hundred_requests_for_the_last_time_give_one_booking_and_clear_answers(
    live_server: Any, settings: Settings
) -> None:
    settings.FROZEN_NOW = NOW
    of = hall(opens="09:05", closes="09:40")
    url = live_server.url.replace("127.0.0.1", "localhost")
    people = [Browser(url, who) for who in crowd(200)]
    asked = {"question": of.question_id, "office": of.office_id, "starts_at": kyiv("2020-07-10 09:05").isoformat()}

    with ThreadPoolExecutor(max_workers=50) as threads:
        led = list(threads.map(lambda one: one.post("/services/visits/hold/", **asked), people))

    winner = Visit.objects.get()
    back = f"/services/visits/new/?question={of.question_id}&office={of.office_id}&day=2020-07-10"
    assert Counter(led) == {f"/services/visits/{winner.pk}/details/": 1, back: 199}
    late = [one for one, path in zip(people, led, strict=True) if path == back]
    assert "Цей час щойно зайняли. Оберіть інший." in late[0].page(back)
    assert "Цей час щойно зайняли. Оберіть інший." in late[-1].page(back)

    first = next(one for one, path in zip(people, led, strict=True) if path != back)
    saved = first.post(
        f"/services/visits/{winner.pk}/details/", surname="Левицька", name="Олена", phone="067 333 22 21"
    )
    assert re.search(r"Номер у черзі</span> <strong>1<", first.page(saved))
    assert list(Visit.objects.values_list("state", "number")) == [("booked", 1)]
