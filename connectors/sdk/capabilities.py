"""What a CRM can and cannot promise, declared as data: the daemon decides by it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Uniqueness(StrEnum):
    """Whom the CRM's own constraint stops from making a second record."""

    ALL_WRITERS = "all_writers"  # people too
    OWN_KEY = "own_key"  # our own crash or second replica, not a person
    NONE = "none"


class Incremental(StrEnum):
    """How one learns what changed."""

    NONE = "none"  # only full listings
    MODIFIED_SINCE = "modified_since"
    CREATED_SINCE = "created_since"  # new records only; edits need a full listing


class KeyComparison(StrEnum):
    """How the CRM compares two values of its unique key."""

    EXACT = "exact"
    CASE_INSENSITIVE = "case_insensitive"
    NORMALISED_DOMAIN = "normalised_domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarantee:
    """The promise for one CRM, in sentences for a person; no stronger than its constraint."""

    key: str
    killed_mid_write: str
    replicas_race: str
    person_races: str
    repaired: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The facts of one CRM on which the daemon's protocol depends.

    ``settling`` is how long a write may take to show in every read that ``resolve`` uses.
    ``strong_lookup`` says that ``lookup`` sees every earlier write. ``mirrors`` is false for a
    target that cannot be read (a webhook), ``pushes`` for one that cannot be written.
    """

    uniqueness: Uniqueness
    key_comparison: KeyComparison = KeyComparison.EXACT
    create_only: bool = True
    client_supplied_id: bool = False
    batch_size: int = 1
    batch_atomic: bool = False
    incremental: Incremental = Incremental.NONE
    sees_deletions: bool = False
    sees_merges: bool = False
    settling: timedelta = timedelta(0)
    strong_lookup: bool = False
    several_domains: bool = False
    can_merge: bool = False
    mirrors: bool = True
    pushes: bool = True
