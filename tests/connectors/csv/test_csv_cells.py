"""Cells that no spreadsheet runs, and the columns in which a file says what."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.csv.cells import FORMULA_STARTS, plain_text, safe_cell
from connectors.csv.columns import exported_columns, imported_columns
from connectors.sdk.faults import NeedsPerson


@given(st.text())
def test_no_cell_begins_a_formula(text: str) -> None:
    """Whatever a company is called, its cell begins with nothing that a spreadsheet runs."""
    assert not safe_cell(text).startswith(FORMULA_STARTS)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
def test_a_cell_reads_back(text: str) -> None:
    """A cell gives back the text, unless the text itself looks like a quoted formula."""
    if not (text.startswith("'") and text[1:].startswith(FORMULA_STARTS)):
        assert plain_text(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+49 40", "-5", "@SUM(A1)", "\tx", "\rx"])
def test_formulas_are_quoted(text: str) -> None:
    """An apostrophe stands before everything that might be a formula."""
    assert safe_cell(text) == f"'{text}"


def test_lone_surrogates_and_nulls_can_be_written() -> None:
    """Text that no encoding has is replaced, and NUL is left out."""
    assert safe_cell("a\0b\ud800") == "ab?"


@pytest.mark.parametrize(
    ("header", "name", "website"),
    [
        (("Record ID", "Company name", "Company Domain Name"), "Company name", None),
        (("Account Name", "Website", "Billing City"), "Account Name", "Website"),
        (("Firma", "Webseite"), "Firma", "Webseite"),
        (("NAME", "URL"), "NAME", "URL"),
    ],
)
def test_usual_columns_are_known(header: tuple[str, ...], name: str, website: str | None) -> None:
    """The columns of usual exports are found by their names, however they are spelled."""
    found = imported_columns(header, {}).by_role
    assert found["name"] == name
    assert found.get("website") == website


def test_chosen_columns_win() -> None:
    """A column chosen in the options beats the usual one, and "" leaves a role out."""
    header = ("name", "alias", "website", "city")
    found = imported_columns(header, {"name": "alias", "city": ""}).by_role
    assert found == {"name": "alias", "website": "website"}


def test_a_missing_column_is_told() -> None:
    """A chosen column that the file lacks is told with those that it has."""
    with pytest.raises(NeedsPerson, match="no column 'Web'; the file has name, site"):
        imported_columns(("name", "site"), {"website": "Web"})


def test_a_file_without_websites_excludes_nobody() -> None:
    """A file in which nothing leads to a domain is refused: it would exclude nobody, silently."""
    with pytest.raises(NeedsPerson, match="no column leads to a website"):
        imported_columns(("name", "phone"), {})


def test_a_row_tells_every_domain() -> None:
    """Domain, website and additional domains all count, each once, the domain first."""
    columns = imported_columns(("Name", "Domain", "Website", "Additional Domains"), {})
    record = columns.record(
        {
            "Name": " Acme ",
            "Domain": "acme.com",
            "Website": "https://acme.de",
            "Additional Domains": "acme.fr; acme.com,acme.it",
        }
    )
    assert record is not None
    assert record.name == "Acme"
    assert record.websites == ("acme.com", "https://acme.de", "acme.fr", "acme.it")


def test_rows_without_an_id_keep_theirs() -> None:
    """A row that brings no id has the same one each time, and another than other rows."""
    columns = imported_columns(("name", "website"), {})
    rows = [{"name": "A", "website": "a.com"}, {"name": "B", "website": "a.com"}]
    ids = [record.record_id for row in rows if (record := columns.record(row))]
    again = [record.record_id for row in rows if (record := columns.record(row))]
    assert ids == again
    assert len(set(ids)) == 2


def test_an_empty_row_is_no_company() -> None:
    """A row that names nothing gives no record."""
    columns = imported_columns(("name", "website", "city"), {})
    assert columns.record({"name": " ", "website": "", "city": "Kiel"}) is None


def test_the_key_leads_to_the_domain() -> None:
    """Our own file tells the domain by its key, also where the website's column is gone."""
    columns = exported_columns(("key", "name"), key_column="key", mapping={"name": "{name}"})
    record = columns.record({"key": "acme.com", "name": "Acme"})
    other = columns.record({"key": "name:acme|kiel", "name": "Acme"})
    assert record is not None
    assert record.websites == ("acme.com",)
    assert other is not None
    assert other.websites == ()
