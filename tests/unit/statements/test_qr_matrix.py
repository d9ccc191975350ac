from __future__ import annotations

import numpy as np
import pytest
import segno
import zxingcpp

from domivka.statements.rules.qr_matrix import MASK, TooMuchForQr, matrix

LINK = "https://qr.bank.gov.ua/" + "QkNECjAwMwoyCklDVAoKys8gq8yz8fzq4u7k7urg7eDruwpV" * 12
# Bytes that fill a version at level M to the last word, where segno and the standard pad alike: not at all.
FULL = {10: 213, 11: 251, 12: 287, 13: 331, 14: 362, 15: 412, 16: 450, 17: 504}


@pytest.mark.parametrize(("version", "length"), FULL.items())
def test_matrix_equals_segnos_module_by_module(version: int, length: int) -> None:
    text = LINK[:length]

    drawn = matrix(text)

    theirs = segno.make_qr(text, version=version, error="m", mask=MASK, boost_error=False, mode="byte")
    assert drawn.tolist() == [[module > 0 for module in row] for row in theirs.matrix]


def test_short_text_gets_version_10_at_level_q() -> None:
    text = LINK[:151]

    drawn = matrix(text)

    theirs = segno.make_qr(text, version=10, error="q", mask=MASK, boost_error=False, mode="byte")
    assert drawn.tolist() == [[module > 0 for module in row] for row in theirs.matrix]


@pytest.mark.parametrize("length", [24, 100, 152, 214, 300, 363, 412])
def test_any_length_is_read_by_a_reader(length: int) -> None:
    text = LINK[:length]

    drawn = np.pad(~matrix(text), 4, constant_values=True).astype(np.uint8) * 255
    (read,) = zxingcpp.read_barcodes(np.kron(drawn, np.ones((3, 3), np.uint8)))

    assert read.text == text


def test_text_beyond_version_17_is_refused() -> None:
    with pytest.raises(TooMuchForQr):
        matrix(LINK[:505])
