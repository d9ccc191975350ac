from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domivka.registry.rules.folding import building_key, flat_key, fold, fold_look_alikes, natural_key, parse_street


@pytest.mark.parametrize(
    "written",
    [
        "Лук'яна Кобилиці",
        "ЛУКʼЯНА КОБИЛИЦІ",
        "Лук’яна  Кобилицi",
        "Лук`яна Кобилиці",
        "Лукяна Кобилиці",
        "Лук'янa Koбилицi",
    ],
)
def test_street_name_folds_to_one_key(written: str) -> None:
    assert fold(written) == "лукяна кобилиці"


def test_dbf_without_ukrainian_letters_meets_the_real_name() -> None:
    assert fold("Зрiнi Iлони") == fold("Зріні Ілони")
    assert fold("Гонти") == fold("Ґонти")


def test_latin_word_is_left_alone() -> None:
    assert fold_look_alikes("Smart") == "Smart"
    assert fold_look_alikes("Мар'янiвна") == "Мар'янівна"


@pytest.mark.parametrize(
    ("written", "kind", "name"),
    [
        ("вул. Соборна", "вул.", "Соборна"),
        ("вулиця Соборна", "вул.", "Соборна"),
        ("ВУЛ.Соборна", "вул.", "Соборна"),
        ("Соборна вул.", "вул.", "Соборна"),
        ("Соборна", "", "Соборна"),
        ("пров. Гонти", "пров.", "Гонти"),
        ("бульвар Їжакевича", "бульв.", "Їжакевича"),
        ("б-р Їжакевича", "бульв.", "Їжакевича"),
        ("пр-т Космонавтів", "просп.", "Космонавтів"),
        ("просп. Космонавтiв", "просп.", "Космонавтів"),
        ("пл. Героїв Майдану", "пл.", "Героїв Майдану"),
        ("Соборна площа", "пл.", "Соборна"),
        ("Набережна", "", "Набережна"),
        ("вул. Набережна", "вул.", "Набережна"),
    ],
)
def test_street_kind_is_read_from_either_end(written: str, kind: str, name: str) -> None:
    street = parse_street(written)

    assert (street.kind, street.name) == (kind, name)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("12-А", "12а"),
        ("12а", "12а"),
        ("12 A", "12а"),  # Latin A
        ("буд. 12-а", "12а"),
        ("6/1", "6/1"),
        ("6 / 1", "6/1"),
        ("6\\1", "6/1"),
        ("15 корп. 2", "15к2"),
        ("15, корпус 2", "15к2"),
        ("15к2", "15к2"),
        ("15-к.2", "15к2"),
        ("007", "7"),
        ("53–55", "53-55"),
        ("53-Б", "53б"),
        ("100", "100"),
    ],
)
def test_house_number_folds_to_one_key(written: str, key: str) -> None:
    assert building_key(written) == key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("24а", "24а"),
        ("24-А", "24а"),
        ("кв. 24", "24"),
        ("024", "24"),
        ("24/1", "24/1"),
        ("н/п 3", "н/п3"),
        ("Н/П №3".replace("№", ""), "н/п3"),
        ("кімн. 5", "кім5"),
        ("", ""),
        ("0", ""),
        ("-", ""),
    ],
)
def test_flat_folds_to_one_key(written: str, key: str) -> None:
    assert flat_key(written) == key


def test_natural_order_counts_numbers() -> None:
    numbers = ["11", "2", "53-Б", "4/2", "53-А", "100", "4"]

    assert sorted(numbers, key=lambda number: natural_key(building_key(number))) == [
        "2",
        "4",
        "4/2",
        "11",
        "53-А",
        "53-Б",
        "100",
    ]


@given(st.text(alphabet="абвґіїє ABCiIoO'’-./0129", max_size=30))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert building_key(building_key(text)) == building_key(text)
    assert flat_key(flat_key(text)) == flat_key(text)
