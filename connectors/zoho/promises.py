"""What Zoho CRM can and cannot promise."""

from datetime import timedelta

from connectors.sdk.capabilities import (
    Capabilities,
    Guarantee,
    Incremental,
    KeyComparison,
    Uniqueness,
)

SETTLING = timedelta(minutes=1)
"""How long a write may take to show in lists and queries, generously; Zoho names no bound."""

CAPABILITIES = Capabilities(
    # People could fill in our field, but they do not: it stops nobody but ourselves.
    uniqueness=Uniqueness.OWN_KEY,
    key_comparison=KeyComparison.CASE_INSENSITIVE,
    create_only=True,
    batch_size=100,
    batch_atomic=False,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=True,
    # A merge shows at most as the deletion of the record that was lost, without its survivor.
    sees_merges=False,
    settling=SETTLING,
    strong_lookup=False,
    several_domains=False,
    can_merge=False,
)

GUARANTEE = Guarantee(
    key=(
        "A unique text field of accounts of our own (Prospectd_Key), which holds the registered "
        "domain, or our identity of a company without one."
    ),
    killed_mid_write=(
        "No second record: companies are only ever inserted, and Zoho refuses a key that it holds "
        "with DUPLICATE_DATA and the id of the record, whenever the first insert arrived."
    ),
    replicas_race="No second record: the field is unique for every writer that fills it in.",
    person_races=(
        "Not prevented: a person who adds the same company in the same minute does not fill in our "
        "field. The window is the time between the look-up before the push and the insert."
    ),
    repaired=(
        "The check after each creation and every full listing find records that share a domain "
        "and put them up for review; they are merged in Zoho by hand."
    ),
)
