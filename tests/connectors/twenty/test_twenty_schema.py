"""The custom fields in a simulated Twenty, and what is told about them."""

from datetime import timedelta

from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.protocol import Level
from connectors.twenty.payloads import DEFAULTS, KEY_FIELD
from connectors.twenty.schema import OWN_FIELDS
from connectors.twenty.simulator import MEMBER
from tests.connectors.twenty.bench import Bench, company


def test_the_fields_are_made_once_and_have_the_types_that_twenty_can_show() -> None:
    """Every field of the default mapping is made, as text or number; the second time nothing."""
    bench = Bench()
    connector = bench.open()
    first = connector.ensure_schema()
    assert {finding.level for finding in first} == {Level.OK}
    made = {f.name: f.type for f in bench.crm.workspace.fields.values() if f.is_custom}
    assert made == {name: own.type for name, own in OWN_FIELDS.items()}
    assert set(made) == {KEY_FIELD} | {name for name in DEFAULTS if name.startswith("prospectd")}
    assert set(made.values()) == {"TEXT", "NUMBER"}
    assert connector.ensure_schema() == []


def test_a_token_without_the_right_is_told_what_an_administrator_must_add() -> None:
    """Each missing field is named with its type, its label and where to add it."""
    connector = Bench().open(token=MEMBER)
    findings = connector.ensure_schema()
    assert len(findings) == len(OWN_FIELDS)
    assert {finding.level for finding in findings} == {Level.WARNING}
    relevance = next(f for f in findings if "prospectdRelevance" in f.text)
    assert "type Number" in relevance.remedy
    assert "Prospectd relevance" in relevance.remedy
    assert "Settings → Data model" in relevance.remedy


def test_fields_taken_out_of_the_mapping_are_not_made() -> None:
    """Only our key's field is made where the operator maps nothing to fields of ours."""
    bench = Bench()
    nothing = {name: "" for name in DEFAULTS if name.startswith("prospectd")}
    bench.open(mapping=nothing).ensure_schema()
    assert [f.name for f in bench.crm.workspace.fields.values() if f.is_custom] == [KEY_FIELD]


def test_a_field_that_is_switched_off_is_told() -> None:
    """Twenty keeps values in a field that is off, where nobody sees them: the probe says so."""
    bench = Bench()
    connector = bench.ready()
    bench.crm.workspace.fields["prospectdSearch"].is_active = False
    found = [f for f in connector.probe() if f.level is Level.WARNING]
    assert ["switched off" in f.text for f in found] == [True]


def test_a_key_field_that_vanished_stops_nothing() -> None:
    """A field that an administrator removes while we run is no longer asked for."""
    bench = Bench()
    connector = bench.ready()
    record_id = bench.add(name="Acme", domainName={"primaryLinkUrl": "https://acme.com"})
    del bench.crm.workspace.fields[KEY_FIELD]
    assert set(connector.read([record_id])) == {record_id}
    assert [r.record_id for r in connector.lookup([company().company])[0]] == [record_id]


def test_a_field_that_is_added_while_we_run_is_filled_within_the_hour() -> None:
    """What an administrator adds after a warning is used without a restart."""
    bench = Bench()
    connector = bench.open(token=MEMBER)
    connector.push([company(search="ports")])
    bench.open().ensure_schema()
    bench.clock.advance(timedelta(minutes=61))
    (outcome,) = connector.push([company("birch.com", search="ports")])
    assert outcome.warnings == ()
    assert bench.rows[str(outcome.record_id)]["prospectdSearch"] == "ports"


def test_a_domain_that_is_no_longer_unique_weakens_the_guarantee() -> None:
    """Where the domain is not unique the probe warns, and only our own key is promised."""
    bench = Bench()
    connector = bench.ready()
    kinds = [connector.capabilities.uniqueness]
    bench.crm.workspace.fields["domainName"].is_unique = False
    texts = [f.text for f in connector.probe()]
    assert any("not unique" in text for text in texts)
    kinds.append(connector.capabilities.uniqueness)
    assert kinds == [Uniqueness.ALL_WRITERS, Uniqueness.OWN_KEY]
