from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from django.utils import translation

from domivka.registry import api as registry
from domivka.registry.models import AccountService, Occupancy, PersonalAccount, Premises, Street, StreetName

pytestmark = pytest.mark.django_db

ON = dt.date(2026, 10, 1)
ROWS = [
    ("вул.", "Соборна", "вул. Леніна; вул. Радянська", "4/2", "11", "54.10", 2),
    ("вул.", "Соборна", "", "12-А", "1", "30.00", 1),
    ("вул.", "Соборна", "", "12а", "2", "31.00", 3),
    ("пров.", "Ґонти", "", "2", "", "90.50", 4),
    ("вул.", "Лук'яна Кобилиці", "", "100", "7", "40.00", 0),
    ("вул.", "Їжакевича", "", "11", "7", "40.00", 2),
    ("бульв.", "Їжакевича", "", "11", "7", "40.00", 2),
]


@pytest.fixture
def town() -> int:
    return registry.save_town(name="Калинівськ", genitive="Калинівська", katottg="UA05020030010063857")


def frame(rows: list[tuple[str, str, str, str, str, str, int]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(kind, name, old, building, flat, area, living) for kind, name, old, building, flat, area, living in rows],
        schema=["street_kind", "street", "old_names", "building", "flat", "area_m2", "living"],
        orient="row",
    ).with_columns(
        *(pl.lit(None).alias(name) for name in ("floors", "built_in", "heated_area_m2", "rooms", "registered")),
        pl.lit("51400").alias("postal_index"),
    )


def register(town: int, on: dt.date = ON) -> registry.Registered:
    return registry.register_addresses(town_id=town, addresses=frame(ROWS), on=on)


def found(town: int, text: str) -> list[str]:
    return [street.text for street in registry.search_streets(town_id=town, text=text)]


def test_register_creates_streets_buildings_and_premises(town: int) -> None:
    assert register(town) == registry.Registered(streets=5, buildings=6, premises=7, occupancies=7)

    flat = Premises.objects.get(flat="11")
    assert (flat.area_m2, flat.heated_area_m2) == (Decimal("54.10"), Decimal("54.10"))
    assert Occupancy.objects.get(premises=flat).living == 2


def test_register_again_changes_nothing(town: int) -> None:
    register(town)

    assert register(town, dt.date(2026, 11, 1)) == registry.Registered(0, 0, 0, 0)
    assert StreetName.objects.count() == 7


def test_changed_residents_are_a_new_dated_row(town: int) -> None:
    register(town)
    rows = [(*ROWS[0][:6], 5)]

    result = registry.register_addresses(town_id=town, addresses=frame(rows), on=dt.date(2026, 11, 1))

    assert result == registry.Registered(0, 0, 0, 1)
    assert list(Occupancy.objects.filter(premises__flat="11").order_by("valid_from").values_list("living")) == [
        (2,),
        (5,),
    ]


@pytest.mark.parametrize("typed", ["собор", "СОБОРНА", "вул Соб", "Coбopна", "соборной"])
def test_search_finds_by_beginning_look_alikes_and_likeness(town: int, typed: str) -> None:
    register(town)

    assert found(town, typed) == ["вул. Соборна"]


@pytest.mark.parametrize("typed", ["Лук’ян", "лукян", "ЛУКʼЯНА", "кобилицi"])
def test_search_folds_apostrophes_and_finds_second_words(town: int, typed: str) -> None:
    register(town)

    assert found(town, typed) == ["вул. Лук'яна Кобилиці"]


def test_search_finds_old_name_and_says_so(town: int) -> None:
    register(town)

    assert found(town, "ленiн") == ["вул. Соборна (колишня назва: вул. Леніна)"]
    with translation.override("en"):
        assert found(town, "ленiн") == ["вул. Соборна (formerly вул. Леніна)"]


def test_search_orders_by_the_ukrainian_alphabet(town: int) -> None:
    for name in ("Яблунева", "Ґонти", "Гончара", "Іванівська", "Зоряна", "Їжакова", "Йорданська", "Єрмака", "Дубова"):
        registry.register_addresses(town_id=town, addresses=frame([("вул.", name, "", "1", "", "10.00", 1)]), on=ON)

    assert [street.name for street in registry.search_streets(town_id=town, text="")] == [
        "Гончара",
        "Ґонти",
        "Дубова",
        "Єрмака",
        "Зоряна",
        "Іванівська",
        "Їжакова",
        "Йорданська",
        "Яблунева",
    ]


def test_search_treats_like_signs_as_letters(town: int) -> None:
    register(town)

    assert found(town, "%") == found(town, "")
    assert len(found(town, "%")) == 5


def test_renamed_street_keeps_its_buildings_and_its_old_name(town: int) -> None:
    register(town)
    street = Street.objects.get(name="Соборна")

    registry.rename_street(street_id=street.pk, kind="просп.", name="Незалежності", on=dt.date(2026, 11, 1))

    assert found(town, "Соборна") == ["просп. Незалежності (колишня назва: вул. Соборна)"]
    address = ("вул. Соборна", "4/2", "11")
    assert premises_at(town, address) == {address: Premises.objects.get(flat="11").pk}


def premises_at(town: int, *addresses: tuple[str, str, str]) -> dict[tuple[str, str, str], int]:
    texts = pl.DataFrame(addresses, schema=["street", "building", "flat"], orient="row")
    found = registry.premises_at(town_id=town, addresses=texts)
    return {(street, building, flat): premises_id for street, building, flat, premises_id in found.iter_rows()}


def test_premises_at_matches_however_it_is_written(town: int) -> None:
    register(town)
    flat_one = Premises.objects.get(building__number="12-А", flat="1").pk
    house = Premises.objects.get(flat="").pk
    written = {
        ("вулиця Соборна", "12 А", "кв. 1"): flat_one,
        ("Coборна", "12A", "01"): flat_one,
        ("Леніна", "12а", "1"): flat_one,
        ("пров. Гонти", "2", "0"): house,
    }

    assert premises_at(town, *written) == written


def test_premises_at_leaves_out_what_is_not_exactly_one(town: int) -> None:
    register(town)
    ambiguous = ("Їжакевича", "11", "7")
    boulevard = ("б-р Їжакевича", "11", "7")
    nowhere = ("Соборна", "404", "1")

    found_premises = premises_at(town, ambiguous, boulevard, nowhere)

    assert list(found_premises) == [boulevard]


def test_buildings_come_in_natural_order(town: int) -> None:
    rows = [("вул.", "Соборна", "", number, "", "10.00", 1) for number in ("53-Б", "11", "4/2", "2", "53-А")]
    registry.register_addresses(town_id=town, addresses=frame(rows), on=ON)

    street = Street.objects.get(name="Соборна")
    assert [choice.text for choice in registry.buildings_of(street_id=street.pk)] == ["2", "4/2", "11", "53-А", "53-Б"]


@pytest.fixture
def provider(town: int) -> int:
    registry.save_standard_services()
    return registry.save_provider(
        town_id=town,
        code="vodokanal",
        name="КП «Водоканал»",
        short_name="Водоканал",
        edrpou="03327090",
        supplies=[registry.Supply("water"), registry.Supply("wastewater")],
        banks=[registry.Bank("UA21 3223 1300 0002 6007 2335 66001", "АТ «Ощадбанк»")],
    )


def test_accounts_open_once_and_reopen(town: int, provider: int) -> None:
    register(town)
    premises = Premises.objects.get(flat="11").pk
    accounts = pl.DataFrame(
        {
            "number": ["000123", "000123"],
            "premises_id": [premises, premises],
            "holder": ["Кожемяка С. Б.", "Кожемяка С. Б."],
            "service_code": ["water", "wastewater"],
        }
    )

    first = registry.open_accounts(town_id=town, provider_id=provider, accounts=accounts, on=ON)
    again = registry.open_accounts(town_id=town, provider_id=provider, accounts=accounts, on=ON)

    opened = list(AccountService.objects.order_by("pk").values_list("pk", flat=True))
    assert first == [(opened[0], opened[1])]
    assert again == []
    assert PersonalAccount.objects.get().number == "000123"

    closed = registry.close_account_services(opened=first, on=ON)
    assert closed == 2
    assert PersonalAccount.objects.get().closed_on == ON
    reopened = registry.open_accounts(town_id=town, provider_id=provider, accounts=accounts, on=ON)
    assert reopened == first
    assert AccountService.objects.filter(closed_on=None).count() == 2


def test_provider_with_a_wrong_iban_is_refused(town: int) -> None:
    with pytest.raises(registry.BadIban, match="UA393052990000026006060365697"):
        registry.save_provider(
            town_id=town,
            code="x",
            name="X",
            short_name="X",
            edrpou="12345678",
            supplies=[],
            banks=[registry.Bank("UA393052990000026006060365697", "Банк")],
        )


def test_provider_of_an_unlisted_service_is_refused(town: int) -> None:
    with pytest.raises(registry.UnknownService, match="teleport"):
        registry.save_provider(
            town_id=town, code="x", name="X", short_name="X", edrpou="1", supplies=[registry.Supply("teleport")]
        )


def test_town_with_a_short_code_is_refused() -> None:
    with pytest.raises(registry.BadTown):
        registry.save_town(name="X", genitive="X", katottg="UA123")
