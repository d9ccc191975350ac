from __future__ import annotations

import pytest
from django.utils.translation import override

from domivka.kernel.errors import NotFoundError
from domivka.kernel.money import Money
from domivka.payments import api
from domivka.registry.models import AccountService, BankAccount
from tests.database.payments.town import AT, OCT, House, build, make_user

SCREEN = {"water": 1264_70, "wastewater": 869_27, "waste": 0, "housing": 1021_00}


def _quote(house: House, method: str, amounts: dict[str, int] = SCREEN) -> api.Quote:
    basket = {house.services[code]: kop for code, kop in amounts.items()}
    return api.quote(premises_id=house.premises_id, amounts=basket, method=method, at=AT)


def test_quote_is_the_screen_of_the_seed(house: House) -> None:
    quote = _quote(house, "card")

    assert [(line.service, line.amount, line.fee) for line in quote.lines] == [
        ("Водопостачання", Money(1264_70), Money(0)),
        ("Водовідведення", Money(869_27), Money(25_23)),
        ("Вивезення відходів", Money(0), Money(0)),
        ("Обслуговування будинків", Money(1021_00), Money(1_30)),
    ]
    assert (quote.total, quote.fee, quote.total_with_fee) == (Money(3154_97), Money(26_53), Money(3181_50))


def test_quote_names_the_recipient_of_every_line(house: House) -> None:
    line = _quote(house, "card").lines[1]

    assert (line.recipient, line.recipient_code) == ("КП «vodokanal»", "12345678")
    assert (line.iban, line.bank_name) == ("UA213223130000026007233566001", "АТ «Ощадбанк»")
    assert line.account_number == "00101"
    assert line.purpose == "за послугу Водовідведення, О/Р 00101, за 10.2026, без ПДВ"


def test_quote_by_city_card_has_no_commission(house: House) -> None:
    quote = _quote(house, "city_card")

    assert (quote.total, quote.fee, quote.total_with_fee) == (Money(3154_97), Money(0), Money(3154_97))


def test_quote_is_for_the_last_charged_month(house: House) -> None:
    assert _quote(house, "card").period == OCT


def test_quote_keeps_the_purpose_ukrainian_for_an_english_reader(house: House) -> None:
    with override("en"):
        line = _quote(house, "card").lines[0]

    assert line.service == "Water"
    assert line.purpose.startswith("за послугу Водопостачання")


def test_quote_uses_the_general_bank_account_where_a_service_has_none(house: House) -> None:
    BankAccount.objects.filter(service__code="housing").update(service=None)

    assert _quote(house, "card").lines[3].iban == "UA503004650000026001234567890"


def test_quote_refuses_a_recipient_without_bank_details(house: House) -> None:
    BankAccount.objects.filter(service__code="housing").delete()

    with pytest.raises(api.NoBankDetails):
        _quote(house, "card")


def test_quote_refuses_an_account_of_another_home(house: House) -> None:
    other = build("8", user=make_user("ivan@example.com"), account="00202")

    with pytest.raises(NotFoundError):
        api.quote(premises_id=house.premises_id, amounts={other.ids[0]: 1}, method="card", at=AT)


def test_quote_refuses_a_closed_service(house: House) -> None:
    AccountService.objects.filter(pk=house.services["water"]).update(closed_on="2026-10-01")

    with pytest.raises(NotFoundError):
        _quote(house, "card")


def test_quote_refuses_a_negative_amount_and_an_unknown_method(house: House) -> None:
    with pytest.raises(api.AmountRefused):
        _quote(house, "card", {"water": -1})
    with pytest.raises(api.UnknownMethod):
        _quote(house, "cheque")


@pytest.mark.parametrize("codes", [["water"], ["water", "wastewater", "housing"]])
def test_quote_takes_two_queries_whatever_the_number(
    house: House, codes: list[str], django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(2):  # type: ignore[operator]  # pytest-django's fixture
        _quote(house, "card", dict.fromkeys(codes, 1_00))


def test_methods_name_the_town_and_put_the_free_one_first(house: House) -> None:
    methods = api.payment_methods(premises_id=house.premises_id)

    assert [(method.code, method.title, method.has_fee) for method in methods] == [
        ("city_card", "Міська картка Калинова", False),
        ("card", "Будь-яка банківська картка", True),
        ("liqpay", "LiqPay", True),
    ]
