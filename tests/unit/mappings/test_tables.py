"""Lists as spreadsheets save them: what we export comes back, whatever was done to its form."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.core.rules.tables import ListRefused, cell_for_spreadsheet, cell_text, is_shortened, lines_of, text_of

COLUMNS = ("SKU", "Item #")
LETTERS = st.characters(codec="cp1252", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="\xa0\x85")
CELLS = st.text(LETTERS, min_size=1, max_size=20).map(str.strip).filter(bool)
ROWS = st.lists(st.tuples(CELLS, CELLS), max_size=8)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])


def read(data: bytes) -> list[tuple[str, ...]]:
    return [line.cells for line in lines_of(text_of(data), COLUMNS)]


@given(
    rows=ROWS,
    encoding=ENCODINGS,
    separator=st.sampled_from(",;\t|"),
    ends=st.sampled_from(["\n", "\r\n", "\r"]),
    is_told=st.booleans(),
    quotes=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    heading=st.sampled_from([("SKU", "Item #"), ("sku", "item #"), (" Sku ", "ITEM#")]),
)
def test_our_own_export_comes_back(
    rows: list[tuple[str, str]],
    encoding: str,
    separator: str,
    ends: str,
    is_told: bool,
    quotes: int,
    heading: tuple[str, str],
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator=ends, quoting=quotes)  # type: ignore[arg-type]
    writer.writerow([heading[0], "State", heading[1]])
    writer.writerows([cell_for_spreadsheet(sku), "Linked", cell_for_spreadsheet(number)] for sku, number in rows)
    text = (f"sep={separator}{ends}" if is_told else "") + out.getvalue()
    expected = [tuple(cell.replace("\0", "") for cell in row) for row in rows]
    assert read(text.encode(encoding)) == expected


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("c19_small_letters", b"sku,item #\nWEB-1,01\n"),
        ("c19_semicolons", b"SKU;Item #\nWEB-1;01\n"),
        ("c19_sep_line", b"sep=,\nSKU,Item #\nWEB-1,01\n"),
        ("c19_sep_line_quoted", b'"SEP=;"\r\nSKU;Item #\r\nWEB-1;01\r\n'),
        ("c19_tabs", b"SKU\tItem #\nWEB-1\t01\n"),
        ("c18_macintosh", b"SKU,Item #\rWEB-1,01\r"),
        ("c18_nul", b"SKU,Item #\nWEB-1\0,01\n"),
        ("c68_mark_and_blank_lines", b"\xef\xbb\xbf\r\nSKU,Item #\r\n\r\nWEB-1,01\r\n\r\n"),
        ("c68_quoted", b'Name,SKU,Item #\r\n"two\r\nlines",WEB-1,01\r\n'),
        ("kept_zeros", b'SKU,Item #\r\nWEB-1,"=""01"""\r\n'),
        ("utf_16", "SKU\tItem #\nWEB-1\t01\n".encode("utf-16")),
    ],
)
def test_it_is_read_whatever_saved_it(name: str, data: bytes) -> None:
    assert read(data) == [("WEB-1", "01")], name


HOSTILE = st.text(st.sampled_from("'=+-@＝＋－＠﹦⁼ \t\r\n1.aé\""), max_size=8).filter(
    lambda text: text == text.strip()
)


@given(HOSTILE)
def test_what_leaves_as_a_cell_comes_back_as_it_was(text: str) -> None:
    assert cell_text(cell_for_spreadsheet(text)) == text


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "﹦", " =", "'="])
def test_no_cell_begins_a_formula(sign: str) -> None:
    assert cell_for_spreadsheet(f"{sign}SUM(A1)") == f"'{sign}SUM(A1)"
    assert cell_text(f"'{sign}SUM(A1)") == f"{sign}SUM(A1)"


@pytest.mark.parametrize("number", ["-5", "-2.50", "0", "12", "1234.5", "-1000000"])
def test_numbers_stay_numbers(number: str) -> None:
    assert cell_for_spreadsheet(number) == number


@pytest.mark.parametrize("text", ["-5-5", "-5.", "-", "-a", "--5", "-5e3", "+5", "-٥", "-5\n"])
def test_what_only_begins_like_a_number_is_a_text(text: str) -> None:
    assert cell_for_spreadsheet(text) == f"'{text}"


def test_lines_are_counted_as_a_person_counts_them() -> None:
    numbers = [line.number for line in lines_of('sep=;\nSKU;Item #\n\nA;1\n"B\nb";2\nC;3\n', COLUMNS)]
    assert numbers == [4, 5, 7]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file needs the columns “SKU” and “Item #” in its first line, and the file is empty."),
        (b"a,b\n1,2\n", "The file needs the columns “SKU” and “Item #” in its first line, and it reads “a,b”."),
        (b"SKU,Item #,sku\n", "The column “sku” stands twice in the first line"),
        (b'SKU,Item #\n"WEB-1,01\n', "Line 2 cannot be read: a quotation mark is opened and not closed"),
        (b"SKU,Item #\nWEB-\x81\xff,01\n", "The file is no text that we can read"),
        (b"PK\x03\x04\x14\x00\x06\x00", "The file needs the columns"),
    ],
)
def test_a_refusal_says_what_was_found(data: bytes, words: str) -> None:
    with pytest.raises(ListRefused) as refusal:
        read(data)
    assert str(refusal.value).startswith(words)


def test_shortened_numbers_are_known() -> None:
    assert [is_shortened(text) for text in ("8.41E+11", "1,23E+12", "8E+5", "E+5", "WEB-1E+2")] == [True] * 3 + [
        False
    ] * 2
