"""Looking companies up in Salesforce, and reading accounts by their ids."""

from random import Random

from connectors.sdk.records import CompanyRef
from connectors.sdk.simulator import FaultKind, Faults
from tests.connectors.salesforce.organisation import Organisation, company


def ref(domain: str) -> CompanyRef:
    return CompanyRef(key=domain, domain=domain, name=domain)


def test_a_lookup_finds_peoples_spellings(org: Organisation) -> None:
    """Whatever a person typed for the website, in another script too, the company is found."""
    crm = org.ready()
    typed = {
        "xn--bcher-kva.example": "Bücher.example",
        "acme.com": "HTTP://WWW.ACME.COM:80/de?x=1",
        "b.com": "shop.b.com",
        "o_neil.com": "o_neil.com",
    }
    made = {domain: org.site.create(Name="x", Website=site) for domain, site in typed.items()}
    org.site.create(Name="y", Website="oxneil.com")
    org.site.create(Name="z", Website="notacme.com")
    found = crm.lookup([ref(domain) for domain in typed])
    assert [[record.record_id for record in records] for records in found] == [
        [made[domain]] for domain in typed
    ]


def test_a_short_domain_is_not_found_everywhere(org: Organisation) -> None:
    """``x.com`` is not in ``netflix.com``, and the many that end so are not even fetched."""
    crm = org.ready()
    org.site.seed({"Name": "n", "Website": f"n{number}x.com"} for number in range(500))
    mine = org.site.create(Name="x", Website="x.com")
    assert [record.record_id for record in crm.lookup([ref("x.com")])[0]] == [mine]


def test_a_large_lookup_fits_salesforces_addresses(org: Organisation) -> None:
    """Two hundred long domains and keys are asked for in addresses that Salesforce takes."""
    crm = org.ready()
    domains = [f"{'long-' * 8}{number}.example.com" for number in range(200)]
    for domain in domains[::50]:
        org.site.create(Name="x", Website=f"https://{domain}")
    found = crm.lookup([ref(domain) for domain in domains])
    assert [bool(records) for records in found] == [number % 50 == 0 for number in range(200)]
    assert max(len(str(request.url)) for request in org.requests) < 8_000


def test_a_lookup_follows_every_page(org: Organisation) -> None:
    """A company that a hundred accounts lead to is told with all of them."""
    org.site.page_size = 30
    ids = org.site.seed({"Name": f"{n}", "Website": f"b{n}.acme.com"} for n in range(100))
    crm = org.ready()
    found = crm.lookup([ref("acme.com")])[0]
    assert {record.record_id for record in found} == set(ids)


def test_reading_leaves_out_what_is_no_account(org: Organisation) -> None:
    """Ids that are gone, or no ids at all, are left out and disturb nobody."""
    crm = org.ready()
    gone, kept = org.site.create(Name="a"), org.site.create(Name="b", Industry="Shipping")
    org.site.delete(gone)
    told = crm.read([gone, "x' OR Name != '", kept, "", kept])
    assert set(told) == {kept}
    assert told[kept].industry == "Shipping"


def test_no_reply_is_taken_for_another(org: Organisation) -> None:
    """Each fault of a read is met by repeating it; nothing is created by reading."""
    crm = org.ready()
    crm.push([company("acme.com")])
    for kind in FaultKind:
        disturbed = org.open(faults=Faults(rate=0.3, kinds=(kind,), random=Random(1)))
        assert len(disturbed.lookup([ref("acme.com")])[0]) == 1
    assert len(org.site.accounts()) == 1
