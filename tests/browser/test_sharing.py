"""Two people on two phones: the owner invites, the helper signs up, accepts, sends a reading, pays; the owner revokes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from domivka.emulators.cards import CODE
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.emulators.server import Server
from domivka.homes.models import HomeShare
from domivka.kernel import clock
from domivka.notifications.models import Message
from domivka.payments.models import Intent
from domivka.statements.tasks import send_receipt
from tests.browser.helpers import assert_accessible_everywhere, save_screens, sign_in, tab_to
from tests.builders import Resident, Town, helper, resident

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "Vyshneva-Balka-7"
OLIA = "olia.kovalchuk.shevchenko.domashnia@example.com"  # as long as they are


class Flat:
    """Olena's flat with water on a meter and a gas debt of 306,47 грн."""

    def __init__(self) -> None:
        last = clock.current_period().previous
        flat = Town().flat()
        water, gas = flat.service("water", metered=True), flat.service("gas")
        self.meter = water.meter("032264", initial="54", on=last.previous.first_day)
        gas.charge(last, 306_47)
        self.one: Resident = resident(flat)
        self.root = f"/homes/{self.one.home.pk}/"


@pytest.fixture
def flat(live_server: Any) -> Flat:
    cache.clear()
    return Flat()


@pytest.fixture
def bank(live_server: Any, settings: Settings) -> Iterator[SandboxBank]:
    emulator = SandboxBank(secret=settings.SANDBOX_BANK_SECRET, late_s=0.5)
    server = Server(emulator.routes()).start()
    settings.SANDBOX_BANK_URL, settings.BASE_URL = server.url, live_server.url
    yield emulator
    server.stop()


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def looks_right(page: Page, name: str) -> None:
    assert_accessible_everywhere(page)
    save_screens(page, f"sharing-{name}")


def link_in(template: str, pattern: str) -> str:
    found = re.search(pattern, Message.objects.filter(template=template).latest("pk").body)
    assert found is not None
    return found[0]


def test_owner_shares_helper_reads_and_pays_owner_revokes(
    page: Page, new_context: Any, flat: Flat, bank: SandboxBank, live_server: Any
) -> None:
    owner, olia = page, new_context().new_page()
    sign_in(owner.context, flat.one.user, live_server.url)
    owner.goto(flat.root)
    owner.get_by_role("link", name="Поділитися доступом").click()
    expect(owner.get_by_text("Оселею ще ні з ким не поділилися")).to_be_visible()
    looks_right(owner, "none")
    owner.get_by_role("link", name="Поділитися доступом").click()
    looks_right(owner, "invite")
    owner.get_by_label("Хто допомагатиме").fill("донька Оля")
    owner.get_by_label("Пошта або телефон помічника").fill(OLIA)
    owner.get_by_label("передавати показання лічильників").check()
    owner.get_by_label("платити за послуги зі своєї картки").check()
    press(owner, "Надіслати запрошення")
    expect(owner.get_by_text("чекаємо на відповідь")).to_be_visible()

    _sign_up_by_the_link(olia)
    looks_right(olia, "invitation")
    olia.get_by_label("Як називати цю оселю у вас").fill("оселя мами")
    press(olia, "Прийняти")
    expect(olia.get_by_role("heading", level=1)).to_have_text("оселя мами")
    expect(olia.locator(".home-switch summary")).to_contain_text("оселя мами (ви помічник)")
    expect(olia.get_by_text(re.compile("^Ви помічник цієї оселі до"))).to_be_visible()
    expect(olia.get_by_role("link", name="Поділитися доступом")).to_have_count(0)
    looks_right(olia, "home")

    olia.goto(f"{flat.root}readings/")
    olia.get_by_label(re.compile("^Поточні")).fill("58")
    press(olia, "Передати показання")
    expect(olia.get_by_text("Передано 1 показання.")).to_be_visible()
    olia.goto(flat.root)
    _pay(olia)
    send_receipt(intent_id=str(Intent.objects.get().pk))
    assert Message.objects.get(template="statements.receipt").recipient == OLIA

    owner.goto(f"{flat.root}helpers/")
    looks_right(owner, "helpers")
    owner.get_by_role("link", name="донька Оля").click()
    expect(owner.get_by_text(re.compile("^Сплачено 306,47 грн, квитанція №"))).to_be_visible()
    expect(owner.get_by_text("Передано 1 показання")).to_be_visible()
    looks_right(owner, "helper")
    owner.get_by_text("Відкликати", exact=True).click()
    press(owner, "Відкликати доступ")
    expect(owner.get_by_text("доступ відкликано", exact=True)).to_be_visible()

    assert olia.goto(flat.root).status == 404
    olia.goto("/homes/")
    expect(olia.get_by_text("оселя мами")).to_have_count(0)


def _sign_up_by_the_link(olia: Page) -> None:
    """The letter's link, a new account with the invited e-mail, the link again."""
    link = link_in("homes.invitation", r"/invitations/[\w-]+/")
    olia.goto(link)
    expect(olia.get_by_text("o***@example.com")).to_be_visible()
    looks_right(olia, "stranger")
    olia.get_by_role("link", name="Створити кабінет").click()
    olia.get_by_label("Телефон або пошта").fill(OLIA)
    olia.get_by_label("Пароль").fill(PASSWORD)
    press(olia, "Створити")
    expect(olia.get_by_role("heading", name="Перевірте електронну пошту")).to_be_visible()
    olia.goto(re.sub("^https?://[^/]+", "", link_in("identity.email_confirmation_signup", r"\S+/confirm-email/\S+")))
    press(olia, "Підтвердити пошту")
    olia.wait_for_load_state()
    olia.goto(link)


def _pay(olia: Page) -> None:
    press(olia, "Сплатити 306,47 грн")
    expect(olia.get_by_role("heading", level=1)).to_have_text("Сплати за послуги")
    olia.get_by_role("button", name=re.compile("Будь-яка банківська картка")).click()
    expect(olia.get_by_role("button", name=re.compile("Будь-яка банківська картка"), pressed=True)).to_be_visible()
    olia.get_by_role("button", name=re.compile("^Сплатити")).click()
    olia.get_by_role("button", name=re.compile("4111 1111 1111 1111")).click()
    olia.get_by_label("Код із повідомлення").fill(CODE)
    press(olia, "Підтвердити")
    expect(olia.get_by_role("heading", level=1)).to_have_text("Сплачено")


def test_helper_who_only_sees_has_pages_without_forms(page: Page, flat: Flat, live_server: Any) -> None:
    sign_in(page.context, helper(flat.one), live_server.url)

    for name in ("bill", "readings"):
        page.goto(f"{flat.root}{name}/")
        expect(page.locator("main form")).to_have_count(0)
        looks_right(page, f"see-{name}")

    page.goto(f"{flat.root}certificate/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Власник оселі не дав вам цього доступу")
    looks_right(page, "not-given")
    page.get_by_role("link", name="Що ви можете").click()
    looks_right(page, "access")
    tab_to(page, "Відмовитися від доступу")
    page.keyboard.press("Enter")
    press(page, "Відмовитися")
    expect(page.get_by_role("heading", level=1)).to_have_text("Мої об'єкти")
    assert HomeShare.objects.get().state == "left"
    looks_right(page, "left")


def test_helper_pays_without_scripts(without_javascript: Page, flat: Flat, live_server: Any) -> None:
    page = without_javascript
    sign_in(page.context, helper(flat.one, pays=True), live_server.url)
    page.goto(f"{flat.root}bill/")

    page.get_by_role("button", name=re.compile("^Сплатити")).click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Сплати за послуги")
    assert Intent.objects.get().amount_kop == 306_47
