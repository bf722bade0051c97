"""What EspoCRM can and cannot promise."""

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
    strong_lookup=True,
    several_domains=False,
    can_merge=True,
)

GUARANTEE = Guarantee(
    key=(
        "Our key stands in the custom text field cProspectdKey of the Account. EspoCRM has no "
        "unique fields and takes no ids of ours, so nothing in it enforces the key: it is looked "
        "up before every create, together with the company's domain."
    ),
    killed_mid_write=(
        "No duplicate and no loss as long as the interrupted request ends within the settling "
        "time: we wait it out, look for the key, and create again only if it is absent."
    ),
    replicas_race=(
        "Replicas on one store do not race: one of them holds the lease. Two daemons with "
        "separate stores can make a duplicate: EspoCRM's own check stops most of it (in tests "
        "with eight creates at once 127 of 140 rounds ended with one record), not all."
    ),
    person_races=(
        "Not prevented: a person who adds the company between our look-up and our create, under "
        "the same name, is caught by EspoCRM's check mostly; under another name never."
    ),
    repaired=(
        "A twin that is there right after a create is named in the audit; every full listing "
        "finds records with one key or domain. They can be merged where the user's role allows "
        "to edit and delete."
    ),
)
