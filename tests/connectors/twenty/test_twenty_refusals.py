"""What a simulated Twenty refuses of a company, and what is left out for it."""

import math

from connectors.sdk.outcomes import OutcomeKind
from connectors.twenty.identity import record_id_of
from connectors.twenty.simulator import MEMBER
from tests.connectors.twenty.bench import CREATE, Bench, company, refusing

ACME = record_id_of("acme.com")


def test_a_number_that_is_none_is_never_sent() -> None:
    """Twenty would answer 201 and store NaN; the value is left out with a warning instead."""
    bench = Bench()
    connector = bench.ready(mapping={"prospectdRelevance": "about {relevance}"})
    (outcome,) = connector.push([company(relevance=87, employee_count="a few")])
    assert outcome.kind is OutcomeKind.CREATED
    assert outcome.warnings == ('left out prospectdRelevance: "about 87" is not a number',)
    assert "employees" not in bench.sent("POST", CREATE)[0]
    numbers = [v for v in bench.rows[ACME].values() if isinstance(v, float)]
    assert not [v for v in numbers if math.isnan(v)]


def test_missing_fields_are_left_out_with_one_warning() -> None:
    """Where the fields may not be made, the company is created without them and says which."""
    bench = Bench()
    (outcome,) = bench.ready(token=MEMBER).push([company(relevance=87, search="ports")])
    assert outcome.kind is OutcomeKind.CREATED
    assert outcome.warnings == (
        "left out prospectdRelevance, prospectdSearch: Twenty has no such field",
    )


def test_a_field_that_vanished_is_dropped_alone() -> None:
    """A column that Twenty names as missing is left out, the rest is kept, the schema read anew."""
    bench = Bench()
    connector = bench.ready()
    del bench.crm.workspace.fields["prospectdSearch"]
    first, second = (
        connector.push([company(domain, search="ports", relevance=87)])[0]
        for domain in ("acme.com", "birch.com")
    )
    assert first.kind is OutcomeKind.CREATED
    assert "prospectdSearch" in first.warnings[0]
    assert "is missing in object metadata" in first.warnings[0]
    assert second.warnings == ("left out prospectdSearch: Twenty has no such field",)
    assert bench.rows[ACME]["prospectdRelevance"] == 87


def test_an_address_that_twenty_refuses_is_dropped_not_the_company() -> None:
    """Twenty takes no top-level domain with digits in it; the company is created without it."""
    bench = Bench()
    (outcome,) = bench.ready().push([company("пример.рф")])
    assert outcome.kind is OutcomeKind.CREATED
    assert outcome.warnings == (
        "left out domainName.primaryLinkUrl: Twenty says: The URL of the link is not valid",
    )


def test_another_link_is_dropped_before_the_companys_own_address() -> None:
    """When some link is not valid, the domain is the last to go."""
    bench = Bench()
    connector = bench.ready(mapping={"linkedinLink": "not a link of {name}"})
    (outcome,) = connector.push([company()])
    assert outcome.kind is OutcomeKind.CREATED
    assert "linkedinLink.primaryLinkUrl" in outcome.warnings[0]
    assert bench.rows[ACME]["domainName"]["primaryLinkUrl"] == "https://acme.com/"


def test_an_unknown_refusal_costs_the_optional_fields_then_the_company() -> None:
    """A refusal that names no field: first without the optional values, at last rejected."""
    bench = Bench()
    said = "value too long"
    once = bench.ready(answer=refusing(CREATE, status=400, message=said, times=1))
    (outcome,) = once.push([company(city="Porto")])
    assert outcome.kind is OutcomeKind.CREATED
    assert "address.addressCity" in outcome.warnings[0]
    assert said in outcome.warnings[0]
    always = bench.ready(answer=refusing(CREATE, status=400, message=said, times=99))
    (outcome,) = always.push([company("birch.com")])
    assert (outcome.kind, outcome.reason) == (OutcomeKind.REJECTED, f"Twenty says: {said}")


def test_a_conflict_that_nobody_can_be_found_for_is_existing_without_a_record() -> None:
    """A unique value of the customer's own is a conflict too: existed, with Twenty's words."""
    said = 'duplicate key value violates unique constraint "IDX_UNIQUE_customers_own"'
    connector = Bench().ready(answer=refusing(CREATE, status=400, message=said))
    (outcome,) = connector.push([company()])
    assert (outcome.kind, outcome.record_id) == (OutcomeKind.EXISTED, None)
    assert said in outcome.reason
