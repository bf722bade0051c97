"""What follows from Salesforce's refusal of a record, and from the records that it holds; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from connectors.salesforce.accounts import Json, long_id
from connectors.salesforce.drafts import Draft
from connectors.salesforce.refusals import HELD_UP, TAKEN, Match, Refusal
from connectors.sdk.outcomes import Outcome
from connectors.sdk.websites import is_at

DELETED = "a person deleted it in Salesforce; recreate_deleted = true would create it again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """To be sent again without these fields."""

    names: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """To be sent again as it is, in a moment."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """It exists; ``record_id`` is the record where Salesforce named one.

    Where that is not ``certain`` and no record is found, it is refused rather than there.
    """

    why: str
    record_id: str | None = None
    certain: bool = True


Verdict: TypeAlias = Outcome | Drop | Again | Ask


def held_outcome(rows: Sequence[Json], *, recreate: bool) -> Outcome | None:
    """What becomes of a company whose key these accounts have; None: it is to be created.

    A live one counts first, then one that was merged into another, then one that was deleted.
    """
    live = [row for row in rows if not row["IsDeleted"]]
    if live:
        return Outcome.existed(live[0]["Id"], reason="it has our key")
    if recreate or not rows:
        return None
    merged = [row["MasterRecordId"] for row in rows if row["MasterRecordId"]]
    if merged:
        return Outcome.existed(merged[0], reason="it was merged into this account")
    return Outcome.existed(rows[0]["Id"], reason=DELETED)


def decide(draft: Draft, refusals: Sequence[Refusal], *, key_field: str) -> Verdict:
    """What to do with a record that Salesforce refused for these reasons."""
    held = _held_already(draft, refusals, key_field)
    if held is not None:
        return held
    words = "; ".join(f"{each.code}: {each.message}" for each in refusals) or "no reason given"
    if any(each.locked for each in refusals):
        return Again(why=f"Salesforce could not lock a record ({words})")
    if any(each.code in HELD_UP for each in refusals):
        return Outcome.not_sent(f"Salesforce takes no account at present ({words})")
    named = {name for each in refusals for name in each.fields}
    if key_field in named:
        return Outcome.not_sent(f"Salesforce does not take our key: see check --online ({words})")
    needed = {"Name", key_field}
    names = tuple(name for name in draft.values if name in named - needed)
    if names:
        return Drop(names=names, why=f"Salesforce says {words}")
    return Outcome.rejected(f"Salesforce refuses it: {words}")


def _held_already(draft: Draft, refusals: Sequence[Refusal], key_field: str) -> Ask | None:
    for refusal in refusals:
        if refusal.code == TAKEN and key_field in refusal.fields:
            holder = None if refusal.holder_id is None else long_id(refusal.holder_id)
            return Ask(why="another write with our key was first", record_id=holder)
        if refusal.code == TAKEN and not set(refusal.fields) & set(draft.values):
            why = f"a unique value is taken, Salesforce does not say which ({refusal.message})"
            return Ask(why=why, certain=False)
        if refusal.code == "DUPLICATES_DETECTED":
            return _duplicate(draft, refusal)
    return None


def _duplicate(draft: Draft, refusal: Refusal) -> Ask:
    """A duplicate rule: the match at the company's own domain, else the first."""
    best = _best(refusal.matches, draft.item.company.domain)
    rule = refusal.rule or "(not named)"
    why = f"Salesforce's duplicate rule {rule} stopped it: {refusal.message}"
    return Ask(why=why, record_id=None if best is None else best.record_id)


def _best(matches: Sequence[Match], domain: str | None) -> Match | None:
    at_home = [match for match in matches if is_at(match.website, domain)]
    return next(iter(at_home or matches), None)
