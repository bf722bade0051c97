"""What Attio can and cannot promise."""

from connectors.sdk.capabilities import (
    Capabilities,
    Guarantee,
    Incremental,
    KeyComparison,
    Uniqueness,
)

CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.ALL_WRITERS,
    key_comparison=KeyComparison.NORMALISED_DOMAIN,
    create_only=True,
    batch_size=1,
    incremental=Incremental.CREATED_SINCE,
    sees_deletions=False,
    sees_merges=False,
    strong_lookup=True,
    several_domains=True,
    can_merge=False,
)

GUARANTEE = Guarantee(
    key=(
        "The domain, in the attribute domains, which Attio keeps unique for everybody; for "
        "companies without a domain of their own our key in the unique text attribute "
        "prospectd_key."
    ),
    killed_mid_write=(
        "No duplicate, no loss: the company is looked up, and a second create of it meets the "
        "constraint whenever the first one arrives."
    ),
    replicas_race="One record: the constraint lets one create through and refuses the others.",
    person_races=(
        "One record while both name the same domain: the constraint holds for people too. A "
        "person who types a subdomain (www.acme.com beside acme.com) in the same second gets past."
    ),
    repaired=(
        "The next full listing finds records that share a registered domain; they are merged by "
        "hand, since Attio's API cannot merge."
    ),
)
