"""What Pipedrive can and cannot promise."""

from datetime import timedelta

from connectors.sdk.capabilities import (
    Capabilities,
    Guarantee,
    Incremental,
    KeyComparison,
    Uniqueness,
)

MARGIN = timedelta(seconds=30)
"""How much longer than our time-out a create may work on before it is there or never will be."""

CAPABILITIES = Capabilities(
    uniqueness=Uniqueness.NONE,
    key_comparison=KeyComparison.CASE_INSENSITIVE,
    create_only=True,
    client_supplied_id=False,
    batch_size=1,
    incremental=Incremental.MODIFIED_SINCE,
    sees_deletions=False,
    sees_merges=False,
    settling=timedelta(seconds=60),
    # Pipedrive does not say that a listing shows every write at once; its search certainly lags.
    strong_lookup=False,
    several_domains=False,
    can_merge=False,
)

GUARANTEE = Guarantee(
    key=(
        'Our key stands in the custom text field "Prospectd key" of the organization. Pipedrive '
        "has no unique fields, no upsert and takes no ids of ours, so nothing in it enforces the "
        "key: before every create the company is looked up by key and by website."
    ),
    killed_mid_write=(
        "No duplicate and no loss as long as the interrupted request ends within the settling "
        "time: we wait it out, list what was created since, search for the key, and create again "
        "only if it is in neither."
    ),
    replicas_race=(
        "Replicas on one store do not race: one of them holds the lease. Two daemons with "
        "separate stores can make a duplicate: nothing in Pipedrive stops the second create."
    ),
    person_races=(
        "Not prevented: a person who adds the company between our look-up and our create is not "
        "stopped, nor are we."
    ),
    repaired=(
        "A twin that is there right after a create is named in the audit; every full listing "
        "finds records with one key or domain. A person merges them in Pipedrive."
    ),
)
