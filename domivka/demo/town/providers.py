"""Invented providers of the town: who supplies what, how it is paid and at what prices. Codes have valid check digits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from domivka.demo.town.identifiers import edrpou, iban

TOWN_NAME: Final = "Вишнегір"
TOWN_GENITIVE: Final = "Вишнегора"
KATOTTG: Final = "UA05020990010099001"
DISPATCHER_PHONE: Final = "0 800 300 515"
COUNCIL: Final = "Виконавчий комітет Вишнегірської міської ради"
REGULATOR: Final = "НКРЕКП"


@dataclass(frozen=True, slots=True)
class ServicePlan:
    """A service a provider supplies; `window` are the days of the month when readings are taken."""

    code: str
    imported: bool
    due_day: int = 31  # the last day of the next month (law 2189-VIII, article 9) unless the contract says another
    window: tuple[int, int] | None = None
    volume_of: str = ""


@dataclass(frozen=True, slots=True)
class ProviderPlan:
    """A provider; the code is also the preset of its files. `number` starts its personal account numbers."""

    code: str
    name: str
    short_name: str
    edrpou: str
    bank_code: str
    bank_name: str
    iban: str
    fee_percent: Decimal
    phone: str
    site: str
    address: str
    hours: str
    colour: str
    number: str
    digits: int
    services: tuple[ServicePlan, ...]

    @property
    def email(self) -> str:
        return f"info@{self.site}"

    def account_number(self, index: int) -> str:
        """The personal account of the home with this index."""
        return f"{self.number}{index + 1:0{self.digits}d}"


_BANKS: Final = {
    "305299": "АТ КБ «ПриватБанк»",
    "300465": "АТ «Ощадбанк»",
    "322001": "АТ «Універсал Банк»",
    "320478": "АБ «Укргазбанк»",
    "351005": "АТ «УкрСиббанк»",
}
_OFFICE: Final = "пн–чт 8:00–17:00, пт 8:00–15:45"


def _provider(
    code: str,
    name: str,
    short_name: str,
    seven: str,
    bank: str,
    phone: str,
    site: str,
    address: str,
    colour: str,
    number: tuple[str, int],
    services: tuple[ServicePlan, ...],
    *,
    fee: str = "0",
    hours: str = _OFFICE,
) -> ProviderPlan:
    return ProviderPlan(
        code=code,
        name=name,
        short_name=short_name,
        edrpou=edrpou(seven),
        bank_code=bank,
        bank_name=_BANKS[bank],
        iban=iban(bank, "26003" + seven + "01"),
        fee_percent=Decimal(fee),
        phone=phone,
        site=site,
        address=f"м. {TOWN_NAME}, {address}",
        hours=hours,
        colour=colour,
        number=number[0],
        digits=number[1],
        services=services,
    )


PROVIDERS: Final = (
    _provider(
        "vodokanal",
        "Комунальне підприємство «Вишнегірводоканал»",
        "КП «Вишнегірводоканал»",
        "3341207",
        "300465",
        "+380800300515",
        "vodokanal.vyshnehir.example",
        "наб. Прибузька, 1",
        "#1E6FA8",
        ("2", 5),
        (
            ServicePlan("water", True, window=(10, 31)),
            ServicePlan("wastewater", True, volume_of="water"),
            ServicePlan("water_fee", True),
        ),
    ),
    _provider(
        "teplo",
        "Комунальне підприємство «Вишнегіртеплоенерго»",
        "КП «Вишнегіртеплоенерго»",
        "3129846",
        "305299",
        "+380432551020",
        "teplo.vyshnehir.example",
        "вул. Вокзальна, 14",
        "#B5471B",
        ("Т-1", 5),
        (ServicePlan("heating", True), ServicePlan("hot_water", True, window=(20, 31))),
        fee="0.13",
    ),
    _provider(
        "gaz",
        "Товариство з обмеженою відповідальністю «Вишнегіргаз Збут»",
        "ТОВ «Вишнегіргаз Збут»",
        "3959281",
        "320478",
        "+380432551104",
        "gaz.vyshnehir.example",
        "вул. Шевченка, 40",
        "#8A6A00",
        ("00321", 4),
        (ServicePlan("gas", True, due_day=25, window=(1, 5)),),
        fee="2.9",
    ),
    _provider(
        "gazmerezhi",
        "Акціонерне товариство «Вишнегіргазмережі»",
        "АТ «Вишнегіргазмережі»",
        "0340557",
        "320478",
        "104",
        "gazmerezhi.vyshnehir.example",
        "вул. Шевченка, 42",
        "#5B6B2E",
        ("0921", 6),
        (ServicePlan("gas_distribution", False),),
        hours="цілодобово",
    ),
    _provider(
        "oblenergo",
        "Акціонерне товариство «Прибузькобленерго»",
        "АТ «Прибузькобленерго»",
        "2256913",
        "305299",
        "+380800210120",
        "energo.vyshnehir.example",
        "просп. Перемоги, 22",
        "#2F4B9C",
        ("2600001", 5),
        (ServicePlan("electricity", True, due_day=20, window=(28, 3)),),
    ),
    _provider(
        "enerhozbut",
        "Товариство з обмеженою відповідальністю «Правий Берег Енергозбут»",
        "ТОВ «Правий Берег Енергозбут»",
        "4218650",
        "322001",
        "+380432700415",
        "zbut.vyshnehir.example",
        "просп. Європейський, 5",
        "#3C5A99",
        ("440", 5),
        (ServicePlan("electricity", False, due_day=20, window=(28, 3)),),
    ),
    _provider(
        "housing",
        "Товариство з обмеженою відповідальністю «Керуюча компанія «Затишна Оселя»",
        "КК «Затишна Оселя»",
        "3887142",
        "305299",
        "+380672210430",
        "oselia.vyshnehir.example",
        "вул. Незалежності, 17",
        "#4A5D3A",
        ("1", 4),
        (ServicePlan("management", True), ServicePlan("waste", True)),
    ),
    _provider(
        "akvaservis",
        "Товариство з обмеженою відповідальністю «Аквасервіс-Вишнегір»",
        "ТОВ «Аквасервіс-Вишнегір»",
        "4077315",
        "351005",
        "+380432700220",
        "akvaservis.vyshnehir.example",
        "вул. Сонячна, 3",
        "#0F7C8A",
        ("А-3", 4),
        (
            ServicePlan("water", False, window=(10, 31)),
            ServicePlan("wastewater", False, volume_of="water,hot_water"),
            ServicePlan("water_fee", False),
        ),
    ),
    _provider(
        "kotelnia",
        "Товариство з обмеженою відповідальністю «Котельня Сонячна»",
        "ТОВ «Котельня Сонячна»",
        "4160438",
        "300465",
        "+380432700333",
        "kotelnia.vyshnehir.example",
        "вул. Сонячна, 30",
        "#A03A2C",
        ("К2-", 4),
        (ServicePlan("heating", False, window=(25, 31)), ServicePlan("hot_water", False, window=(20, 31))),
    ),
    _provider(
        "osbb",
        "ОСББ «Правий берег-7»",
        "ОСББ «Правий берег-7»",
        "4299026",
        "322001",
        "+380671002577",
        "osbb7.vyshnehir.example",
        "бульв. Миру, 7",
        "#6A4C93",
        ("З7-", 4),
        (ServicePlan("condominium", False, due_day=25), ServicePlan("parking", False, due_day=25)),
        hours="правління: вт, чт 18:00–20:00",
    ),
    _provider(
        "chyste",
        "Комунальне підприємство «Чисте місто»",
        "КП «Чисте місто»",
        "3700614",
        "300465",
        "+380432551515",
        "chyste.vyshnehir.example",
        "вул. Заозерна, 2",
        "#2E7D4F",
        ("0050", 5),
        (ServicePlan("waste", False),),
    ),
    _provider(
        "domofon",
        "Фізична особа-підприємець Хом'як Дем'ян Богданович",
        "Домофон-сервіс (ФОП Хом'як Д. Б.)",
        "4300158",
        "305299",
        "+380501112030",
        "domofon.vyshnehir.example",
        "вул. Софії Русової, 9",
        "#555555",
        ("Д-", 5),
        (ServicePlan("intercom", False),),
        fee="0.5",
    ),
)
BY_CODE: Final = {provider.code: provider for provider in PROVIDERS}
IMPORTED: Final = tuple(p.code for p in PROVIDERS if any(service.imported for service in p.services))
CALCULATED: Final = tuple(p.code for p in PROVIDERS if not any(service.imported for service in p.services))


@dataclass(frozen=True, slots=True)
class RatePlan:
    component: str
    price: Decimal
    coefficient: Decimal = Decimal(1)
    from_volume: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class TariffData:
    """A tariff plan with its prices by version: (years before the last month's year, month, day) → rates."""

    provider: str
    service: str
    code: str
    name: str
    structure: str
    authority: str
    shares: tuple[tuple[str, str, str], ...]
    versions: tuple[tuple[tuple[int, int, int], str, tuple[RatePlan, ...]], ...]


def _rates(text: str) -> tuple[RatePlan, ...]:
    """`day:4.32 night:4.32*0.5 block:1.68@100` → rates."""
    found = []
    for part in text.split():
        component, _, rest = part.partition(":")
        rest, _, start = rest.partition("@")
        price, _, coefficient = rest.partition("*")
        found.append(RatePlan(component, Decimal(price), Decimal(coefficient or 1), Decimal(start or 0)))
    return tuple(found)


_WATER_SHARES: Final = (
    ("Електроенергія", "Electricity", "34.5"),
    ("Оплата праці з нарахуваннями", "Wages with contributions", "31.2"),
    ("Ремонти і матеріали", "Repairs and materials", "14.8"),
    ("Амортизація", "Depreciation", "7.3"),
    ("Податки та інші витрати", "Taxes and other costs", "12.2"),
)
_HEAT_SHARES: Final = (
    ("Природний газ", "Natural gas", "71.4"),
    ("Електроенергія", "Electricity", "8.6"),
    ("Оплата праці з нарахуваннями", "Wages with contributions", "11.9"),
    ("Ремонти і матеріали", "Repairs and materials", "4.3"),
    ("Інші витрати", "Other costs", "3.8"),
)
_POWER_SHARES: Final = (
    ("Закупівля електроенергії", "Purchase of electricity", "56.0"),
    ("Передача (магістральні мережі)", "Transmission", "12.5"),
    ("Розподіл (місцеві мережі)", "Distribution", "13.8"),
    ("Послуги постачальника", "Supplier's services", "1.0"),
    ("ПДВ", "VAT", "16.7"),
)
_GAS_SHARES: Final = (
    ("Ціна газу", "Price of gas", "79.2"),
    ("Торгова надбавка", "Supplier's margin", "4.1"),
    ("ПДВ", "VAT", "16.7"),
)
_PIPE_SHARES: Final = (
    ("Утримання мереж", "Upkeep of the network", "48.0"),
    ("Оплата праці з нарахуваннями", "Wages with contributions", "27.4"),
    ("Втрати газу", "Losses of gas", "7.9"),
    ("ПДВ", "VAT", "16.7"),
)
_HOUSE_SHARES: Final = (
    ("Прибирання будинку і двору", "Cleaning of the house and yard", "27.0"),
    ("Обслуговування мереж і покрівлі", "Upkeep of pipes, wires and roof", "33.5"),
    ("Ліфти", "Lifts", "14.5"),
    ("Освітлення місць спільного користування", "Light in common areas", "9.0"),
    ("Винагорода управителя", "Manager's fee", "16.0"),
)
_DUES_SHARES: Final = (
    ("Утримання спільного майна", "Upkeep of common property", "58.0"),
    ("Ремонтний фонд", "Repair fund", "25.0"),
    ("Резервний фонд", "Reserve fund", "10.0"),
    ("Адміністративні витрати", "Administration", "7.0"),
)
_WASTE_SHARES: Final = (
    ("Збирання і вивезення", "Collection and transport", "61.0"),
    ("Сортування", "Sorting", "16.0"),
    ("Захоронення", "Landfill", "18.0"),
    ("Інші витрати", "Other costs", "5.0"),
)
_FEE_SHARES: Final = (
    ("Зняття показань і розрахунки", "Meter reading and billing", "64.0"),
    ("Повірка та обслуговування вузлів обліку", "Upkeep of meters", "36.0"),
)
_ONE_SHARE: Final = (("Вартість послуги за договором", "Price of the service by contract", "100.0"),)

_Versions = tuple[tuple[tuple[int, int, int], str], ...]


def _tariff(
    provider: str,
    service: str,
    structure: str,
    authority: str,
    shares: tuple[tuple[str, str, str], ...],
    versions: _Versions,
    *,
    code: str = "",
    name: str = "Для населення",
) -> TariffData:
    parsed = tuple((since, f"{120 + 31 * n + len(service)}", _rates(text)) for n, (since, text) in enumerate(versions))
    return TariffData(provider, service, code, name, structure, authority, shares, parsed)


TARIFFS: Final = (
    _tariff("vodokanal", "water", "single", REGULATOR, _WATER_SHARES,
            (((2, 1, 1), "single:13.512"), ((1, 1, 1), "single:14.868"), ((0, 1, 1), "single:16.348"))),
    _tariff("vodokanal", "wastewater", "single", REGULATOR, _WATER_SHARES,
            (((2, 1, 1), "single:11.604"), ((1, 1, 1), "single:12.78"), ((0, 1, 1), "single:14.052"))),
    _tariff("vodokanal", "water_fee", "fixed", COUNCIL, _FEE_SHARES,
            (((2, 1, 1), "subscription:12.6"), ((0, 1, 1), "subscription:15"))),
    _tariff("teplo", "heating", "single", COUNCIL, _HEAT_SHARES,
            (((2, 10, 1), "single:1291.14"), ((1, 10, 1), "single:1354.78"))),
    _tariff("teplo", "hot_water", "single", COUNCIL, _HEAT_SHARES,
            (((2, 10, 1), "single:76.85"), ((1, 10, 1), "single:80.59"))),
    _tariff("gaz", "gas", "single", "Наказ постачальника", _GAS_SHARES,
            (((2, 5, 1), "single:7.96"), ((1, 5, 1), "single:7.96")), name="Річний план «Фіксований»"),
    _tariff("gazmerezhi", "gas_distribution", "yearly_volume", REGULATOR, _PIPE_SHARES,
            (((2, 1, 1), "single:1.46"), ((1, 1, 1), "single:1.79"), ((0, 1, 1), "single:1.84"))),
    _tariff("oblenergo", "electricity", "zones", "Кабінет Міністрів України", _POWER_SHARES,
            (((3, 6, 1), "day:2.64 night:2.64*0.5"), ((2, 6, 1), "day:4.32 night:4.32*0.5")), name="Двозонний"),
    _tariff("enerhozbut", "electricity", "single", "Кабінет Міністрів України", _POWER_SHARES,
            (((3, 6, 1), "single:2.64"), ((2, 6, 1), "single:4.32")), name="Однозонний"),
    _tariff("enerhozbut", "electricity", "zones", "Кабінет Міністрів України", _POWER_SHARES,
            (((3, 6, 1), "day:2.64 night:2.64*0.5"), ((2, 6, 1), "day:4.32 night:4.32*0.5")),
            code="zones2", name="Двозонний"),
    _tariff("enerhozbut", "electricity", "zones", "Кабінет Міністрів України", _POWER_SHARES,
            (((3, 6, 1), "peak:2.64*1.5 half_peak:2.64 night:2.64*0.4"),
             ((2, 6, 1), "peak:4.32*1.5 half_peak:4.32 night:4.32*0.4")), code="zones3", name="Тризонний"),
    _tariff("housing", "management", "area", COUNCIL, _HOUSE_SHARES,
            (((2, 3, 1), "single:6.94"), ((1, 3, 1), "single:7.85"))),
    _tariff("housing", "waste", "person", COUNCIL, _WASTE_SHARES,
            (((2, 3, 1), "single:36.8"), ((1, 3, 1), "single:42.5"))),
    _tariff("akvaservis", "water", "single", REGULATOR, _WATER_SHARES,
            (((2, 1, 1), "single:15.36"), ((1, 1, 1), "single:17.2"), ((0, 1, 1), "single:18.924"))),
    _tariff("akvaservis", "wastewater", "single", REGULATOR, _WATER_SHARES,
            (((2, 1, 1), "single:13.14"), ((1, 1, 1), "single:14.7"), ((0, 1, 1), "single:16.188"))),
    _tariff("akvaservis", "water_fee", "fixed", COUNCIL, _FEE_SHARES,
            (((2, 1, 1), "subscription:14.4"), ((0, 1, 1), "subscription:17.85"))),
    _tariff("kotelnia", "heating", "two_part_heat", COUNCIL, _HEAT_SHARES,
            (((2, 10, 1), "variable:1180.4 constant:52470.12"), ((1, 10, 1), "variable:1236.72 constant:54118.36")),
            name="Двоставковий"),
    _tariff("kotelnia", "hot_water", "single", COUNCIL, _HEAT_SHARES,
            (((2, 10, 1), "single:84.1"), ((1, 10, 1), "single:91.37"))),
    _tariff("osbb", "condominium", "area", "Загальні збори співвласників", _DUES_SHARES,
            (((2, 4, 1), "single:7.1"), ((1, 4, 1), "single:8.4")), name="Внесок на утримання"),
    _tariff("osbb", "parking", "fixed", "Загальні збори співвласників", _ONE_SHARE,
            (((2, 4, 1), "single:250"), ((1, 4, 1), "single:300")), name="Місце на стоянці"),
    _tariff("chyste", "waste", "person", COUNCIL, _WASTE_SHARES,
            (((2, 2, 1), "single:33.15"), ((1, 2, 1), "single:37.4"), ((0, 6, 16), "single:43.12"))),
    _tariff("domofon", "intercom", "household", "Договір з мешканцями будинку", _ONE_SHARE,
            (((2, 9, 1), "single:30"), ((1, 9, 1), "single:35")), name="Обслуговування домофона"),
)  # fmt: skip  # a price list reads by columns

NORMS: Final = (
    ("akvaservis", "water", "", Decimal("3.6")),
    ("akvaservis", "wastewater", "", Decimal("3.6")),
    ("kotelnia", "hot_water", "", Decimal("1.6")),
    ("enerhozbut", "electricity", "", Decimal("70")),
)
"""Monthly volume for a person where there is no valid meter (domain.md §5.5)."""
