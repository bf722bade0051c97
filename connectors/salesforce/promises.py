"""What Salesforce can and cannot promise."""

from datetime import timedelta

from connectors.sdk.capabilities import (
    Capabilities,
    Guarantee,
    Incremental,
    KeyComparison,
    Uniqueness,
)

LONGEST_TRANSACTION = timedelta(minutes=10)
"""Salesforce stops a transaction of Apex after ten minutes (its table of governor limits). What it
wrote shows when it commits, stamped with an earlier time."""

CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.OWN_KEY,
    key_comparison=KeyComparison.CASE_INSENSITIVE,
    create_only=True,
    batch_size=200,
    batch_atomic=False,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=True,
    sees_merges=True,
    settling=LONGEST_TRANSACTION,
    strong_lookup=True,
    several_domains=False,
    can_merge=False,
)
GUARANTEE = Guarantee(
    key="a unique external ID of our own on Account (Prospectd_Key__c), which holds the domain",
    killed_mid_write="no second record: Salesforce refuses the same key twice (DUPLICATE_VALUE), "
    "and after a restart the key is read back, in the recycle bin too",
    replicas_race="no second record: the field is unique for all writers that set it, and what is "
    "there is never written to",
    person_races="not prevented by our key: a person (or another program) who adds the same "
    "company in the same seconds does not write it; an active duplicate rule of yours is heeded "
    "and stops most of these",
    repaired="a second account for a domain is found when the creation is checked again after the "
    "settling time and by every sweep, and is put up for review; a person merges, since "
    "Salesforce's REST API cannot",
)
