"""The worked examples of the billing rules, to the kopiyka."""

from __future__ import annotations

from tests.unit.tariffs.frames import Case, amounts, lines, meter, rate, rated

ZONES2 = [rate("4.32", component="day"), rate("4.32", component="night", coefficient="0.5")]
ZONES3 = [
    rate("4.32", component="peak", coefficient="1.5"),
    rate("4.32", component="half_peak"),
    rate("4.32", component="night", coefficient="0.4"),
]


def test_hot_water_by_meter() -> None:
    assert lines(Case(meters=[meter("54", "58")], rates=[rate("80.59")])) == [("single", "meter", "4", "322.36")]


def test_heat_by_meter_is_rounded_once() -> None:
    case = Case(decimals=4, meters=[meter("0", None)], rates=[rate("1354.78")])
    case.meters = [meter("100.000", "100.522")]

    assert lines(case) == [("single", "meter", "0.522", "707.20")]


def test_heat_by_norm_of_area() -> None:
    case = Case(decimals=4, heated="51.5", norm_m2="0.010138", rates=[rate("1354.78")])

    assert lines(case) == [("single", "norm", "0.5221", "707.33")]


def test_electricity_one_zone() -> None:
    assert amounts(Case(decimals=0, meters=[meter("1000", "1150")], rates=[rate("4.32")])) == [648_00]


def test_electricity_two_zones() -> None:
    case = Case(structure="zones", decimals=0, rates=ZONES2)
    case.meters = [meter("100", "200", zone="day"), meter("50", "130", zone="night")]

    assert lines(case) == [("day", "meter", "100", "432.00"), ("night", "meter", "80", "172.80")]


def test_electricity_three_zones() -> None:
    case = Case(structure="zones", decimals=0, rates=ZONES3)
    case.meters = [meter("0", "30", zone="peak"), meter("0", "90", zone="half_peak"), meter("0", "60", zone="night")]

    assert sorted(amounts(case)) == [103_68, 194_40, 388_80]
    assert sum(amounts(case)) == 686_88


def test_gas_distribution_is_a_twelfth_of_the_year() -> None:
    assert amounts(Case(structure="yearly_volume", load="1187", rates=[rate("1.46")])) == [144_42]
    assert amounts(Case(structure="yearly_volume", load="1200", rates=[rate("1.46")])) == [146_00]


def test_heat_by_area() -> None:
    assert amounts(Case(structure="heated_area", heated="51.5", rates=[rate("36.12")])) == [1860_18]


def test_condominium_fee_by_area() -> None:
    assert amounts(Case(structure="area", area="62.4", rates=[rate("7.85")])) == [489_84]


def test_missing_reading_is_the_daily_average_and_the_volume_is_rounded_first() -> None:
    case = Case(meters=[meter("500", None, average="96", average_days=365)], rates=[rate("30.40")])

    assert lines(case) == [("single", "average", "8.153", "247.85")]


def test_register_that_passed_zero() -> None:
    case = Case(meters=[meter("99987", "12")], rates=[rate("10")])

    assert lines(case) == [("single", "meter", "25", "250.00")]


def test_lower_reading_is_never_charged_as_a_full_turn() -> None:
    case = Case(meters=[meter("58", "57", average="96", average_days=365)], rates=[rate("30.40")])

    assert lines(case) == [("single", "average", "8.153", "247.85")]


def test_meter_installed_this_month_waits_for_its_first_reading() -> None:
    case = Case(
        norm_person="9", people=[(1, 31, 3)], rates=[rate("30")],
        meters=[meter("500", "503"), meter("0", None, meter_id=2, months_without=0)],
    )  # fmt: skip

    assert lines(case) == [("single", "meter", "3", "90.00")]


def test_average_ends_after_three_months_and_the_norm_begins() -> None:
    case = Case(norm_person="4", people=[(1, 31, 2)], rates=[rate("10")])
    case.meters = [meter("500", None, average="96", average_days=365, months_without=3)]
    assert lines(case) == [("single", "average", "8.153", "81.53")]

    case.meters[0]["months_without"] = 4
    assert lines(case) == [("single", "norm", "8", "80.00")]


def test_expired_verification_is_the_norm_even_with_a_reading() -> None:
    case = Case(norm_person="3.6", people=[(1, 31, 3)], meters=[meter("1", "5", is_valid=False)], rates=[rate("30.40")])

    assert lines(case) == [("single", "norm", "10.8", "328.32")]


def test_reading_after_estimates_takes_them_back() -> None:
    case = Case(meters=[meter("100", "110", estimated="16.306")], rates=[rate("30.40")])

    assert lines(case) == [("single", "meter", "-6.306", "-191.70")]


def test_replaced_meter_counts_on_both() -> None:
    case = Case(meters=[meter("500", "503"), meter("0", "2", meter_id=2)], rates=[rate("30")])

    assert lines(case) == [("single", "meter", "3", "90.00"), ("single", "meter", "2", "60.00")]


def test_norm_follows_people_who_moved_in_the_middle_of_the_month() -> None:
    case = Case(norm_person="4", people=[(1, 10, 1), (11, 31, 3)], rates=[rate("10")])

    assert lines(case) == [("single", "norm", "9.419", "94.19")]


def test_waste_per_person_has_a_line_for_each_number_of_people() -> None:
    case = Case(structure="person", people=[(1, 10, 3), (11, 31, 2)], rates=[rate("42.50")])

    assert lines(case) == [("single", "persons", "3", "41.13"), ("single", "persons", "2", "57.58")]


def test_tariff_that_changes_in_the_middle_of_the_month_splits_the_volume_by_days() -> None:
    case = Case(meters=[meter("0", "10")], rates=[rate("10", days=(1, 14)), rate("20", version=2, days=(15, 31))])

    assert lines(case) == [("single", "meter", "4.516", "45.16"), ("single", "meter", "5.484", "109.68")]


def test_account_opened_in_the_middle_of_the_month_pays_its_days() -> None:
    case = Case(structure="area", area="50", days=(17, 31), rates=[rate("7.85")])

    assert amounts(case) == [189_92]  # 392.50 × 15 / 31


def test_subscription_fee_stands_beside_the_volume() -> None:
    case = Case(meters=[meter("0", "2")], rates=[rate("30.40"), rate("15", component="subscription")])

    assert lines(case) == [("single", "meter", "2", "60.80"), ("subscription", "fixed", "1", "15.00")]


def test_two_part_heat_charges_the_constant_part_every_month() -> None:
    rates = [rate("1354.78", component="variable"), rate("20000", component="constant")]
    case = Case(structure="two_part_heat", decimals=4, load="0.0042", meters=[meter("10", "10")], rates=rates)

    assert lines(case) == [("constant", "fixed", "0.0042", "84.00"), ("variable", "meter", "0", "0.00")]


def test_blocks_price_each_step() -> None:
    rates = [
        rate("0.90", component="block", **{"from": "0", "to": "100"}),
        rate("1.68", component="block", version=1, **{"from": "100", "to": "600"}),
        rate("2.00", component="block", version=1, **{"from": "600"}),
    ]
    case = Case(structure="blocks", decimals=0, meters=[meter("0", "700")], rates=rates)

    assert sorted(amounts(case)) == [90_00, 200_00, 840_00]


def test_building_meter_is_shared_out_to_the_last_litre() -> None:
    metered = Case(building="10", meters=[meter("0", "4")], rates=[rate("10")])
    flats = [Case(building="10", heated=area, rates=[rate("10")]) for area in ("50", "50", "50")]

    priced = rated([metered, *flats])

    assert priced["method"].to_list() == ["meter", "building_share", "building_share", "building_share"]
    assert priced["volume_e6"].to_list() == [4_000_000, 2_000_000, 2_000_000, 2_000_000]


def test_building_shares_that_do_not_divide_still_add_up() -> None:
    flats = [Case(building="10", heated=area, rates=[rate("10")]) for area in ("50", "50", "50")]

    priced = rated(flats)

    assert priced["volume_e6"].to_list() == [3_334_000, 3_333_000, 3_333_000]


def test_wastewater_of_the_seed_fits_only_four_decimals() -> None:
    four = Case(decimals=4, meters=[], norm_household="6.5855", rates=[rate("30.40")])
    three = Case(decimals=3, meters=[], norm_household="6.5855", rates=[rate("30.40")])

    assert amounts(four) == [200_20]
    assert amounts(three) == [200_21]
