"""What a person said about two companies."""

from collections.abc import Mapping
from enum import StrEnum

from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.identities import identity_keys


class Verdict(StrEnum):
    """What a person said about two companies."""

    SAME = "same"
    DIFFERENT = "different"


def verdict_key(one: str, other: str) -> tuple[str, str]:
    """The key under which a person's verdict on two identity keys is kept, in either order."""
    return (one, other) if one <= other else (other, one)


def verdict_on(
    found: FoundCompany,
    identity: Identity,
    known: KnownCompany,
    verdicts: Mapping[tuple[str, str], Verdict],
) -> tuple[Verdict | None, tuple[str, str] | tuple[()]]:
    """The verdict on two companies and the key it was kept under, or None and no key."""
    ours = dict.fromkeys(
        (identity.key, *(key for key in identity_keys(found) if not key.startswith("name:")))
    )
    for one in ours:
        for other in (known.identity, *known.domains):
            keys = verdict_key(one, other)
            if keys in verdicts:
                return verdicts[keys], keys
    return None, ()
