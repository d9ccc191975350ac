"""Paying in a real browser: our pages, the sandbox bank's pages, its callbacks over HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from domivka.emulators.cards import CODE
from domivka.emulators.liqpay import LiqPay
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.emulators.server import Server
from domivka.identity.models import User
from domivka.kernel import clock
from domivka.ledger import api as ledger
from domivka.ledger.models import Account
from domivka.notifications.models import Message
from domivka.payments.models import GatewayEvent, Intent
from domivka.statements.tasks import send_receipt
from tests.browser.helpers import assert_accessible, assert_accessible_everywhere, save_screens
from tests.database.payments.bank import BASKET, create
from tests.database.payments.town import House, balance, build, charge, make_user, system

pytestmark = pytest.mark.django_db(transaction=True)

SignIn = Callable[[Page, User], None]


@pytest.fixture
def house(live_server: Any) -> House:
    """Debts of seed S1, in the cabinet of Olena."""
    made = build()
    charge(made, "water", 1264_70)
    charge(made, "wastewater", 869_27)
    charge(made, "housing", 1021_00)
    return made


@pytest.fixture
def bank(live_server: Any, settings: Settings) -> Iterator[SandboxBank]:
    emulator = SandboxBank(secret=settings.SANDBOX_BANK_SECRET, late_s=0.5)
    server = Server(emulator.routes()).start()
    settings.SANDBOX_BANK_URL, settings.BASE_URL = server.url, live_server.url
    yield emulator
    server.stop()


@pytest.fixture
def liqpay(live_server: Any, settings: Settings) -> Iterator[LiqPay]:
    emulator = LiqPay(public_key=settings.LIQPAY_PUBLIC_KEY, private_key=settings.LIQPAY_PRIVATE_KEY)
    server = Server(emulator.routes()).start()
    settings.LIQPAY_URL, settings.BASE_URL = server.url, live_server.url
    yield emulator
    server.stop()


@pytest.fixture
def sign_in(live_server: Any, settings: Settings) -> SignIn:
    def make(page: Page, user: User) -> None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])

    return make


def _review(page: Page, house: House, **options: Any) -> uuid.UUID:
    """Open the payment screen of a new basket."""
    intent_id = create(house, at=clock.now(), **options)
    page.goto(f"/pay/{intent_id}/")
    return intent_id


def _pay(page: Page, card: str, *, code: bool = True) -> None:
    """From our button through the bank's card page and its 3-D Secure step."""
    page.get_by_role("button", name=re.compile("^Сплатити")).click()
    page.get_by_role("button", name=re.compile(card)).click()
    if code:
        page.get_by_label("Код із повідомлення").fill(CODE)
        page.get_by_role("button", name="Підтвердити").click()


def test_bill_to_receipt_with_3d_secure(page: Page, house: House, bank: SandboxBank, sign_in: SignIn) -> None:
    sign_in(page, house.user)
    page.goto(f"/homes/{house.home_id}/bill/")
    page.get_by_role("button", name=re.compile("^Сплатити")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Сплати за послуги")
    page.get_by_role("button", name=re.compile("Будь-яка банківська картка")).click()
    expect(page.get_by_text("Разом спишеться з картки")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "pay-review")

    page.get_by_role("button", name="Сплатити 3 181,50 грн").click()
    expect(page.get_by_role("heading", name="Оплата карткою")).to_be_visible()
    assert_accessible(page)
    save_screens(page, "bank-card")
    page.get_by_role("button", name=re.compile("4111 1111 1111 1111")).click()
    page.get_by_label("Код із повідомлення").fill("0000")
    page.get_by_role("button", name="Підтвердити").click()
    expect(page.get_by_role("alert")).to_have_text("Код неправильний. Залишилося спроб: 2.")
    assert_accessible(page)
    save_screens(page, "bank-secure")
    page.get_by_label("Код із повідомлення").fill(CODE)
    page.get_by_role("button", name="Підтвердити").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено")
    expect(page.get_by_text("Гроші розподілено між отримувачами")).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "pay-paid")
    assert [balance(house, code) for code in BASKET] == [0, 0, 0]
    assert system(house, Account.Kind.CLEARING, service="water") == -1264_70
    assert system(house, Account.Kind.CLEARING, service="wastewater") == -869_27
    assert system(house, Account.Kind.CLEARING, service="housing") == -1021_00
    assert ledger.verify() == []

    receipt = page.request.get(page.get_by_role("link", name="Квитанція (PDF)").get_attribute("href") or "")
    assert (receipt.headers["content-type"], receipt.body()[:5]) == ("application/pdf", b"%PDF-")
    send_receipt(intent_id=str(Intent.objects.get().pk))
    page.reload()
    expect(page.get_by_text("Квитанція готова")).to_be_visible()
    assert Message.objects.get(template="statements.receipt").recipient == "olena@example.com"

    for name in ("payments", "certificate"):
        page.goto(f"/homes/{house.home_id}/{name}/")
        expect(page.locator("table")).to_contain_text("1 264,70")
        save_screens(page, f"pay-{name}")
        assert_accessible_everywhere(page)


def test_city_card_pays_without_commission(page: Page, house: House, bank: SandboxBank, sign_in: SignIn) -> None:
    sign_in(page, house.user)
    _review(page, house, method="city_card")

    page.get_by_role("button", name="Сплатити 3 154,97 грн").click()
    expect(page.get_by_label("Номер міської картки")).to_be_visible()
    page.get_by_role("button", name=re.compile("9804")).click()
    page.get_by_label("Код із повідомлення").fill(CODE)
    page.get_by_role("button", name="Підтвердити").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено")
    assert system(house, Account.Kind.FEE, code="sandbox") == 0


def test_paying_works_without_javascript(
    without_javascript: Page, house: House, bank: SandboxBank, sign_in: SignIn
) -> None:
    page = without_javascript
    sign_in(page, house.user)
    _review(page, house, method="city_card")

    _pay(page, "9804")
    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено", timeout=15_000)  # it refreshes itself


def test_a_declined_card_keeps_the_debt_and_offers_another_try(
    page: Page, house: House, bank: SandboxBank, sign_in: SignIn
) -> None:
    sign_in(page, house.user)
    _review(page, house)

    _pay(page, "4000 0000 0000 9995", code=False)

    expect(page.get_by_role("heading", level=1)).to_have_text("Оплата не пройшла")
    expect(page.get_by_text("На картці бракує грошей.").first).to_be_visible()
    assert_accessible_everywhere(page)
    save_screens(page, "pay-failed")
    assert balance(house, "water") == 1264_70

    page.get_by_role("button", name=re.compile("ще раз$")).click()
    _pay(page, "4111")
    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено")
    assert balance(house, "water") == 0


def test_a_double_click_on_pay_is_one_payment(page: Page, house: House, bank: SandboxBank, sign_in: SignIn) -> None:
    sign_in(page, house.user)
    page.goto(f"/homes/{house.home_id}/bill/")

    page.get_by_role("button", name=re.compile("^Сплатити")).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Сплати за послуги")
    page.get_by_role("button", name=re.compile("^Сплатити")).dblclick()
    expect(page.get_by_role("heading", name="Оплата карткою")).to_be_visible()

    assert Intent.objects.count() == 1
    assert len(bank.orders) == 1


@pytest.mark.parametrize(("card", "messages"), [("4000 0000 0000 0135", 3), ("4000 0000 0000 0143", 3)])
def test_repeated_and_disordered_callbacks_pay_once(
    page: Page, house: House, bank: SandboxBank, sign_in: SignIn, card: str, messages: int
) -> None:
    sign_in(page, house.user)
    intent_id = _review(page, house)

    _pay(page, card)

    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено")
    order = bank.orders[intent_id.hex]
    while order.delivered < messages:
        page.wait_for_timeout(50)
    assert GatewayEvent.objects.count() == messages
    assert Intent.objects.get().state == "paid"
    assert system(house, Account.Kind.GATEWAY, code="sandbox") == 3181_50


def test_a_late_callback_turns_the_open_page_into_a_receipt(
    page: Page, house: House, bank: SandboxBank, sign_in: SignIn
) -> None:
    bank.late_s = 3
    sign_in(page, house.user)
    _review(page, house)

    _pay(page, "4000 0000 0000 0127")

    expect(page.get_by_role("heading", level=1)).to_have_text("Чекаємо на відповідь банку")
    assert_accessible_everywhere(page)
    save_screens(page, "pay-waiting")
    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено")


def test_liqpay_takes_the_form_and_calls_back(page: Page, house: House, liqpay: LiqPay, sign_in: SignIn) -> None:
    sign_in(page, house.user)
    _review(page, house, method="liqpay")

    _pay(page, "4111")

    expect(page.get_by_role("heading", level=1)).to_have_text("Сплачено")
    assert system(house, Account.Kind.GATEWAY, code="liqpay") == 3181_50


def test_another_person_cannot_open_the_payment(
    page: Page, new_context: Any, house: House, bank: SandboxBank, sign_in: SignIn
) -> None:
    sign_in(page, house.user)
    intent_id = _review(page, house)
    stranger = new_context().new_page()
    sign_in(stranger, make_user("stranger@example.com"))

    for path in (
        f"/pay/{intent_id}/",
        f"/pay/{intent_id}/status/",
        f"/homes/{house.home_id}/payments/",
        f"/homes/{house.home_id}/certificate/",
    ):
        answer = stranger.goto(path)
        assert answer is not None
        assert answer.status == 404
