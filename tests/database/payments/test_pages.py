from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from domivka.emulators.liqpay import LiqPay
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.homes.models import Home
from domivka.payments import api
from domivka.payments.models import GatewayEvent, Intent
from tests.database.payments.bank import create, headers, hear, mark_started, message
from tests.database.payments.town import AT, House, make_user

Count = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def client(house: House, settings: Settings) -> Client:
    """The owner, on the day of the town."""
    settings.FROZEN_NOW = AT
    client = Client()
    client.force_login(house.user)
    return client


@pytest.fixture
def stranger(house: House) -> Client:
    client = Client()
    client.force_login(make_user("stranger@example.com"))
    return client


def test_review_shows_the_screen_of_the_seed(client: Client, house: House) -> None:
    page = client.get(f"/pay/{create(house)}/").content.decode()

    for words in (
        "Сплати за послуги",
        "1\u00a0264,70",
        "комісія за перерахування коштів становить 25,23 грн",
        "комісія за перерахування коштів становить 1,30 грн",
        "3\u00a0154,97",
        "26,53",
        "Сплатити 3\u00a0181,50 грн",
        "UA39 3052 9900 0002 6006 0603 6569 6",
        "за послугу Водопостачання, О/Р 00101, за 10.2026, без ПДВ",
    ):
        assert words in page


def test_review_by_city_card_pays_the_sum_itself(client: Client, house: House) -> None:
    page = client.get(f"/pay/{create(house, method='city_card')}/").content.decode()

    assert "Сплатити 3\u00a0154,97 грн" in page


def test_review_may_post_to_the_gateways_only(client: Client, house: House, settings: Settings) -> None:
    policy = client.get(f"/pay/{create(house)}/").headers["Content-Security-Policy"]

    assert policy.endswith(f"form-action 'self' {settings.SANDBOX_BANK_URL} {settings.LIQPAY_URL}")


def test_review_speaks_english_and_keeps_the_purpose(client: Client, house: House) -> None:
    page = client.get(f"/pay/{create(house)}/", headers={"Accept-Language": "en"}).content.decode()

    assert "Pay for services" in page
    assert "commission for the transfer: 25,23 UAH" in page
    assert "за послугу Водопостачання" in page


def test_choosing_a_method_comes_back_to_the_review(client: Client, house: House) -> None:
    intent_id = create(house)

    answer = client.post(f"/pay/{intent_id}/method/", {"method": "city_card"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/pay/{intent_id}/")
    assert Intent.objects.get().method == "city_card"


def test_start_redirects_to_the_bank(client: Client, house: House, bank: SandboxBank) -> None:
    answer = client.post(f"/pay/{create(house)}/start/")

    (order,) = bank.orders.values()
    assert answer.status_code == 302
    assert answer.headers["Location"].endswith(f"/pay/{order.token}")


def test_pressing_pay_twice_is_one_order(client: Client, house: House, bank: SandboxBank) -> None:
    intent_id = create(house)

    client.post(f"/pay/{intent_id}/start/")
    client.post(f"/pay/{intent_id}/start/")

    assert len(bank.orders) == 1


def test_start_by_liqpay_gives_a_form_that_works_without_scripts(client: Client, house: House, liqpay: LiqPay) -> None:
    page = client.post(f"/pay/{create(house, method='liqpay')}/start/").content.decode()

    assert '/api/3/checkout" accept-charset="utf-8" data-handover>' in page
    assert page.count('type="hidden" name="data"') == page.count('type="hidden" name="signature"') == 1
    assert "<script>" not in page


def test_status_waits_and_asks_again(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)

    page = client.get(f"/pay/{intent_id}/status/").content.decode()

    assert "Чекаємо на відповідь банку" in page
    assert f'hx-get="/pay/{intent_id}/live/"' in page
    assert '<noscript><meta http-equiv="refresh"' in page


def test_the_browsers_return_confirms_nothing(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)

    client.get(f"/pay/{intent_id}/status/?status=success")

    assert Intent.objects.get().state == "pending"


def test_paid_page_asks_again_until_the_receipt_is_sent(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)
    hear(intent_id, "success")
    assert 'hx-trigger="every 2s"' in client.get(f"/pay/{intent_id}/status/").content.decode()

    api.receipt_sent(intent_id=intent_id, at=AT)

    page = client.get(f"/pay/{intent_id}/live/").content.decode()
    assert "Квитанція готова" in page
    assert "hx-trigger" not in page


def test_paid_page_stops_asking_when_no_receipt_comes(client: Client, house: House, settings: Settings) -> None:
    intent_id = create(house)
    mark_started(intent_id)
    hear(intent_id, "success")
    settings.FROZEN_NOW = AT + dt.timedelta(minutes=10)

    assert "hx-trigger" not in client.get(f"/pay/{intent_id}/status/").content.decode()


def test_live_becomes_the_receipt(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)
    hear(intent_id, "success")

    page = client.get(f"/pay/{intent_id}/live/").content.decode()

    assert "Сплачено" in page
    assert "Гроші розподілено між отримувачами" in page
    assert f"Квитанція № {Intent.objects.get().receipt_number}" in page


def test_a_refusal_says_what_happened_and_offers_again(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)
    hear(intent_id, "declined", reason="На картці бракує грошей.")

    page = client.get(f"/pay/{intent_id}/status/").content.decode()

    assert "Оплата не пройшла" in page
    assert "На картці бракує грошей." in page
    assert "Гроші з картки не списано" in page


def test_again_makes_one_new_payment_however_often_pressed(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)
    hear(intent_id, "declined")

    first = client.post(f"/pay/{intent_id}/again/").headers["Location"]
    second = client.post(f"/pay/{intent_id}/again/").headers["Location"]

    assert first == second != f"/pay/{intent_id}/"
    assert Intent.objects.count() == 2


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "status/"),
        ("get", "live/"),
        ("post", "method/"),
        ("post", "start/"),
        ("post", "again/"),
    ],
)
def test_another_persons_payment_is_not_found(house: House, stranger: Client, method: str, path: str) -> None:
    intent_id = create(house)

    assert getattr(stranger, method)(f"/pay/{intent_id}/{path}").status_code == 404
    assert getattr(stranger, method)(f"/pay/{uuid.uuid4()}/{path}").status_code == 404
    assert getattr(Client(), method)(f"/pay/{intent_id}/{path}").status_code == 302
    assert Intent.objects.get().state == "created"


@pytest.mark.parametrize("page", ["payments", "certificate"])
def test_lists_of_another_home_are_not_found(house: House, stranger: Client, page: str) -> None:
    assert stranger.get(f"/homes/{house.home_id}/{page}/").status_code == 404


@pytest.mark.parametrize("page", ["payments", "certificate"])
def test_lists_of_a_locked_home_ask_for_the_key(client: Client, house: House, page: str) -> None:
    Home.objects.update(state="locked")

    answer = client.get(f"/homes/{house.home_id}/{page}/")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/homes/{house.home_id}/key/")


def test_callback_is_heard_without_cookies_and_csrf(house: House, settings: Settings) -> None:
    settings.FROZEN_NOW = AT
    intent_id = create(house)
    mark_started(intent_id)
    body = message(intent_id, "success")

    answer = Client(enforce_csrf_checks=True).post(
        "/gateways/sandbox/callback/", data=body, content_type="application/json", headers=headers(body)
    )

    assert (answer.status_code, answer.content) == (200, b"ok")
    assert api.intent(intent_id=intent_id).state == api.State.PAID


def test_callback_with_a_bad_signature_is_told_so(house: House, settings: Settings) -> None:
    settings.FROZEN_NOW = AT
    intent_id = create(house)
    mark_started(intent_id)

    answer = Client().post(
        "/gateways/sandbox/callback/", data=message(intent_id, "success"), content_type="application/json"
    )

    assert answer.status_code == 403
    assert GatewayEvent.objects.get().outcome == "bad_signature"


def test_callback_of_no_gateway_is_not_found(house: House) -> None:
    assert Client().post("/gateways/nobody/callback/", data=b"", content_type="text/plain").status_code == 404
    assert Client().get("/gateways/sandbox/callback/").status_code == 405


def _pay(house: House, basket: dict[str, int], day: int) -> None:
    at = AT + dt.timedelta(days=day)
    intent_id = create(house, basket, token=f"d{day}", method="city_card", at=at)
    mark_started(intent_id, at)
    assert hear(intent_id, "success", at=at) == "applied"


@pytest.mark.parametrize("payments", [1, 3])
def test_my_payments_take_the_same_queries_whatever_the_number(
    client: Client, house: House, django_assert_num_queries: Count, payments: int
) -> None:
    for day in range(payments):
        _pay(house, {"water": 10_00, "housing": 5_00 + day}, day)

    with django_assert_num_queries(LIST_QUERIES):
        page = client.get(f"/homes/{house.home_id}/payments/").content.decode()

    assert page.count("Квитанція № 2611-") == payments
    assert page.count("15,0") == payments


LIST_QUERIES = 6
"""Session, person, home, providers, payments, waiting ones; the frame asks for homes and towns."""


def test_my_payments_are_filtered(client: Client, house: House) -> None:
    _pay(house, {"water": 10_00}, 0)
    _pay(house, {"housing": 20_00}, 1)
    url = f"/homes/{house.home_id}/payments/"
    zhek = next(line.provider_id for line in api.intent(intent_id=create(house, {"housing": 1})).lines)

    def receipts(query: str) -> int:
        return client.get(url + query).content.decode().count("Квитанція №")

    assert receipts("") == 2
    assert receipts(f"?provider={zhek}") == 1
    assert receipts("?year=2026&month=11") == 2
    assert receipts("?month=10") == 0
    assert receipts("?year=2025") == 0
    assert receipts("?year=nonsense&provider=x") == 2


def test_my_payments_show_what_the_bank_has_not_decided(client: Client, house: House) -> None:
    intent_id = create(house)
    mark_started(intent_id)

    page = client.get(f"/homes/{house.home_id}/payments/").content.decode()

    assert "Чекаємо на відповідь банку: 3\u00a0181,50 грн" in page
    assert "Платежів ще не було" in page


def test_certificate_has_date_months_and_total(client: Client, house: House) -> None:
    _pay(house, {"water": 1300_00}, 0)
    _pay(house, {"housing": 20_00}, 1)

    page = client.get(f"/homes/{house.home_id}/certificate/").content.decode()

    assert "05.11.2026" in page
    assert "жовтень 2026 – листопад 2026" in page
    assert "1\u00a0320,00" in page
    assert "за послугу Обслуговування будинків, О/Р 77-00101, за 10.2026, без ПДВ" in page


def test_certificate_of_another_span_is_empty(client: Client, house: House) -> None:
    _pay(house, {"water": 1300_00}, 0)

    page = client.get(f"/homes/{house.home_id}/certificate/?first=2026-01&last=2026-10").content.decode()

    assert "За цей час платежів не було" in page
