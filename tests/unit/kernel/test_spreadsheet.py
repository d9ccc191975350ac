"""Rows of tables that people open in a spreadsheet."""

from __future__ import annotations

import pytest

from domivka.kernel.spreadsheet import guarded, line


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("@cmd", "'@cmd"),
        ("+380", "'+380"),
        ("-cmd", "'-cmd"),
        ("-12,50", "-12,50"),
        ("Їжак", "Їжак"),
    ],
)
def test_cells_cannot_run_as_formulas(cell: str, safe: str) -> None:
    assert guarded(cell) == safe


def test_row_is_quoted_guarded_and_ends_as_spreadsheets_expect() -> None:
    assert line(["=1", 'а "б"; в', None, -3, "-2,50"]) == '\'=1;"а ""б""; в";;-3;-2,50\r\n'
