"""A town's design changes the paper without Python, and what would not print is refused."""

from __future__ import annotations

import pypdfium2
import pytest

from domivka.statements.fill import bills_file, bills_pdf
from domivka.statements.look import COLUMNS, BadLook, Look
from tests.unit.statements.samples import figure_13

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><rect width="40" height="20" fill="#ff0000"/></svg>'


def colours_of(pdf: bytes) -> set[tuple[int, ...]]:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB")
    return {colour for _count, colour in picture.getcolors(1 << 20)}


def words_of(pdf: bytes, page: int = 0) -> str:
    return " ".join(str(pypdfium2.PdfDocument(pdf)[page].get_textpage().get_text_range()).split())


def place_of(pdf: bytes, words: str) -> float:
    """How far from the left edge these words begin."""
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    index, _count = page.search(words).get_next()
    return float(page.get_charbox(index)[0])


def test_logo_and_texts_of_a_town_are_on_its_bill() -> None:
    pdf = bills_pdf([figure_13()], look=Look(heading="Калинівська міська рада", notice="Дякуємо!", logo=LOGO))

    assert "Калинівська міська рада" in words_of(pdf)
    assert "Дякуємо!" in words_of(pdf)
    assert (255, 0, 0) in colours_of(pdf)
    assert (255, 0, 0) not in colours_of(bills_pdf([figure_13()]))


def test_columns_stand_in_the_order_of_the_town() -> None:
    swapped = list(COLUMNS)
    debt, charged = COLUMNS.index("debt"), COLUMNS.index("charged")
    swapped[debt], swapped[charged] = "charged", "debt"

    usual, other = (bills_pdf([figure_13()], look=look) for look in (Look(), Look(columns=tuple(swapped))))

    assert place_of(usual, "322,36") < place_of(usual, "24,18")
    assert place_of(other, "322,36") > place_of(other, "24,18")


def test_address_side_shows_the_address_and_the_advertisement() -> None:
    look = Look(advertisement_title="Нові вікна", advertisement="Місто повертає 70 % вартості.")

    pdf, pages = bills_file([figure_13(), figure_13()], look=look, address_side=True)

    assert pages == len(pypdfium2.PdfDocument(pdf)) == 4
    for page in (1, 3):
        words = words_of(pdf, page)
        assert "Соборна, буд. 4/2, кв. 11" in words
        assert "Нові вікна Місто повертає 70 % вартості." in words


def test_address_stands_in_the_window_of_a_euro_envelope() -> None:
    pdf, _pages = bills_file([figure_13()], address_side=True)
    page = pypdfium2.PdfDocument(pdf)[1].get_textpage()

    boxes = [page.get_charbox(i) for i in range(page.count_chars()) if page.get_text_range(i, 1).strip()]

    address = page.get_text_bounded(left=99 * MM, right=198 * MM, bottom=100 * MM, top=190 * MM)
    # Panel 99–198 mm across, read from its right side up: the window is 15–60 mm from its lower edge.
    assert "Соборна" in address
    name = [box for box in boxes if box[1] > 100 * MM]
    assert min(198 * MM - box[2] for box in name) > 15 * MM
    assert max(198 * MM - box[0] for box in name) < 60 * MM
    assert max(box[3] for box in name) < 190 * MM


MM = 72 / 25.4


def test_address_side_adds_little_to_a_print_run() -> None:
    without = len(bills_file([figure_13()] * 50)[0])

    whole = len(bills_file([figure_13()] * 50, address_side=True)[0])

    assert (whole - without) / 50 < 700


@pytest.mark.parametrize(
    "look",
    [
        Look(colour="blue"),
        Look(columns=COLUMNS[1:]),
        Look(columns=(*COLUMNS[1:], "debt")),
        Look(logo="<svg"),
        Look(logo="<html></html>"),
        Look(logo='<svg><image href="/etc/passwd"/></svg>'),
        Look(logo='<!DOCTYPE a [<!ENTITY b "c">]><svg>&b;</svg>'),
    ],
)
def test_design_that_would_not_print_is_refused(look: Look) -> None:
    with pytest.raises(BadLook):
        look.check()
