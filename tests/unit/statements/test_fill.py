from __future__ import annotations

import dataclasses

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domivka.kernel.money import Money
from domivka.statements import design
from domivka.statements.content import BillContent, UnknownBillVersion, from_json
from domivka.statements.fill import bills_pdf
from domivka.statements.look import Look
from tests.pictures import qr_codes
from tests.unit.statements.samples import bill, crowded, figure_13, metered, provider, service


def texts_of(pdf: bytes) -> list[str]:
    """What each page says, spaces folded."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().split()) for page in document]


def shown(kop: int) -> str:
    return str(Money(kop)).replace("\u00a0", " ")


def test_printed_bill_of_the_seed_has_its_numbers() -> None:
    (text,) = texts_of(bills_pdf([figure_13()]))

    assert text.startswith("РАХУНОК - ПОВІДОМЛЕННЯ")
    for words in (
        "станом на 01.12.2018 р.",
        "Кожем’яка Себастьян Боромирович",
        "м. Калинівськ, вул. Соборна, буд. 4/2, кв. 11",
        "КП «КИЇВТЕПЛОЕНЕРГО»",
        "Гаряча вода за лічильником",
        "80,59 322,36 24,18 −24,18 0,00 0,00",
        "0,5221 Гкал 1 354,78 707,33 104,32 −104,32 0,00 0,00",
        "СПЛАТА РАЗОМ:",
        "1 029,69 грн",
        "Ключ авторизації",
        "4821-9375-06",
        "Диспетчерська: 0 800 300 112",
    ):
        assert words in text


def test_key_stands_at_the_bottom_left() -> None:
    page = pypdfium2.PdfDocument(bills_pdf([figure_13()]))[0]

    key = page.get_textpage().get_text_bounded(left=0, bottom=0, right=page.get_width() / 6, top=page.get_height() / 8)

    assert key.split() == ["Ключ", "авторизації", "4821-9375-06"]


def test_same_content_gives_the_same_bytes() -> None:
    first = bills_pdf([figure_13()])

    assert bills_pdf([figure_13()]) == first


def test_simple_bill_is_under_thirty_kilobytes() -> None:
    assert len(bills_pdf([figure_13()])) < 30_000


def test_print_run_shares_the_design() -> None:
    one = len(bills_pdf([figure_13()]))

    hundred = bills_pdf([figure_13()] * 100)

    assert len(texts_of(hundred)) == 100
    assert (len(hundred) - one) / 99 < 5_000


def test_single_bill_and_print_run_look_alike_to_the_pixel() -> None:
    single = pypdfium2.PdfDocument(bills_pdf([figure_13()]))[0].render(scale=1).to_numpy()

    of_run = pypdfium2.PdfDocument(bills_pdf([crowded(2), figure_13()]))

    assert np.array_equal(of_run[len(of_run) - 1].render(scale=1).to_numpy(), single)


@pytest.mark.parametrize(("recipients", "pages"), [(1, 1), (4, 1), (14, 3)])
def test_more_services_than_fit_go_to_the_next_page(recipients: int, pages: int) -> None:
    content = crowded(recipients)

    texts = texts_of(bills_pdf([content]))

    assert len(texts) == pages
    assert all("4821-9375-06" in text for text in texts)
    assert [text for text in texts if "СПЛАТА РАЗОМ:" in text and shown(content.to_pay.kop) in text] != []
    for part in content.providers:
        assert f"О/Р {part.account_number}" in " ".join(texts)


def test_every_recipient_that_is_owed_has_a_code_that_reads_back() -> None:
    content = crowded(14)

    codes = qr_codes(bills_pdf([content]))

    assert sorted(codes) == sorted(part.qr for part in content.providers if part.qr)
    assert len(codes) == 11  # three of fourteen are overpaid


def test_overpayment_is_told_and_not_set_against_others() -> None:
    overpaid = service("Вода", debt=-50_00, charged=20_00)
    owed = service("Газ", charged=10_00)
    content = bill(provider("КП «Вода»", overpaid), provider("АТ «Газ»", owed))

    (text,) = texts_of(bills_pdf([content]))

    assert "−30,00" in text
    assert "10,00 грн" in text
    assert "Переплата 30,00 грн залишається на рахунках" in text
    assert len(qr_codes(bills_pdf([content]))) == 1


def test_seven_digit_sums_are_never_cut() -> None:
    content = bill(
        provider("КП «Тепло»", service("Опалення", debt=9_876_543_21, charged=1_234_567_89, subsidy=7_654_321_00))
    )

    (text,) = texts_of(bills_pdf([content]))

    for sum_ in ("9 876 543,21", "1 234 567,89", "−7 654 321,00", "3 456 790,10"):
        assert sum_ in text


def test_longest_names_are_wrapped_or_cut_but_stay_in_their_place() -> None:
    content = dataclasses.replace(
        crowded(1), payer="Нечуй-Левицька " * 12, address="вул. Героїв Небесної Сотні та Захисників " * 6
    )

    page = pypdfium2.PdfDocument(bills_pdf([content]))[0]

    half = page.get_textpage().get_text_bounded(left=0, right=page.get_width() * 0.46)
    assert half.count("Нечуй-Левицька") > 3
    assert "…" in half


def test_letter_that_the_font_lacks_becomes_a_question_mark() -> None:
    content = dataclasses.replace(figure_13(), payer="Łukasz 👍")

    (text,) = texts_of(bills_pdf([content]))

    assert "?ukasz ?" in text


def test_content_survives_storage() -> None:
    content = crowded(5)

    assert from_json(content.as_json()) == content


def test_content_says_its_version_and_another_is_refused() -> None:
    data = crowded(5).as_json()

    assert data["version"] == 1
    with pytest.raises(UnknownBillVersion, match="іншою версією"):
        from_json({**data, "version": 2})
    assert data["version"] == 1  # what was frozen is not changed by reading


def test_text_widths_are_the_fonts_own() -> None:
    font = design.load("bill", Look().inputs()).fonts["regular"]

    assert len({font.width(font.codes[digit]) for digit in "0123456789"}) == 1  # tabular figures line up
    assert font.can_set("Їжак з ґанку, № 7’я — 12,50 ₴")


amounts = st.integers(-9_999_999_99, 9_999_999_99)


@st.composite
def contents(draw: st.DrawFn) -> BillContent:
    services = [
        service(
            draw(st.sampled_from(["Холодна вода", "Опалення", "Газ"])),
            debt=draw(amounts),
            charged=draw(amounts),
            penalty=draw(st.integers(0, 100_00)),
            correction=draw(amounts),
            subsidy=draw(st.integers(0, 9_999_99)),
            paid=draw(amounts),
            meters=draw(st.sampled_from([(), (metered(),), (metered(1), metered(2))])),
        )
        for _ in range(draw(st.integers(1, 9)))
    ]
    return bill(*(provider("КП «Тепло»", one, number=f"{number:06d}") for number, one in enumerate(services)))


@settings(max_examples=25, deadline=None)
@given(contents())
def test_paper_tells_the_content_to_the_kopiyka(content: BillContent) -> None:
    text = " ".join(texts_of(bills_pdf([content])))

    for part in content.providers:
        for one in part.services:
            row = [
                one.charged_kop + one.penalty_kop,
                one.debt_kop,
                -one.paid_kop,
                one.correction_kop,
                -one.subsidy_kop,
                *([] if one.compulsory_kop is None else [one.compulsory_kop]),
                one.to_pay_kop,
            ]
            assert " ".join(map(shown, row)) in text
    assert f"{shown(content.to_pay.kop)} грн" in text
