"""The pure parts: addresses, ids, payloads, cursors."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.sdk.records import CompanyRef
from connectors.twenty.cursors import OVERLAP, ChangeCursor
from connectors.twenty.identity import (
    address_of,
    host_of_company,
    is_record_id,
    leads_to,
    record_id_of,
)
from connectors.twenty.options import TwentyOptions
from connectors.twenty.payloads import DEFAULTS, STANDARD, Unfit, clean, fit
from connectors.twenty.reading import as_record
from connectors.twenty.schema import OWN_FIELDS
from connectors.twenty.simulated.links import stored_url

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
HOSTS = st.tuples(LABELS, st.sampled_from(["com", "de", "co.uk", "example"])).map(".".join)
PAGE = Path(__file__).resolve().parents[3] / "docs" / "connectors" / "twenty.md"
NOW = datetime(2026, 11, 21, 17, 43, tzinfo=UTC)


def test_ids_never_change() -> None:
    """The id of a key is the same in every version for ever: Twenty holds it as primary key."""
    assert record_id_of("acme.com") == "c5ded3ab-e943-5adf-bb28-00ee2475daa8"
    assert UUID(record_id_of("name:acme|berlin")).version == 5


@given(keys=st.lists(st.text(), unique=True, max_size=20))
def test_every_key_has_its_own_id(keys: list[str]) -> None:
    """Two keys never share an id, and each id is one that Twenty takes."""
    ids = [record_id_of(key) for key in keys]
    assert len(set(ids)) == len(keys)
    assert all(is_record_id(each) for each in ids)


@given(
    host=HOSTS,
    scheme=st.sampled_from(["", "http://", "https://", "//", "HTTPS://"]),
    user=st.sampled_from(["", "me@", "me:pw@"]),
    below=st.sampled_from(["", "www.", "shop.eu."]),
    rest=st.sampled_from(["", "/", ":8080", "/a/b?c=d", "?x", "#y", "./z"]),
)
def test_a_host_is_seen_in_every_spelling(
    host: str, scheme: str, user: str, below: str, rest: str
) -> None:
    """Scheme, user, subdomain, port, path and capitals hide nothing."""
    address = f" {scheme}{user}{below}{host}{rest} "
    assert leads_to(address, host)
    assert leads_to(address.upper(), host)
    assert not leads_to(address, f"not{host}")
    assert not leads_to(address, f"{host}.net")


@given(text=st.text())
def test_any_text_may_stand_for_an_address(text: str) -> None:
    """People type anything: it leads nowhere, and never fails."""
    assert leads_to(text, "acme-of-nobody.example") in {True, False}


@given(host=HOSTS)
def test_we_write_one_spelling_that_twenty_keeps_but_for_the_slash(host: str) -> None:
    """Twenty stores our address in lower case with a slash at its end, and takes every one."""
    assert stored_url(address_of(host)) == f"https://{host}/"


def test_identities_without_a_host_have_none() -> None:
    """A profile or a name is not looked for among addresses."""
    company = CompanyRef(key="profile:linkedin.com/company/x", domain=None, name="X")
    assert host_of_company(company) is None


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("employees", 51, 51),
        ("employees", "51", 51),
        ("employees", 51.0, 51),
        ("employees", "5.5", 5.5),
        ("idealCustomerProfile", "true", True),
        ("name", "a\0b\ud800", "ab?"),
        ("address.addressCity", "Łódź 🚢", "Łódź 🚢"),
        ("linkedinLink", "https://linkedin.com/x", "https://linkedin.com/x"),
    ],
)
def test_values_take_the_columns_type(name: str, value: str | float, kept: object) -> None:
    """A value becomes what the column keeps."""
    assert fit(value, name, STANDARD) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("employees", "51-200"),
        ("employees", "nan"),
        ("employees", float("inf")),
        ("employees", True),
        ("idealCustomerProfile", "maybe"),
        ("address", "Porto"),
        ("name.first", "Jo"),
        ("nosuch", "x"),
    ],
)
def test_values_that_would_be_lost_or_refused_are_unfit(name: str, value: str | float) -> None:
    """What Twenty would refuse or silently spoil is told before anything is sent."""
    with pytest.raises(Unfit):
        fit(value, name, STANDARD)


@given(text=st.text())
def test_every_text_can_be_sent_and_stored(text: str) -> None:
    """No half characters for JSON and no NUL for PostgreSQL; the rest stays as it is."""
    kept = clean(text)
    assert "\0" not in kept
    assert kept.encode().decode() == kept
    if text.isprintable() and text.isascii():
        assert kept == text


def test_a_company_with_nothing_in_it_can_be_read() -> None:
    """Null and missing values leave the record's fields empty."""
    node = {"id": "x", "name": None, "domainName": {"primaryLinkUrl": None}, "updatedAt": "soon"}
    record = as_record(node)
    assert (record.name, record.websites, record.size, record.modified_at) == ("", (), None, None)


@given(
    since=st.datetimes(min_value=datetime(2020, 1, 1)),  # noqa: DTZ001 - made aware below
    newest=st.none() | st.datetimes(min_value=datetime(2020, 1, 1)),  # noqa: DTZ001 - same
    began=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)),  # noqa: DTZ001 - same
)
def test_the_watermark_overlaps_and_never_goes_back(
    since: datetime, newest: datetime | None, began: datetime
) -> None:
    """The next pass begins no earlier than this one did, and by the overlap before its end."""
    start = ChangeCursor(since=since.replace(tzinfo=UTC))
    known = None if newest is None else newest.replace(tzinfo=UTC)
    ended = start.started(began.replace(tzinfo=UTC), known).moved(None).finished()
    assert ended.since >= start.since
    if start.since <= began.replace(tzinfo=UTC) - OVERLAP:
        assert ended.since <= began.replace(tzinfo=UTC) - OVERLAP


@given(after=st.none() | st.text(), in_bin=st.booleans())
def test_a_cursor_survives_a_restart(after: str | None, in_bin: bool) -> None:
    """Written and read again, a cursor in the midst of a pass is the same."""
    cursor = ChangeCursor(
        since=NOW, began=NOW, newest=NOW - timedelta(hours=1), in_bin=in_bin, after=after
    )
    assert ChangeCursor.load(cursor.dump()) == cursor


@pytest.mark.parametrize("name", ["id", "domainName.primaryLinkUrl", "prospectdKey"])
def test_what_the_connector_writes_cannot_be_mapped(name: str) -> None:
    """A mapping to the id, the domain or the key is refused when the configuration is loaded."""
    with pytest.raises(ValidationError, match=name):
        TwentyOptions.model_validate({"type": "twenty", "mapping": {name: "{name}"}})


@pytest.mark.parametrize(
    "written", ["https://crm.example", "https://crm.example/", "https://crm.example/rest/"]
)
def test_the_address_may_be_written_as_people_find_it(written: str) -> None:
    """With a slash or with /rest at its end, the same server is meant."""
    options = TwentyOptions.model_validate({"type": "twenty", "base_url": written})
    assert options.server_url == "https://crm.example"


def test_the_page_tells_the_mapping_and_the_fields_as_they_are() -> None:
    """Each default of the mapping, and each field with the type to choose, stands in its table."""
    page = PAGE.read_text(encoding="utf-8")
    for name, template in DEFAULTS.items():
        assert f"| `{name}` | `{template}` |" in page
    for own in OWN_FIELDS.values():
        assert f"| {own.label} | {own.type.title()} | `{own.name}` |" in page
