"""Laws of listing, looking up and reading."""

from datetime import timedelta

from connectors.sdk.conformance.harness import Typed
from connectors.sdk.conformance.mirror import ids_of, read_scan
from connectors.sdk.conformance.stage import Lab, Opened, Stage
from connectors.sdk.conformance.verdict import applies, require
from connectors.sdk.faults import Fault
from connectors.sdk.records import CompanyRef, CrmRecord

_FEWEST_PAGES = 3
_PATIENCE = 300
_MOST_LOOKUPS = 120
_SPELLINGS = (
    "{0}",
    "www.{0}",
    "http://{0}",
    "https://{0}",
    "https://www.{0}",
    "https://www.{0}/",
    "https://{0}/en/about?from=card",
)


def readable(lab: Lab) -> tuple[Stage, Opened]:
    """An empty CRM and a connector that can read it."""
    stage = lab.stage()
    opened = stage.ready()
    applies(opened.capabilities.mirrors, "this target cannot be read")
    return stage, opened


def crowded(lab: Lab) -> tuple[Stage, Opened]:
    """A CRM that is full enough for three pages, and a connector to it."""
    stage, opened = readable(lab)
    stage.people_add(stage.harness.many)
    stage.settle(opened)
    return stage, opened


def ref(domain: str, name: str = "Somebody") -> CompanyRef:
    """The company of this domain."""
    return CompanyRef(key=domain, domain=domain, name=name)


def scan_lists_every_live_record(lab: Lab) -> None:
    """A full listing has every live record and no other; here it takes three pages or more."""
    stage, opened = crowded(lab)
    pages = read_scan(opened)
    filled = [page for page in pages if page.records]
    seen, live = ids_of(pages), stage.live_ids()
    require(len(filled) >= _FEWEST_PAGES, f"{len(filled)} pages: the harness's `many` is too small")
    require(not live - seen, f"{len(live - seen)} of {len(live)} records were not listed")
    require(not seen - live, f"records were listed that nobody can see: {sorted(seen - live)[:3]}")


def scan_marks_its_last_page(lab: Lab) -> None:
    """Every page but the last has a cursor, and the last has none."""
    _, opened = crowded(lab)
    cursors = [page.cursor for page in read_scan(opened)]
    require(cursors[-1] is None, "the last page has a cursor, as if there were more")
    require(None not in cursors[:-1], "a page before the last has no cursor")


def a_cursor_can_always_be_had(lab: Lab) -> None:
    """The cursor of a moment is a text, also where the CRM tells no changes that it could lead to.

    The daemon takes one before each full listing, whether it will be of use or not.
    """
    stage, opened = readable(lab)
    cursor = opened.connector.changes_from(stage.clock.now())
    require(bool(cursor), "the cursor of this moment is empty")


def scan_of_an_empty_crm_is_empty(lab: Lab) -> None:
    """A CRM without companies gives a listing that ends and holds nothing."""
    _, opened = readable(lab)
    pages = read_scan(opened)
    require(pages, "a listing without any page cannot be told from one that never ran")
    require(not ids_of(pages), "records were listed in an empty CRM")
    require(pages[-1].cursor is None, "the last page has a cursor, as if there were more")


def scan_resumes_from_every_cursor(lab: Lab) -> None:
    """A new connector goes on after any page with all that is left, and not from the beginning."""
    stage, opened = crowded(lab)
    pages = read_scan(opened)
    whole = ids_of(pages)
    for number, page in enumerate(pages[:-1], start=1):
        rest = ids_of(read_scan(stage.ready(), page.cursor))
        missing = ids_of(pages[number:]) - ids_of(pages[:number]) - rest
        require(not missing, f"resumed after page {number}, {len(missing)} records were lost")
        started_over = number > 1 and rest >= whole
        require(not started_over, f"resumed after page {number}, it listed everything again")


def scan_misses_nobody_when_others_vanish(lab: Lab) -> None:
    """A record that lives through a listing is in it, whatever is deleted and added meanwhile."""
    stage, opened = crowded(lab)
    before = stage.live_ids()
    seen: set[str] = set()
    doomed: set[str] = set()
    for page in opened.connector.scan(None):
        ids = [record.record_id for record in page.records]
        seen |= set(ids)
        if ids and not doomed:
            doomed = set(ids[: max(1, len(ids) // 2)])
            for record_id in sorted(doomed):
                stage.harness.person_deletes(record_id)
            stage.people_add(1, first=90_000)
    missing = before - doomed - seen
    require(not missing, f"{len(missing)} records were skipped because others were deleted")


def scan_does_not_run_in_circles(lab: Lab) -> None:
    """A server that repeats a page for ever gets a fault, not endless requests or a false end."""
    stage, opened = crowded(lab)
    applies(
        len(_requests_of_scan(opened)) >= _FEWEST_PAGES, "this listing is not paged by requests"
    )
    wire = opened.wire
    wire.calm()
    wire.stuck_after, wire.limit = _FEWEST_PAGES - 1, _PATIENCE
    try:
        seen = ids_of(read_scan(opened))
    except Fault:
        return
    missing = stage.live_ids() - seen
    require(not missing, f"the server repeated a page; the listing ended without {len(missing)}")


def _requests_of_scan(opened: Opened) -> list[str]:
    opened.wire.calm()
    read_scan(opened)
    return [seen.url for seen in opened.wire.seen]


def scan_tells_names_and_websites(lab: Lab) -> None:
    """A record is listed with the name and at least one website that the CRM holds."""
    stage, opened = readable(lab)
    name = "Zoë & Søn “Ünïcødé” 株式会社 🚢 <b>'quoted'</b>"
    stage.harness.person_creates(Typed(name=name, websites=("typed-1.com",)))
    stage.harness.person_creates(Typed(name="N" * 200, websites=("typed-2.com",)))
    stage.settle(opened)
    listed = {r.record_id: r for page in read_scan(opened) for r in page.records}
    for held in stage.harness.live():
        told = listed[held.record_id]
        require(told.name == held.name, f"the name {held.name!r} was told as {told.name!r}")
        require(
            any(_same_site(site, held) for site in told.websites),
            f"of the websites {held.websites} only {told.websites} were told",
        )


def _same_site(website: str, held: CrmRecord) -> bool:
    return any("typed-" in site and site.lower() in website.lower() for site in held.websites)


def lookup_answers_each_company_in_order(lab: Lab) -> None:
    """Each company gets the list of its own live records; an unknown one gets an empty list."""
    stage, opened = readable(lab)
    first, second = stage.people_add(2)
    stage.settle(opened)
    asked = [ref("typed-10001.com"), ref("nobody-has-this.com"), ref("typed-10000.com")]
    found = opened.connector.lookup(asked)
    told = [{record.record_id for record in records} for records in found]
    require(told == [{second}, set(), {first}], f"looked up in another order or wrongly: {told}")
    require(len(opened.connector.lookup([])) == 0, "a look-up of nothing found something")


def lookup_knows_nothing_of_the_unreadable(lab: Lab) -> None:
    """A target that cannot be read answers each look-up with an empty list, and not with a fault.

    The daemon looks a company up before it pushes it, whatever the target.
    """
    stage = lab.stage()
    opened = stage.ready()
    applies(not opened.capabilities.mirrors, "this target can be read")
    found = opened.connector.lookup([ref("typed-1.com"), ref("typed-2.com")])
    require([len(records) for records in found] == [0, 0], f"looked up two, found {found}")


def lookup_sees_common_spellings(lab: Lab) -> None:
    """A company is found by its domain however a person typed the website."""
    stage, opened = readable(lab)
    ids, companies = [], []
    for number, spelling in enumerate(_SPELLINGS):
        domain = f"spelled-{number}.com"
        typed = Typed(name=f"Spelled {number}", websites=(spelling.format(domain),))
        ids.append(stage.harness.person_creates(typed))
        companies.append(ref(domain))
    stage.settle(opened)
    found = opened.connector.lookup(companies)
    unseen = [
        spelling
        for spelling, record_id, records in zip(_SPELLINGS, ids, found, strict=True)
        if record_id not in {record.record_id for record in records}
    ]
    require(not unseen, f"not found when a person typed it like {unseen}")


def lookup_is_exact(lab: Lab) -> None:
    """A look-up does not take a longer or shorter domain for the company's own."""
    stage, opened = readable(lab)
    for website in ("notexact-1.com", "exact-1.com.example.org", "exact-1.company", "exact-11.com"):
        stage.harness.person_creates(Typed(name=website, websites=(website,)))
    stage.settle(opened)
    found = opened.connector.lookup([ref("exact-1.com")])
    told = [record.websites for record in found[0]]
    require(not told, f"exact-1.com was taken for {told}")


def lookup_leaves_deleted_records_out(lab: Lab) -> None:
    """What a person deleted is found neither by look-up nor by reading its id."""
    stage, opened = readable(lab)
    gone, kept = stage.people_add(2)
    stage.harness.person_deletes(gone)
    stage.settle(opened)
    found = opened.connector.lookup([ref("typed-10000.com")])
    require(not found[0], "the look-up found a record that a person deleted")
    told = set(opened.connector.read([gone, kept]))
    require(told == {kept}, f"of a deleted and a live record, reading gave {told}")


def lookup_is_as_strong_as_declared(lab: Lab) -> None:
    """Where look-ups are declared strong, they see a record the moment after it was made."""
    stage, opened = readable(lab)
    applies(opened.capabilities.strong_lookup, "this CRM's look-up lags behind its writes")
    typed = Typed(name="Just now", websites=("just-now.com",))
    record_id = stage.harness.person_creates(typed)
    found = opened.connector.lookup([ref("just-now.com")])
    require(
        record_id in {record.record_id for record in found[0]},
        "a record made just now was not found, though strong_lookup is declared",
    )


def read_gives_what_is_there(lab: Lab) -> None:
    """Reading by id gives the live records among them, as they are now; others are left out."""
    stage, opened = readable(lab)
    first, second = stage.people_add(2)
    stage.clock.advance(timedelta(minutes=1))
    stage.harness.person_edits(second, Typed(name="Renamed", websites=("renamed-1.com",)))
    stage.settle(opened)
    told = opened.connector.read([second, first])
    require(set(told) == {first, second}, f"asked for two live records, got {sorted(told)}")
    require(told[second].name == "Renamed", f"an edited record was read as {told[second].name!r}")
    require(not opened.connector.read([]), "reading nothing gave something")


def reading_takes_any_number(lab: Lab) -> None:
    """Reading by id and looking up take as many as the daemon has, however the vendor limits it."""
    stage, opened = crowded(lab)
    ids = stage.live_ids()
    told = set(opened.connector.read(sorted(ids)))
    require(told == ids, f"of {len(ids)} records read by id, {len(ids - told)} are missing")
    numbers = range(10_000, 10_000 + min(stage.harness.many, _MOST_LOOKUPS))
    asked = [ref(f"typed-{number}.com") for number in numbers]
    found = opened.connector.lookup(asked)
    unseen = [each.key for each, records in zip(asked, found, strict=True) if not records]
    require(not unseen, f"of {len(asked)} companies looked up, {len(unseen)} were not found")


LAWS = (
    scan_lists_every_live_record,
    scan_marks_its_last_page,
    a_cursor_can_always_be_had,
    scan_of_an_empty_crm_is_empty,
    scan_resumes_from_every_cursor,
    scan_misses_nobody_when_others_vanish,
    scan_does_not_run_in_circles,
    scan_tells_names_and_websites,
    lookup_answers_each_company_in_order,
    lookup_knows_nothing_of_the_unreadable,
    lookup_sees_common_spellings,
    lookup_is_exact,
    lookup_leaves_deleted_records_out,
    lookup_is_as_strong_as_declared,
    read_gives_what_is_there,
    reading_takes_any_number,
)
