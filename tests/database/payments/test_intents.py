from __future__ import annotations

import datetime as dt
import uuid

import pytest
from pytest_django.fixtures import Settings

from domivka.emulators.cards import Behaviour
from domivka.emulators.liqpay import LiqPay
from domivka.emulators.sandbox_bank import SandboxBank
from domivka.kernel.errors import NotFoundError
from domivka.kernel.models import AuditEntry
from domivka.kernel.money import Money
from domivka.payments import api
from domivka.payments.gateways import http
from domivka.payments.gateways import liqpay as liqpay_port
from domivka.payments.models import Intent
from tests.database.payments.bank import BASKET, FORM, create, hear
from tests.database.payments.town import AT, House, build, make_user


def test_intent_freezes_the_screen_of_the_seed(house: House) -> None:
    intent = api.intent_view(user_id=house.user.pk, intent_id=create(house))

    assert [(line.service, line.amount, line.fee) for line in intent.lines] == [
        ("Водопостачання", Money(1264_70), Money(0)),
        ("Водовідведення", Money(869_27), Money(25_23)),
        ("Обслуговування будинків", Money(1021_00), Money(1_30)),
    ]
    assert (intent.total, intent.fee, intent.total_with_fee) == (Money(3154_97), Money(26_53), Money(3181_50))
    assert intent.state == api.State.CREATED


def test_same_token_and_basket_is_the_same_intent(house: House) -> None:
    first, second = create(house), create(house)

    assert first == second
    assert Intent.objects.count() == 1


def test_same_token_with_an_edited_sum_is_another_intent(house: House) -> None:
    first, second = create(house), create(house, {**BASKET, "water": 1_00})

    assert first != second


def test_creating_is_audited_without_personal_data(house: House) -> None:
    create(house)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id, entry.detail) == (
        "payment.create",
        house.user.pk,
        {"amount_kop": 3154_97, "lines": 3},
    )


def test_zero_lines_are_left_out(house: House) -> None:
    intent = api.intent(intent_id=create(house, {"water": 1_00, "waste": 0}))

    assert [line.service for line in intent.lines] == ["Водопостачання"]


@pytest.mark.parametrize("basket", [{}, {"water": 0}])
def test_an_empty_basket_is_refused(house: House, basket: dict[str, int]) -> None:
    with pytest.raises(api.EmptyBasket):
        create(house, basket)


def test_an_advance_is_limited(house: House, settings: Settings) -> None:
    settings.PAYMENT_ADVANCE_LIMIT_KOP = 500_00

    create(house, {"water": 1764_70})
    with pytest.raises(api.AmountRefused, match=r"«Водопостачання»: .* не більше 1\u00a0764,70 грн"):
        create(house, {"water": 1764_71})


def test_too_many_payments_in_an_hour_are_refused(house: House, settings: Settings) -> None:
    settings.PAYMENTS_PER_HOUR = 2
    create(house, {"water": 1})
    create(house, {"water": 2})

    with pytest.raises(api.TooManyPayments):
        create(house, {"water": 3})

    assert create(house, {"water": 1}) == create(house, {"water": 1})
    create(house, {"water": 3}, at=AT + dt.timedelta(minutes=61))


def test_another_person_does_not_see_the_payment(house: House) -> None:
    intent_id, stranger = create(house), make_user("stranger@example.com")

    for attempt in (
        lambda: api.intent_view(user_id=stranger.pk, intent_id=intent_id),
        lambda: api.start(user_id=stranger.pk, intent_id=intent_id, at=AT),
        lambda: api.choose_method(user_id=stranger.pk, intent_id=intent_id, method="card", at=AT),
        lambda: api.intent_view(user_id=stranger.pk, intent_id=uuid.uuid4()),
    ):
        with pytest.raises(NotFoundError):
            attempt()


def test_choosing_a_method_changes_the_commission(house: House) -> None:
    intent_id = create(house)

    api.choose_method(user_id=house.user.pk, intent_id=intent_id, method="city_card", at=AT)

    intent = api.intent(intent_id=intent_id)
    assert (intent.method, intent.fee, intent.total_with_fee) == ("city_card", Money(0), Money(3154_97))
    assert [line.fee for line in intent.lines] == [Money(0)] * 3


def test_start_leads_to_the_banks_page_and_again_to_the_same(house: House, bank: SandboxBank) -> None:
    intent_id = create(house)

    first = api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)
    second = api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)

    assert first == second
    assert not first.is_form
    (order,) = bank.orders.values()
    assert (order.order_id, order.amount_kop, order.city_card) == (intent_id.hex, 3181_50, False)
    assert first.url.endswith(f"/pay/{order.token}")
    assert order.callback_url.endswith("/gateways/sandbox/callback/")
    assert Intent.objects.get().state == "pending"


def test_start_by_city_card_says_so_to_the_bank(house: House, bank: SandboxBank) -> None:
    api.start(user_id=house.user.pk, intent_id=create(house, method="city_card"), at=AT)

    assert [order.city_card for order in bank.orders.values()] == [True]


def test_a_method_cannot_change_after_the_start(house: House, bank: SandboxBank) -> None:
    intent_id = create(house)
    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)

    with pytest.raises(api.NotStartable):
        api.choose_method(user_id=house.user.pk, intent_id=intent_id, method="city_card", at=AT)


def test_a_bank_that_does_not_answer_leaves_the_payment_unknown(
    house: House, bank: SandboxBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "TIMEOUT_S", 0.3)
    bank.fault = Behaviour.CREATE_TIMEOUT
    intent_id = create(house)

    step = api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)

    assert step.url.endswith(f"/pay/{intent_id}/status/")
    assert api.intent(intent_id=intent_id).state == api.State.UNKNOWN
    assert list(bank.orders) == [intent_id.hex]


def test_a_bank_that_refuses_fails_the_payment(house: House, bank: SandboxBank) -> None:
    bank.fault = Behaviour.CREATE_REFUSED
    intent_id = create(house)

    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)

    intent = api.intent(intent_id=intent_id)
    assert (intent.state, intent.failure) == (api.State.FAILED, "Банк відмовився прийняти платіж.")


def test_a_bank_with_another_secret_fails_the_payment(house: House, bank: SandboxBank, settings: Settings) -> None:
    settings.SANDBOX_BANK_SECRET = "somebody else's"
    intent_id = create(house)

    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)

    assert api.intent(intent_id=intent_id).state == api.State.FAILED
    assert bank.orders == {}


def test_a_finished_payment_does_not_start_again(house: House, bank: SandboxBank) -> None:
    intent_id = create(house)
    api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)
    assert hear(intent_id, "success") == "applied"

    with pytest.raises(api.NotStartable):
        api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)


def test_an_old_basket_does_not_start(house: House, bank: SandboxBank) -> None:
    intent_id = create(house)

    with pytest.raises(api.NotStartable):
        api.start(user_id=house.user.pk, intent_id=intent_id, at=AT + dt.timedelta(hours=25))

    assert api.intent(intent_id=intent_id).state == api.State.EXPIRED
    assert bank.orders == {}


def test_a_town_without_a_gateway_says_so(house: House, settings: Settings) -> None:
    settings.SANDBOX_BANK_SECRET = settings.LIQPAY_PRIVATE_KEY = ""

    with pytest.raises(api.UnknownMethod, match="ще не налаштована"):
        api.create_intent(
            user_id=house.user.pk, premises_id=house.premises_id, amounts={house.ids[0]: 1}, token=FORM, at=AT
        )


def test_liqpay_gets_a_signed_form(house: House, liqpay: LiqPay) -> None:
    intent_id = create(house, method="liqpay")

    step = api.start(user_id=house.user.pk, intent_id=intent_id, at=AT)

    assert step.is_form
    message = liqpay_port.decode(step.fields["data"])
    assert (message["action"], message["amount"], message["currency"]) == ("pay", "3181.50", "UAH")
    assert message["order_id"] == intent_id.hex
    assert message["server_url"].endswith("/gateways/liqpay/callback/")


def test_a_gateway_without_its_secret_is_not_offered(house: House, settings: Settings) -> None:
    settings.SANDBOX_BANK_SECRET = settings.LIQPAY_PRIVATE_KEY = ""

    assert api.payment_methods(premises_id=house.premises_id) == []
    with pytest.raises(api.UnknownGateway):
        api.receive_callback(gateway="sandbox", body=b"{}", headers={}, at=AT)


def test_an_account_of_another_home_is_refused(house: House) -> None:
    other = build("8", user=make_user("ivan@example.com"), account="00202")

    with pytest.raises(NotFoundError):
        api.create_intent(
            user_id=house.user.pk, premises_id=house.premises_id, amounts={other.ids[0]: 1}, token="t", at=AT
        )
    assert not Intent.objects.exists()
