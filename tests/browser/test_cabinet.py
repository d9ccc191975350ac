"""The cabinet in a real browser: bill, readings online and offline, every page on every screen."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from domivka.homes.models import HomeShare
from domivka.kernel import clock
from domivka.metering.models import Reading
from domivka.payments.models import Intent
from tests.browser.helpers import assert_accessible, assert_accessible_everywhere, save_screens, sign_in, tab_to
from tests.builders import AccountServiceOf, Resident, Town, helper, resident, run

pytestmark = pytest.mark.django_db(transaction=True)


class Flat:
    """A flat with water on a meter (54 → 58), gas in debt, and a resident."""

    def __init__(self) -> None:
        last = clock.current_period().previous
        self.flat = Town().flat(living=3)
        self.water: AccountServiceOf = self.flat.service("water", metered=True)
        self.gas: AccountServiceOf = self.flat.service("gas")
        self.meter = self.water.meter("032264", initial="54", on=last.previous.first_day)
        self.water.read(self.meter, "58", on=last.first_day + dt.timedelta(days=9))
        self.version = self.water.tariff("30.128", shares=[("Електроенергія", "34.5"), ("Оплата праці", "65.5")])
        for period in last.shift(-5).through(last.previous):
            self.water.charge(period, 120_51)
            self.water.pay(period.next, 120_51)
        run(self.flat.town, last)  # 4 m³ × 30,128
        self.gas.charge(last, 1306_47)
        self.one: Resident = resident(self.flat, label="Дім")
        self.root = f"/homes/{self.one.home.pk}/"
        self.field = f"reading_{self.meter}_single"


@pytest.fixture
def flat() -> Flat:
    return Flat()


@pytest.fixture
def resident_page(page: Page, flat: Flat, live_server: Any) -> Page:
    sign_in(page.context, flat.one.user, live_server.url)
    return page


def values() -> list[Decimal]:
    return [row.value for row in Reading.objects.filter(superseded_at=None, period=clock.current_period())]


def test_bill_total_follows_ticks_and_sums(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    page.goto(flat.root)
    page.get_by_role("link", name="Обрати послуги й суми").click()
    pay = page.get_by_role("button", name=re.compile("^Сплатити"))
    expect(pay).to_have_text("Сплатити 1\u00a0426,98 грн")

    page.get_by_role("checkbox", name=re.compile("Холодна вода")).uncheck()
    expect(pay).to_have_text("Сплатити 1\u00a0306,47 грн")
    page.get_by_label("Сума до сплати, Газ").fill("1000,5")
    expect(pay).to_have_text("Сплатити 1\u00a0000,50 грн")
    page.get_by_label("Сума до сплати, Холодна вода").fill("20")
    expect(page.get_by_role("checkbox", name=re.compile("Холодна вода"))).to_be_checked()
    expect(pay).to_have_text("Сплатити 1\u00a0020,50 грн")
    expect(page.get_by_role("button", name="Перерахувати")).to_be_hidden()
    pay.click()

    page.wait_for_url("**/pay/**")
    amounts = {line.account_service_id: line.amount_kop for line in Intent.objects.get().lines.all()}
    assert amounts == {flat.gas.id: 1000_50, flat.water.id: 20_00}


def test_bill_line_opens_to_its_explanation(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    page.goto(f"{flat.root}bill/")

    page.get_by_text("Чому така сума").first.click()

    expect(page.get_by_text("4 м³ × 30,128 грн")).to_be_visible()
    expect(page.get_by_text(re.compile("НКРЕКП, рішення № 1457"))).to_be_visible()
    assert_accessible(page)


def test_typed_reading_shows_consumption_and_charge_before_it_is_sent(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    page.goto(f"{flat.root}bill/")

    page.get_by_text("Показання лічильників").click()
    page.get_by_label(re.compile("^Поточні")).fill("61")

    expect(page.get_by_text("Витрата 3 м³")).to_be_visible()
    expect(page.get_by_text("буде нараховано 90,38 грн")).to_be_visible()
    assert values() == []


def test_home_pays_everything_with_one_button(resident_page: Page, flat: Flat) -> None:
    resident_page.goto(flat.root)

    resident_page.get_by_role("button", name="Сплатити 1\u00a0426,98 грн").click()

    resident_page.wait_for_url("**/pay/**")
    assert Intent.objects.get().amount_kop == 1426_98


def test_bill_and_readings_work_without_scripts(without_javascript: Page, flat: Flat, live_server: Any) -> None:
    page = without_javascript
    sign_in(page.context, flat.one.user, live_server.url)
    page.goto(f"{flat.root}bill/")
    page.get_by_label("Сума до сплати, Газ").fill("300")
    page.get_by_role("button", name="Перерахувати").click()
    expect(page.get_by_role("button", name=re.compile("^Сплатити"))).to_have_text("Сплатити 420,51 грн")

    page.goto(f"{flat.root}readings/")
    page.get_by_label(re.compile("^Поточні")).fill("52")
    page.get_by_role("button", name="Передати показання").click()
    expect(page.get_by_text("Показання менше за попереднє (58).").first).to_be_visible()
    page.get_by_label(re.compile("^Поточні")).fill("62,5")
    page.get_by_role("button", name="Передати показання").click()

    expect(page.get_by_text("Передано 1 показання.")).to_be_visible()
    assert values() == [Decimal("62.500")]


def test_readings_by_keyboard_alone(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    page.goto(f"{flat.root}readings/")

    tab_to(page, "Поточні")
    page.keyboard.type("61")
    expect(page.get_by_text("Витрата 3 м³")).to_be_visible()
    tab_to(page, "Передати показання")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Передано 1 показання.")).to_be_visible()
    assert values() == [Decimal(61)]


def test_bill_is_paid_by_keyboard_alone(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    page.goto(f"{flat.root}bill/")

    tab_to(page, "Холодна вода")
    page.keyboard.press("Space")
    tab_to(page, "Сплатити 1 306,47 грн")
    page.keyboard.press("Enter")

    page.wait_for_url("**/pay/**")
    assert Intent.objects.get().amount_kop == 1306_47


def installed(page: Page, flat: Flat) -> None:
    """Open the readings page twice, so that the service worker rules it and keeps it."""
    page.goto(f"{flat.root}readings/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    page.reload()


def test_readings_typed_offline_are_sent_when_the_network_returns(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    installed(page, flat)

    page.context.set_offline(True)
    page.get_by_label(re.compile("^Поточні")).fill("63")
    page.get_by_role("button", name="Передати показання").click()
    expect(page.get_by_text("Чекає на мережу")).to_be_visible()
    expect(page.get_by_text("Лічильник № 032264: 63")).to_be_visible()
    assert values() == []
    page.context.set_offline(False)

    expect(page.get_by_text("Передано", exact=True).first).to_be_visible()
    expect(page.get_by_text("Чекає на мережу")).to_be_hidden()
    assert values() == [Decimal(63)]


def test_readings_page_opens_and_keeps_what_was_typed_without_a_network(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    installed(page, flat)
    page.context.set_offline(True)
    page.get_by_label(re.compile("^Поточні")).fill("64")
    page.get_by_role("button", name="Передати показання").click()
    expect(page.get_by_text("Чекає на мережу")).to_be_visible()

    page.goto(f"{flat.root}readings/")

    expect(page.get_by_text("Лічильник № 032264: 64")).to_be_visible()
    page.goto(f"{flat.root}bill/")
    expect(page.get_by_role("heading", name="Немає мережі")).to_be_visible()
    page.get_by_role("link", name="Ввести показання").click()
    expect(page.get_by_role("heading", name="Показання", exact=True)).to_be_visible()
    page.context.set_offline(False)
    page.reload()
    expect(page.get_by_text("Чекає на мережу")).to_be_hidden()
    assert values() == [Decimal(64)]


def test_doubtful_reading_typed_offline_comes_back_with_its_question(resident_page: Page, flat: Flat) -> None:
    page = resident_page
    installed(page, flat)
    page.context.set_offline(True)
    page.get_by_label(re.compile("^Поточні")).fill("50")
    page.get_by_role("button", name="Передати показання").click()
    expect(page.get_by_text("Чекає на мережу")).to_be_visible()

    page.context.set_offline(False)

    expect(page.get_by_text("Показання не прийнято")).to_be_visible()
    expect(page.get_by_text("Показання менше за попереднє (58).").first).to_be_visible()
    assert values() == []


@pytest.mark.parametrize("change", [{"state": "revoked", "ended_at": clock.now()}, {"sends_readings": False}])
def test_readings_of_a_helper_whose_right_was_withdrawn_meanwhile_are_shown(
    page: Page, flat: Flat, live_server: Any, change: dict[str, Any]
) -> None:
    sign_in(page.context, helper(flat.one, readings=True), live_server.url)
    installed(page, flat)
    page.context.set_offline(True)
    page.get_by_label(re.compile("^Поточні")).fill("63")
    page.get_by_role("button", name="Передати показання").click()
    expect(page.get_by_text("Чекає на мережу")).to_be_visible()
    HomeShare.objects.update(**change)
    if "sends_readings" in change:  # closed the page and came back to it, where the form is no more
        page.goto("about:blank")
        page.context.set_offline(False)
        page.goto(f"{flat.root}readings/")
        expect(page.get_by_role("button", name="Передати показання")).to_be_hidden()
    page.context.set_offline(False)

    expect(page.get_by_text("Показання не прийнято")).to_be_visible()
    expect(page.get_by_text("Лічильник № 032264: 63")).to_be_visible()
    expect(page.get_by_text("Передавати показання цієї оселі ви вже не можете.")).to_be_visible()
    expect(page.get_by_text("Чекає на мережу")).to_be_hidden()
    save_screens(page, f"readings-withdrawn-{len(change)}")
    assert values() == []


def test_page_of_a_home_that_is_shared_no_more_leaves_the_device(page: Page, flat: Flat, live_server: Any) -> None:
    sign_in(page.context, helper(flat.one, readings=True), live_server.url)
    installed(page, flat)
    HomeShare.objects.update(state="revoked", ended_at=clock.now())
    page.goto(f"{flat.root}readings/")

    page.context.set_offline(True)
    page.goto(f"{flat.root}readings/")

    expect(page.get_by_role("heading", name="Немає мережі")).to_be_visible()
    expect(page.get_by_text("032264")).to_be_hidden()


def pages_of(flat: Flat) -> dict[str, str]:
    service = f"{flat.root}accounts/{flat.water.id}/"
    return {
        "home": flat.root,
        "bill": f"{flat.root}bill/",
        "readings": f"{flat.root}readings/",
        "add-meter": f"{flat.root}meters/add/{flat.water.id}/",
        "history": f"{flat.root}history/",
        "statistics": f"{flat.root}statistics/",
        "account-state": f"{service}state/",
        "account-services": f"{service}services/",
        "account-payments": f"{service}payments/",
        "account-consumption": f"{service}consumption/",
        "why": f"{flat.root}why/{flat.water.id}/{clock.current_period().previous}/",
        "tariffs": "/tariffs/",
        "tariff": f"/tariffs/{flat.version.plan_id}/",
        "help": "/help/",
        "accessibility": "/accessibility/",
        "offline": "/offline/",
        "design": "/design/",
    }


@pytest.mark.slow
def test_every_page_is_accessible_on_every_screen(resident_page: Page, flat: Flat) -> None:
    for name, path in pages_of(flat).items():
        answer = resident_page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        resident_page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        resident_page.wait_for_load_state("networkidle")
        assert_accessible_everywhere(resident_page)
        save_screens(resident_page, name)


def test_every_page_survives_double_zoom_and_long_names(page: Page, live_server: Any) -> None:
    flat = Flat()
    flat.flat.town.street.name = "Героїв-рятувальників Чорнобильської атомної електростанції імені Академіка"
    flat.flat.town.street.save()
    flat.gas.charge(clock.current_period().previous, 98765_43)
    sign_in(page.context, flat.one.user, live_server.url)
    page.set_viewport_size({"width": 320, "height": 640})  # 640 px at 200 %

    for path in pages_of(flat).values():
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_stranger_sees_the_landing_in_both_looks(page: Page) -> None:
    page.goto("/")
    assert_accessible_everywhere(page)

    page.get_by_role("button", name="Темний вигляд").click()

    expect(page.locator("body")).to_have_css("background-color", "rgb(16, 22, 31)")
    assert_accessible(page)


def test_home_prints_without_the_frame(resident_page: Page, flat: Flat) -> None:
    resident_page.goto(f"{flat.root}bill/")

    resident_page.emulate_media(media="print")

    for hidden in (".sections", ".footer", ".breadcrumb", ".paybar button"):
        expect(resident_page.locator(hidden).first).to_be_hidden()
    expect(resident_page.get_by_role("heading", name=re.compile("^Рахунок за"))).to_be_visible()
    assert resident_page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
