from __future__ import annotations

import pytest

from domivka.exchange.errors import BadPreset, UnknownPreset
from domivka.exchange.preset import load_preset, parse_preset, preset_names
from domivka.registry.rules.standard import STANDARD_SERVICES

GOOD = """
title = "Т"
kind = "balances"
formats = ["csv"]
provider = "x"
service = "gas"
[columns]
account = ["О/р"]
charged = ["Н"]
opening = ["П"]
paid = ["С"]
closing = ["К"]
"""


def test_every_preset_of_the_product_is_right_and_names_standard_services() -> None:
    codes = {service.code for service in STANDARD_SERVICES}

    assert preset_names() == ["addresses", "gaz", "housing", "oblenergo", "oschad", "teplo", "terminal", "vodokanal"]
    for name in preset_names():
        preset = load_preset(name)
        used = {rule.code for rule in preset.services.values()} | ({preset.service.code} if preset.service else set())
        assert used <= codes, name


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('kind = "balances"', 'kind = "other"'), "kind має бути"),
        (('formats = ["csv"]', 'formats = ["doc"]'), "formats"),
        (('account = ["О/р"]\n', ""), "немає полів account"),
        (('account = ["О/р"]', 'account = ["О/р"]\nwhat = ["x"]'), "невідомі поля what"),
        (('provider = "x"\n', ""), "немає provider"),
        (('service = "gas"\n', ""), "потрібна або колонка service"),
        (('title = "Т"', 'title = "Т"\nextra = 1'), "зайві ключі extra"),
        (('title = "Т"', "title = "), "Шаблон «мій»"),
        (('service = "gas"', 'service = "gas"\nbalance_sign = 2'), "balance_sign"),
        (('closing = ["К"]', 'closing = ["К"]\n[meter]\nservices = ["water"]'), "services є послуги"),
        (('account = ["О/р"]', 'account = [""]'), "немає назви"),
        (('account = ["О/р"]', "account = 5"), "неправильний тип"),
        (('closing = ["К"]', 'closing = ["К"]\n[[meters]]\ncurrent = ["Л"]'), "лише в реєстрі платежів"),
    ],
)
def test_wrong_preset_says_what_is_wrong(change: tuple[str, str], problem: str) -> None:
    assert change[0] in GOOD

    with pytest.raises(BadPreset, match=problem):
        parse_preset("мій", GOOD.replace(*change))


def test_unknown_preset_names_those_that_are() -> None:
    with pytest.raises(UnknownPreset, match="Є: addresses, gaz"):
        load_preset("../../etc/passwd")


def test_headers_compare_folded() -> None:
    preset = parse_preset("мій", GOOD)

    assert preset.places(["о/р ", "Н", "П", "С", "К"]) == {
        "account": 0,
        "charged": 1,
        "opening": 2,
        "paid": 3,
        "closing": 4,
    }
    assert preset.places(["О/р", "Н", "П", "С"]) is None


REGISTER = """
title = "Т"
kind = "register"
formats = ["csv"]
bank = "b"
[columns]
account = ["О/р"]
amount = ["С"]
paid_on = ["Д"]
[[meters]]
number = ["Л"]
current = ["П"]
"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('current = ["П"]\n', ""), "немає current"),
        (('current = ["П"]', 'current = ["П"]\nserial = ["С"]'), "невідомі поля serial"),
        (('current = ["П"]', "current = []"), "немає назви"),
    ],
)
def test_wrong_meter_of_a_register_says_what_is_wrong(change: tuple[str, str], problem: str) -> None:
    assert parse_preset("мій", REGISTER).columns["meter_0_current"] == ("П",)

    with pytest.raises(BadPreset, match=problem):
        parse_preset("мій", REGISTER.replace(*change))
