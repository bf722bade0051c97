"""Laws of companies that hold what nobody expects."""

from connectors.sdk.conformance.delivery import deliver, resolve_patiently
from connectors.sdk.conformance.laws.pushing import one_each, writable
from connectors.sdk.conformance.stage import Lab, company_item
from connectors.sdk.conformance.verdict import applies, require
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.records import CompanyRef, FieldValue, PushItem

_EXTREMES: tuple[tuple[str, dict[str, FieldValue]], ...] = (
    ("ten thousand characters", {"description": "Ä" * 10_000, "city": "C" * 10_000}),
    ("other scripts", {"description": "株式会社 🚢 مرحبا \u202eabc", "city": "Łódź"}),
    ("markup and quotes", {"description": "<b>\"a\" & 'b'</b>; DROP TABLE x; -- \\ %s {x}"}),
    ("line breaks and tabs", {"description": "one\r\ntwo\n\tthree", "city": "Ham\nburg"}),
    ("formulas", {"description": '=HYPERLINK("x")', "city": "@SUM(1)"}),
    ("nothing", dict.fromkeys(("description", "country", "city", "employee_count", "relevance"))),
    ("odd values", {"country": "Atlantis", "employee_count": "a few", "founding_year": -1}),
)


def extreme_values_lose_no_company(lab: Lab) -> None:
    """Whatever a field holds, the company is created; a field that cannot be kept is left out."""
    stage, opened = writable(lab)
    for number, (title, fields) in enumerate(_EXTREMES):
        item = company_item(number, fields=fields)
        outcome = deliver(stage, opened, [item])[0]
        require(
            outcome.kind is OutcomeKind.CREATED,
            f"a company with {title} was {outcome.kind.value}: {outcome.reason}",
        )
        one_each(stage, [item])


def extreme_names_lose_no_company(lab: Lab) -> None:
    """Names in any script and of any length reach the CRM, cut where it must be."""
    stage, opened = writable(lab)
    names = ("Zoë & Søn “Ü” 株式会社 🚢", "<b>O'Neil\"s</b> \\ {x} %s", "N" * 10_000, "=1+1", "A")
    for number, name in enumerate(names):
        item = company_item(number, name=name)
        outcome = deliver(stage, opened, [item])[0]
        require(
            outcome.kind is OutcomeKind.CREATED,
            f"a company called {name[:20]!r} was {outcome.kind.value}: {outcome.reason}",
        )
        one_each(stage, [item])


def companies_without_a_domain_have_a_key(lab: Lab) -> None:
    """A company without a website is created once and found again by its key."""
    stage, opened = writable(lab)
    applies(opened.capabilities.mirrors, "this target cannot be read")
    company = CompanyRef(key="name:no web gmbh|kiel", domain=None, name="No Web GmbH")
    fields: dict[str, FieldValue] = {"name": company.name, "city": "Kiel", "website": None}
    item = PushItem(trace_id="trace-no-web", company=company, fields=fields)
    outcome = deliver(stage, opened, [item])[0]
    require(outcome.kind is OutcomeKind.CREATED, f"it was {outcome.kind.value}: {outcome.reason}")
    answer = resolve_patiently(stage, opened, stage.sent(item))
    require(answer.record_id == outcome.record_id, f"made as {outcome.record_id}, found {answer}")


LAWS = (
    extreme_values_lose_no_company,
    extreme_names_lose_no_company,
    companies_without_a_domain_have_a_key,
)
