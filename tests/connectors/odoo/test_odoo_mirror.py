"""What the mirror learns of an Odoo, and when."""

from datetime import timedelta

from connectors.odoo.fields import KEY_FIELD
from connectors.odoo.simulated.schema import PARTNER
from connectors.sdk.conformance.harness import Typed
from connectors.sdk.conformance.mirror import read_changes, read_scan, upserted
from connectors.sdk.conformance.stage import Stage
from connectors.sdk.records import CompanyRef
from tests.connectors.odoo.stages import OVERLAP, MailHarness, new_stage, odoo_of


def test_archived_companies_are_held_too(stage: Stage) -> None:
    """A company that was archived is listed, looked up and read like any other."""
    opened = stage.ready()
    (record_id,) = stage.people_add(1)
    odoo_of(stage).by_hand(PARTNER, "write", [int(record_id)], {"active": False})
    listed = {record.record_id for page in read_scan(opened) for record in page.records}
    ref = CompanyRef(key="typed-10000.com", domain="typed-10000.com", name="P")
    assert listed == {record_id}
    assert [record.record_id for record in opened.connector.lookup([ref])[0]] == [record_id]
    assert set(opened.connector.read([record_id])) == {record_id}


def test_persons_are_no_companies(stage: Stage) -> None:
    """Contacts that are people are not listed."""
    odoo_of(stage).by_hand(PARTNER, "create", {"name": "Ann", "website": "https://ann.com"})
    assert read_scan(stage.ready())[0].records == ()


def test_a_transaction_that_commits_late_is_not_missed(stage: Stage) -> None:
    """A poll in the middle of a long import does not lose what it stamped before the poll."""
    opened = stage.ready()
    cursor = opened.connector.changes_from(stage.clock.now())
    late = stage.harness.creates_late(Typed(name="Late"), after=timedelta(minutes=9))
    stage.clock.advance(timedelta(minutes=4))
    stage.people_add(1)
    cursor = read_changes(opened, cursor)[-1].cursor
    assert late not in upserted(read_changes(opened, cursor))
    stage.clock.advance(timedelta(minutes=6))
    assert late in upserted(read_changes(opened, cursor))


def test_a_big_import_is_not_read_again_for_ever(stage: Stage) -> None:
    """Though nobody writes after it, the watermark moves past it within the overlap."""
    opened = stage.ready()
    cursor = opened.connector.changes_from(stage.clock.now())
    stage.people_add(3)
    for _ in range(4):
        cursor = read_changes(opened, cursor)[-1].cursor
        stage.clock.advance(OVERLAP)
    assert upserted(read_changes(opened, cursor)) == {}


def test_clocks_that_differ_lose_nothing(stage: Stage) -> None:
    """Odoo's clock may go behind ours by a transaction's length, on top of a long transaction."""
    opened = stage.ready()
    cursor = opened.connector.changes_from(stage.clock.now())
    odoo_of(stage).transaction_age = 2 * OVERLAP - timedelta(seconds=1)
    first = stage.people_add(1)
    pages = read_changes(opened, cursor)
    assert set(upserted(pages)) == set(first)
    second = stage.people_add(1, first=20_000)
    assert set(second) <= set(upserted(read_changes(opened, pages[-1].cursor)))


def test_a_change_in_the_middle_of_a_reading_is_told_next_time(stage: Stage) -> None:
    """What is edited behind the reader's back, at an id that it has passed, is not lost."""
    opened = stage.ready()
    cursor = opened.connector.changes_from(stage.clock.now())
    ids = stage.people_add(stage.harness.many)
    pages = opened.connector.changes(cursor)
    next(pages)
    stage.clock.advance(timedelta(hours=3))
    stage.harness.person_edits(ids[0], Typed(name="Edited behind", websites=("x.com",)))
    last = list(pages)[-1]
    told = upserted(read_changes(opened, last.cursor))
    assert told[ids[0]].name == "Edited behind"


def test_the_domain_of_the_mail_address_counts_where_it_shall(stages: list[Stage]) -> None:
    """By option, and never that of a free mail provider."""
    stage = new_stage(stages, MailHarness)
    opened = stage.ready()
    for name, email in (("Acme", "info@acme.com"), ("Free", "free@gmail.com")):
        values = {"name": name, "is_company": True, "email": email}
        odoo_of(stage).by_hand(PARTNER, "create", values)
    refs = [CompanyRef(key=d, domain=d, name=d) for d in ("acme.com", "gmail.com")]
    assert [[r.name for r in found] for found in opened.connector.lookup(refs)] == [["Acme"], []]


def test_our_field_may_be_taken_away_again(stage: Stage) -> None:
    """When an administrator deletes our key's field, reading goes on without it."""
    opened = stage.ready()
    stage.people_add(1)
    del odoo_of(stage).orm.fields[PARTNER][KEY_FIELD]
    assert len(read_scan(opened)[0].records) == 1
