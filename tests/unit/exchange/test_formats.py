from __future__ import annotations

import pytest

from domivka.exchange.errors import UnreadableFile
from domivka.exchange.formats.content import Content
from domivka.exchange.formats.encodings import detect_code_page, find_encoding
from domivka.exchange.formats.read import detect_format, read_tables
from domivka.exchange.formats.table import Accept, Table
from tests.unit.exchange.files import dbf, whole, xls, xlsx

NAMES = "Мар'яненко Ївга Ґедеонівна; Юзьків Соломія; Кожемяка Єгор; вулиця Зріні Ілони"
FIELDS = [("RAH", "C", 8, 0), ("FIO", "C", 40, 0), ("SUMA", "N", 10, 2)]
ROWS = [["000101", "Шевченко Соломiя", "12.50"], ["000102", "В'юн Їжак", "-3.00"], ["000103", "Лук'яненко", ""]]


def wants(*names: str) -> Accept:
    return lambda header: set(names) <= set(header)


def read(content: bytes, *names: str, formats: str = "csv dbf xls xlsx", sheets: frozenset[str] = frozenset()) -> Table:
    return read_tables(content, expected=frozenset(formats.split()), accept=wants(*names), sheets=sheets)[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251", "koi8-u", "cp1125"])
def test_text_is_decoded_from_every_usual_encoding(encoding: str) -> None:
    content = NAMES.encode(encoding)

    name, mark = find_encoding(Content(content))

    assert content[mark:].decode(name) == NAMES


def test_cp866_without_ukrainian_letters_is_told_from_cp1125() -> None:
    latin = NAMES.replace("і", "i").replace("І", "I").replace("Ґ", "Г").replace("ґ", "г")

    assert detect_code_page(latin.encode("cp866")) == "cp866"
    assert detect_code_page(NAMES.encode("cp1125")) == "cp1125"
    assert detect_code_page(NAMES.upper().encode("cp1125")) == "cp1125"


def test_dbf_gives_text_and_record_numbers() -> None:
    table = read(dbf(FIELDS, ROWS), "RAH")

    assert table.header == ("RAH", "FIO", "SUMA")
    assert whole(table).cells.rows() == [
        ("000101", "Шевченко Соломiя", "12.50"),
        ("000102", "В'юн Їжак", "-3.00"),
        ("000103", "Лук'яненко", None),
    ]
    assert whole(table).row_numbers.to_list() == [1, 2, 3]


def test_dbf_leaves_deleted_records_out() -> None:
    table = read(dbf(FIELDS, ROWS, deleted=frozenset({1})), "RAH")

    assert whole(table).cells["c0"].to_list() == ["000101", "000103"]
    assert whole(table).row_numbers.to_list() == [1, 3]


@pytest.mark.parametrize(
    ("encoding", "language", "found"),
    [("cp1251", 0xC9, "cp1251"), ("cp1251", 0, "cp1251"), ("cp1125", 0x26, "cp1125"), ("cp1125", 0x65, "cp1125")],
)
def test_dbf_language_byte_narrows_and_letters_decide(encoding: str, language: int, found: str) -> None:
    rows = [["1", "Ївга Єфименко Мар'янівна", "1.00"], ["2", "Ґонта Ілля Юрійович", "2.00"]]

    table = read(dbf(FIELDS, rows, encoding=encoding, language=language), "RAH")

    assert table.encoding == found
    assert whole(table).cells["c1"].to_list() == ["Ївга Єфименко Мар'янівна", "Ґонта Ілля Юрійович"]


def test_dbf_cut_short_is_refused_with_the_count() -> None:
    with pytest.raises(UnreadableFile, match="у заголовку 3 записів, а цілих у файлі 1"):
        read(dbf(FIELDS, ROWS)[:-80], "RAH")


def test_dbf_of_other_fields_names_those_it_has() -> None:
    with pytest.raises(UnreadableFile, match="Є поля: RAH, FIO, SUMA"):
        read(dbf(FIELDS, ROWS), "ABCOUNT")


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_csv_finds_its_separator(separator: str) -> None:
    text = "\r\n".join(separator.join(row) for row in [["о/р", "ПІБ"], ["001", "Їжак"], ["002", "Єва"]])

    table = read(text.encode("cp1251"), "о/р", "ПІБ")

    assert whole(table).cells.rows() == [("001", "Їжак"), ("002", "Єва")]


def test_csv_with_titles_and_empty_lines_keeps_row_numbers() -> None:
    table = read("Звіт за жовтень 2026\n\nо/р;сума\n001;1,5\n\n002;2,5\n".encode(), "о/р")

    assert table.titles == "Звіт за жовтень 2026\n"
    assert whole(table).cells.rows() == [("001", "1,5"), ("002", "2,5")]
    assert whole(table).row_numbers.to_list() == [4, 6]


def test_csv_with_quotes_keeps_separators_inside() -> None:
    table = read(b'a;b\n"x;y";2\n"=HYPERLINK(""z"")";3\n', "a")

    assert whole(table).cells.rows() == [("x;y", "2"), ('=HYPERLINK("z")', "3")]


def test_csv_rows_wider_than_the_header_are_marked() -> None:
    table = read(b"a;b\n1;2\n3;4;5\n6\n", "a")

    assert whole(table).cells.rows() == [("1", "2"), ("3", "4"), ("6", None)]
    assert whole(table).damaged == {1: "У рядку 3 комірок замість 2."}


def test_csv_without_the_columns_shows_its_first_line() -> None:
    with pytest.raises(UnreadableFile, match="Перший рядок: раз, два"):
        read("раз;два\n1;2\n".encode(), "о/р")


TITLED = [["КП «Тепло» за жовтень 2026"], [], ["О/р", "Сума", "Площа"], ["Т-1", "12,50", 54.1], ["000123", 580.9, 74]]


@pytest.mark.parametrize("make", [xls, xlsx])
def test_book_gives_text_under_its_header(make: object) -> None:
    assert callable(make)
    table = read(make({"лист": TITLED}), "О/р")

    assert table.header == ("О/р", "Сума", "Площа")
    assert whole(table).cells.rows() == [("Т-1", "12,50", "54.1"), ("000123", "580.9", "74")]
    assert whole(table).row_numbers.to_list() == [4, 5]
    assert "жовтень 2026" in table.titles


def test_book_of_several_sheets_gives_each() -> None:
    sheets = {"А": [["О/р"], ["1"]], "Б": [["О/р"], ["2"]], "Інше": [["щось"]]}

    tables = read_tables(xlsx(sheets), expected=frozenset({"xlsx"}), accept=wants("О/р"))

    assert [(table.sheet, whole(table).cells["c0"].to_list()) for table in tables] == [("А", ["1"]), ("Б", ["2"])]


def test_book_with_a_cell_far_from_the_table_is_refused_and_we_live() -> None:
    """Two cells that span the sheet: calamine wants 400 GB for what lies between, and aborts its process."""
    with pytest.raises(UnreadableFile, match="далеко від таблиці"):
        read(xlsx({"А": [["О/р"], *[[]] * 1_048_574, [*[None] * 16_383, "x"]]}), "О/р")


def test_book_without_a_wanted_sheet_names_those_it_has() -> None:
    with pytest.raises(UnreadableFile, match=r"немає аркуша «Б»\. Є аркуші: А"):
        read(xlsx({"А": [["О/р"], ["1"]]}), "О/р", sheets=frozenset({"А", "Б"}))


@pytest.mark.parametrize(
    ("content", "found"),
    [(dbf(FIELDS, ROWS), "dbf"), (xlsx({"а": [["1"]]}), "xlsx"), (xls({"а": [["1"]]}), "xls"), (b"a;b\n", "csv")],
)
def test_format_is_known_by_content(content: bytes, found: str) -> None:
    assert detect_format(content) == found


def test_file_of_another_format_is_refused_by_name() -> None:
    with pytest.raises(UnreadableFile, match="читає файли DBF, а надіслано файл іншого формату \\(XLSX\\)"):
        read(xlsx({"а": [["1"]]}), "а", formats="dbf")


@pytest.mark.parametrize(
    "content", [b"", b"   \n", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken", b"a\0b;c"]
)
def test_empty_and_broken_files_are_refused(content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read(content, "а")
