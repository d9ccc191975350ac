"""Bills to draw in tests: the printed bill of seed S0's figure 13, and any number of recipients around it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from domivka.kernel.clock import KYIV
from domivka.statements.content import BillContent, BillMeter, BillProvider, BillService
from domivka.statements.rules.nbu_qr import Transfer, clean, format_003

IBAN = "UA503004650000026001234567890"


def metered(charged_kop: int = 322_36, method: str = "за лічильником") -> BillMeter:
    """58 − 54 = 4 m³ at 80,59."""
    return BillMeter(
        meter="0322641",
        previous="54",
        current="58",
        difference="4",
        volume="4",
        unit="м³",
        price="80,59",
        charged_kop=charged_kop,
        method=method,
    )


def service(
    name: str,
    *,
    debt: int = 0,
    charged: int = 322_36,
    penalty: int = 0,
    correction: int = 0,
    subsidy: int = 0,
    paid: int = 0,
    meters: tuple[BillMeter, ...] = (metered(),),
) -> BillService:
    """A service whose parts add up."""
    return BillService(
        name=name,
        account_number="000101",
        debt_kop=debt,
        charged_kop=charged,
        penalty_kop=penalty,
        correction_kop=correction,
        subsidy_kop=subsidy,
        paid_kop=paid,
        to_pay_kop=debt + charged + penalty + correction - subsidy - paid,
        meters=meters,
        meter_numbers=("0322641",),
        boxes=max(sum(bool(meter.current) for meter in meters), 1),
        compulsory_kop=charged - subsidy if subsidy else None,
    )


def provider(name: str, *services: BillService, number: str = "000101") -> BillProvider:
    """A recipient with the QR that pays what is owed to it."""
    made = BillProvider(
        name=name,
        short_name=name,
        account_number=number,
        due_on="2018-12-20",
        edrpou="12345678",
        iban=IBAN,
        bank="АТ «Ощадбанк»",
        phone="(044) 247-40-40",
        services=services,
        qr="",
    )
    if made.to_pay.kop == 0:
        return made
    names = ", ".join(one.name for one in services)
    link = format_003(
        Transfer(
            recipient=clean(name)[:140],
            iban=IBAN,
            recipient_code="12345678",
            purpose=clean(f"за {names}, О/Р {number}, за 11.2018, Соборна, 4/2, кв. 11")[:420],
            amount=made.to_pay,
            reference=f"{number}-201811",
            valid_until=dt.datetime(2018, 12, 31, 23, 59, 59, tzinfo=KYIV),
            created_at=dt.datetime(2018, 12, 1, 9, tzinfo=KYIV),
        )
    )
    return replace(made, qr=link)


def bill(*providers: BillProvider) -> BillContent:
    return BillContent(
        number="201811-0000192",
        period=201811,
        as_of="01.12.2018",
        issued_on="2018-12-01",
        due_on="2018-12-20",
        due_words="20 грудня, четвер",
        town="Калинівськ",
        dispatcher_phone="0 800 300 112",
        address="м. Калинівськ, вул. Соборна, буд. 4/2, кв. 11",
        payer="Кожемʼяка Себастьян Боромирович",
        registered=3,
        living=3,
        area="54,3",
        heated_area="51,5",
        key="4821-9375-06",
        providers=providers,
        history=tuple((f"{month:02d}.18", 400_00 + 90_00 * abs(6 - month)) for month in range(1, 13)),
    )


def figure_13() -> BillContent:
    """Seed S0's printed bill: 24,18 + 322,36 − 24,18 = 322,36 and 104,32 + 707,33 − 104,32 = 707,33."""
    share = BillMeter("", "", "", "", "0,5221", "Гкал", "1 354,78", 707_33, "частка будинкового лічильника")
    hot_water = service("Гаряча вода", debt=24_18, charged=322_36, paid=24_18)
    heating = service("Централізоване опалення", debt=104_32, charged=707_33, paid=104_32, meters=(share,))
    return bill(provider("КП «КИЇВТЕПЛОЕНЕРГО»", hot_water, replace(heating, meter_numbers=(), boxes=0)))


def crowded(recipients: int, *, scale: int = 1) -> BillContent:
    """A bill of so many recipients with one service each: two zones, a penalty, a subsidy, an overpayment among them."""
    zones = (metered(300_00, "день за лічильником"), metered(22_36, "ніч за лічильником"))
    kinds = [
        service("Холодна вода", debt=24_18 * scale, charged=322_36 * scale, paid=24_18),
        service("Електроенергія", charged=322_36, meters=zones),
        service("Опалення", debt=104_32 * scale, charged=707_33 * scale, penalty=3_10, subsidy=500_00),
        service("Утримання будинку", debt=-900_00, charged=489_84, correction=-93_37),
    ]
    names = ["КП «Калинівськводоканал»", "ТОВ «Калинівські енергетичні послуги»", "КП «Тепло»", "ОСББ «Соборна, 4/2»"]
    providers = [
        provider(names[number % 4], kinds[number % 4], number=f"{number + 1:06d}") for number in range(recipients)
    ]
    return bill(*providers)
