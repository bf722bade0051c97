"""Rows for ``load()``, the mapping and the options: pure."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.odoo.fields import (
    KEY_FIELD,
    OWN_FIELDS,
    Schema,
    external_id,
    find_country,
    new_mapping,
    plan_row,
    tables_of,
)
from connectors.odoo.options import OdooOptions
from connectors.sdk.records import CompanyRef, PushItem

PLAIN = {"name": "char", "website": "char", "comment": "html", "city": "char"}
TYPES = {**PLAIN, "country_id": "many2one", "is_company": "boolean", "active": "boolean"}
OWN = {own.name: own.type for own in OWN_FIELDS}
SCHEMA = Schema(types={**TYPES, **OWN}, countries={"germany": "Germany", "de": "Germany"})
BARE = replace(SCHEMA, types=TYPES)
ACME = PushItem(
    trace_id="t",
    company=CompanyRef(key="acme.com", domain="acme.com", name="Acme"),
    fields={
        "name": "Acme GmbH",
        "website": "https://www.acme.com/en",
        "description": 'Makes <b>ships</b> & "more"\n\nsince ever',
        "city": "Kiel",
        "country": "Germany",
        "relevance": 87,
        "search": "ships",
        "task_id": "42",
        "employee_count": "11-50",
        "founding_year": 2011,
    },
)


def test_a_row_carries_every_default_column_as_text() -> None:
    """Each default property becomes text, the notes are escaped, our key stands in its field."""
    row = plan_row(ACME, new_mapping({}), SCHEMA)
    assert row.external == external_id("acme.com")
    assert row.warnings == ()
    assert row.cells == {
        "name": "Acme GmbH",
        "is_company": "1",
        "website": "https://www.acme.com/en",
        "city": "Kiel",
        "country_id": "Germany",
        "comment": '<p>Makes &lt;b&gt;ships&lt;/b&gt; &amp; "more"</p><p>since ever</p>',
        KEY_FIELD: "acme.com",
        "x_prospectd_relevance": "87",
        "x_prospectd_search": "ships",
        "x_prospectd_task": "42",
        "x_prospectd_employees": "11-50",
        "x_prospectd_founded": "2011",
    }


def test_values_of_missing_own_fields_go_into_the_notes() -> None:
    """Where our fields do not exist, nothing is lost and nothing unknown is sent."""
    row = plan_row(ACME, new_mapping({}), BARE)
    assert set(row.cells) == {"name", "is_company", "website", "city", "country_id", "comment"}
    for words in ("since ever", "Prospectd relevance: 87", "Prospectd founding year: 2011"):
        assert f"<p>{words}</p>" in row.cells["comment"]
    assert row.warnings == ()


def test_notes_that_the_operator_writes_stay_as_written() -> None:
    """A mapping of the notes is not added to."""
    mapping = {"comment": "Found by {search}"}
    row = plan_row(ACME, new_mapping(mapping), BARE, overridden=mapping)
    assert row.cells["comment"] == "<p>Found by ships</p>"


@pytest.mark.parametrize(
    ("mapping", "properties", "column", "warning"),
    [
        ({"ref": "{search}"}, {}, "ref", "no such field"),
        ({}, {"team_id": "Sales"}, "team_id", "no such field"),
        ({}, {"id": "base.main_partner"}, "id", "writes it itself"),
        ({"country_id": "Atlantis"}, {}, "country_id", 'no country "Atlantis"'),
    ],
)
def test_what_odoo_does_not_have_is_left_out_with_a_warning(
    mapping: dict[str, str], properties: dict[str, str], column: str, warning: str
) -> None:
    """An unknown column would break the whole batch in Odoo, so it is never sent."""
    item = replace(ACME, properties=properties)
    row = plan_row(item, new_mapping(mapping), SCHEMA, overridden=mapping)
    assert column not in row.cells
    assert len(row.warnings) == 1
    assert row.warnings[0].startswith(column)
    assert warning in row.warnings[0]


def test_name_and_website_are_never_missing() -> None:
    """Without values a company still has a name and leads to its domain."""
    item = replace(ACME, fields={})
    row = plan_row(item, new_mapping({"website": ""}), SCHEMA)
    assert row.cells["name"] == "Acme"
    assert row.cells["website"] == "https://acme.com"


FIELD_TEXTS = st.dictionaries(
    st.sampled_from(["name", "website", "description", "city", "country", "search"]),
    st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.floats()),
)


@given(fields=FIELD_TEXTS, key=st.text(min_size=1), title=st.text())
def test_any_result_makes_a_row_that_load_can_read(
    fields: dict[str, str | None], key: str, title: str
) -> None:
    """Cells are text that PostgreSQL stores, never empty; the external id has no space."""
    company = CompanyRef(key=key.encode(errors="replace").decode(), domain=None, name=title)
    row = plan_row(PushItem(trace_id="t", company=company, fields=fields), new_mapping({}), SCHEMA)
    assert re.fullmatch(r"__prospectd__\.co_[0-9a-f]{64}", row.external)
    for cell in row.cells.values():
        assert isinstance(cell, str)
        assert cell
        assert "\0" not in cell
        cell.encode()


def test_rows_with_the_same_columns_travel_together() -> None:
    """An empty cell would clear a default, so rows never share columns that one of them lacks."""
    mapping = new_mapping({})
    cityless = replace(ACME, fields={**ACME.fields, "city": None})
    rows = [plan_row(item, mapping, SCHEMA) for item in (ACME, cityless, ACME)]
    groups = dict(tables_of(rows))
    assert [len(group) for group in groups.values()] == [2, 1]
    for columns, group in groups.items():
        assert all(set(row.cells) == set(columns) for row in group)


@pytest.mark.parametrize(
    ("given_name", "found"),
    [
        ("germany", "Germany"),
        ("DE", "Germany"),
        ("USA", "United States"),
        ("Türkiye", "Turkey"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_countries_are_found_by_name_code_or_common_name(
    given_name: str, found: str | None
) -> None:
    """Odoo wants its own spelling of a country."""
    countries = {"germany": "Germany", "de": "Germany", "united states": "United States"}
    assert find_country(given_name, {**countries, "turkey": "Turkey"}) == found


@pytest.mark.parametrize(
    "mapping",
    [{"id": "{name}"}, {"is_company": "0"}, {KEY_FIELD: "{domain}"}, {"city": "{town}"}],
)
def test_impossible_mappings_are_refused_with_the_config(mapping: dict[str, str]) -> None:
    """What the connector writes itself and unknown result fields are named at once."""
    options = {"type": "odoo", "base_url": "https://o.example", "database": "crm", "login": "a@b"}
    with pytest.raises(ValidationError, match="mapping"):
        OdooOptions.model_validate({**options, "mapping": mapping})


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"api": "jsonrpc"}, "needs login"),
        ({"api": "json2", "password_env": "PASSWORD"}, "takes an API key"),
        ({"api": "soap"}, "api"),
        ({"page_size": 0}, "page_size"),
    ],
)
def test_impossible_options_are_refused(table: dict[str, object], words: str) -> None:
    """Options that cannot work are refused before anything starts."""
    base = {"type": "odoo", "base_url": "https://o.example", "database": "crm"}
    with pytest.raises(ValidationError, match=words):
        OdooOptions.model_validate({**base, **table})
