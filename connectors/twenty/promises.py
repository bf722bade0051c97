"""What Twenty can and cannot promise."""

from datetime import timedelta

from connectors.sdk.capabilities import (
    Capabilities,
    Guarantee,
    Incremental,
    KeyComparison,
    Uniqueness,
)

BATCH_SIZE = 60
"""The vendor's documented limit of a batch and of a page."""
SETTLING = timedelta(seconds=60)
"""``updatedAt`` is when a transaction began, so a record may show later than its own stamp."""

CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.ALL_WRITERS,
    key_comparison=KeyComparison.EXACT,
    create_only=True,
    client_supplied_id=True,
    batch_size=BATCH_SIZE,
    batch_atomic=True,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=True,
    sees_merges=False,
    settling=SETTLING,
    strong_lookup=True,
    several_domains=True,
    can_merge=False,
)

GUARANTEE = Guarantee(
    key=(
        "The company's key becomes the record's id (a version 5 UUID), which is the primary key "
        "of Twenty's table; besides, Twenty lets one live record only have a given main address. "
        "We always write https://DOMAIN. Both hold for every writer, people too, but only for "
        "that exact spelling."
    ),
    killed_mid_write=(
        "No duplicate and no loss: the id is looked for, and a create that is sent again with the "
        "same id cannot make a second record, however late the first one arrives."
    ),
    replicas_race=(
        "One record, even between daemons with separate stores, since both compute the same id. "
        "More than one of them may be told that it created it: in tests with eight creates at "
        "once, one to eight were. They all mean the same record, which has the values that were "
        "written last."
    ),
    person_races=(
        "Prevented when the person's entry has the address https://DOMAIN, as Twenty's own form "
        "writes it. Not prevented within the moment between our look-up and our create when it "
        "is spelled otherwise (www, http, without https, with a path) or stands among the "
        "secondary links."
    ),
    repaired=(
        "The next look-up and each full listing see every spelling, so such a twin is found; "
        "Twenty's API cannot merge two records, a person has to. What somebody destroyed for good "
        "instead of deleting shows in full listings only."
    ),
)
