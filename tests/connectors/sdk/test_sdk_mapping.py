"""Templates and mappings: checked when loaded, harmless when rendered."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.mapping import FieldMapping, Template
from connectors.sdk.records import FIELD_NAMES, CompanyRef, FieldValue, PushItem
from connectors.sdk.sizes import SizeRange, bucket_converter, fewest_employees, parse_size


def item(fields: dict[str, FieldValue], **properties: str) -> PushItem:
    company = CompanyRef(key="acme.com", domain="acme.com", name="Acme")
    return PushItem(trace_id="t", company=company, fields=fields, properties=properties)


@pytest.mark.parametrize(
    ("text", "fields", "expected"),
    [
        ("{relevance}", {"relevance": 87}, 87),
        ("{relevance}", {"relevance": None}, None),
        ("{relevance}", {}, None),
        ("{relevance}%", {"relevance": 87}, "87%"),
        ("Found by {search}", {"search": "saas"}, "Found by saas"),
        ("Found by {search}", {}, None),
        ("{city}, {country}", {"country": "Germany"}, ", Germany"),
        ("lead", {}, "lead"),
        ("{{x}} {name}", {"name": "Acme"}, "{x} Acme"),
        ("{relevance} {found_at}", {"relevance": 3.0, "found_at": True}, "3 true"),
    ],
)
def test_templates_render(text: str, fields: dict[str, FieldValue], expected: FieldValue) -> None:
    """One name alone keeps its type; text around it makes text; nothing to say gives None."""
    assert Template.parse(text).render(fields) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{nmae}",
        "{name.__class__}",
        "{name[0]}",
        "{name!r}",
        "{name:>10}",
        "{name:{city}}",
        "{0}",
        "{}",
        "{name",
        "name}",
        "{ name }",
    ],
)
def test_bad_templates_are_refused_when_loaded(text: str) -> None:
    """Unknown names, attributes, indices, conversions, formats and lone braces are errors."""
    with pytest.raises(ValueError, match=r"is not a (template|field)|may carry no format"):
        Template.parse(text)


def test_an_unknown_name_is_named_with_the_known_ones() -> None:
    """The error tells what was wrong, where, and what could have been meant."""
    with pytest.raises(ValueError, match=r'mapping.industry.*"sector" is not a field.*relevance'):
        FieldMapping.merged({}, {"industry": "{sector}"})


@given(
    st.sampled_from(FIELD_NAMES),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
)
def test_values_are_never_templates(name: str, value: FieldValue) -> None:
    """Braces in a value stay what they are: only the operator's text is a template."""
    rendered = Template.parse(f"<{{{name}}}>").render({name: value})
    if isinstance(value, str):
        assert rendered == f"<{value}>"
    assert (rendered is None) == (value is None)


def test_the_operators_mapping_beats_the_default() -> None:
    """An override replaces, "" removes, a new one adds; the search's own properties beat all."""
    mapping = FieldMapping.merged(
        {"name": "{name}", "city": "{city}", "zip": "1"},
        {"city": "", "note": "by {search}", "zip": "2"},
    )
    fields: dict[str, FieldValue] = {"name": "Acme", "city": "Berlin", "search": "saas"}
    assert mapping.render(item(fields)) == {"name": "Acme", "note": "by saas", "zip": "2"}
    chosen = item(fields, name="", lifecyclestage="lead", zip="3")
    assert mapping.render(chosen) == {"note": "by saas", "lifecyclestage": "lead", "zip": "3"}


def test_the_connectors_own_properties_are_reserved() -> None:
    """What the connector writes by itself cannot be mapped."""
    with pytest.raises(ValueError, match="key_property"):
        FieldMapping.merged({}, {"key_property": "{name}"}, reserved={"key_property"})


def test_converters_make_the_crms_values() -> None:
    """A converter is for its property alone; one that has no answer leaves the property out."""
    mapping = FieldMapping.merged(
        {"size": "{employee_count}", "text": "{employee_count}"},
        {},
        converters={"size": fewest_employees},
    )
    assert mapping.render(item({"employee_count": "51-200"})) == {"size": 51, "text": "51-200"}
    assert mapping.render(item({"employee_count": "plenty"})) == {"text": "plenty"}


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("51-200", 51, 200),
        ("SIZE_51_200", 51, 200),
        ("10001+", 10_001, None),
        ("SIZE_10000_PLUS", 10_000, None),
        ("1,001-5,000", 1_001, 5_000),
        ("17", 17, 17),
        (17, 17, 17),
        (17.0, 17, 17),
    ],
)
def test_sizes_are_read(value: FieldValue, low: int, high: int | None) -> None:
    """Both spellings of the vendor's contract are read, and plain numbers."""
    assert parse_size(value) == SizeRange(low=low, high=high)


@pytest.mark.parametrize("value", [None, True, "", "many", "SIZE_", "a-b", "-5"])
def test_other_sizes_are_none(value: FieldValue) -> None:
    """What is no head count gives none."""
    assert parse_size(value) is None


BUCKETS = {
    "1-10": SizeRange(low=1, high=10),
    "11-50": SizeRange(low=11, high=50),
    "51-250": SizeRange(low=51, high=250),
    "251-1K": SizeRange(low=251, high=1_000),
    "1K-5K": SizeRange(low=1_001, high=5_000),
    "5K-10K": SizeRange(low=5_001, high=10_000),
    "10K-50K": SizeRange(low=10_001, high=50_000),
    "100K+": SizeRange(low=100_001, high=None),
}


@pytest.mark.parametrize(
    ("value", "bucket"),
    [
        ("1-10", "1-10"),
        ("51-200", "51-250"),
        ("201-500", "251-1K"),
        ("501-1000", "251-1K"),
        ("1001-5000", "1K-5K"),
        ("SIZE_10000_PLUS", "10K-50K"),
        ("10001+", "10K-50K"),
        ("unknown", None),
        (0, None),
    ],
)
def test_the_bucket_that_overlaps_most(value: FieldValue, bucket: str | None) -> None:
    """A CRM's own bucket is the one with which the vendor's shares most."""
    assert bucket_converter(BUCKETS)(value) == bucket
