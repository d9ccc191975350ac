"""Which gateways and ways of paying this installation offers: decided by settings, read at each use."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from domivka.payments.errors import UnknownGateway, UnknownMethod
from domivka.payments.gateways.base import Gateway
from domivka.payments.gateways.liqpay import LiqPay
from domivka.payments.gateways.sandbox import SandboxBank
from domivka.payments.types import Method

CITY_CARD = "city_card"
CARD = "card"
LIQPAY = "liqpay"


def gateways() -> dict[str, Gateway]:
    """The gateways that have their secrets, by code."""
    offered: list[Gateway] = []
    if settings.SANDBOX_BANK_SECRET:
        offered.append(SandboxBank(url=settings.SANDBOX_BANK_URL, secret=settings.SANDBOX_BANK_SECRET))
    if settings.LIQPAY_PRIVATE_KEY:
        offered.append(
            LiqPay(
                url=settings.LIQPAY_URL,
                public_key=settings.LIQPAY_PUBLIC_KEY,
                private_key=settings.LIQPAY_PRIVATE_KEY,
            )
        )
    return {gateway.code: gateway for gateway in offered}


def gateway(code: str) -> Gateway:
    """Raises `UnknownGateway`."""
    try:
        return gateways()[code]
    except KeyError:
        raise UnknownGateway(code) from None


def methods(*, town: str) -> list[Method]:
    """The ways of paying, best for the payer first. `town` is the genitive: «Міська картка Калинова»."""
    offered = gateways()
    found = []
    if "sandbox" in offered:
        found += [
            Method(CITY_CARD, "sandbox", _("Міська картка %(town)s") % {"town": town}, _("без комісії"), has_fee=False),
            Method(
                CARD, "sandbox", _("Будь-яка банківська картка"), _("з підтвердженням у вашому банку"), has_fee=True
            ),
        ]
    if "liqpay" in offered:
        found.append(Method(LIQPAY, "liqpay", _("LiqPay"), _("картка, Google Pay, Apple Pay, Приват24"), has_fee=True))
    return found


def method(code: str, *, town: str = "") -> Method:
    """Raises `UnknownMethod`."""
    for found in methods(town=town):
        if found.code == code:
            return found
    raise UnknownMethod(_("Цей спосіб оплати зараз недоступний. Оберіть інший."))


def default_method() -> str:
    """The first of the ways of paying. Raises `UnknownMethod` where no gateway is set up."""
    for found in methods(town=""):
        return found.code
    raise UnknownMethod(_("Оплата карткою тут ще не налаштована."))
