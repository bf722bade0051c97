"""What happened to one company, and why: from every table that says something of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from daemon.db.store import Transaction
from daemon.domain.hostnames import key_of_site, site_of
from daemon.extruct.reading import parse_row

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer, in sections; each row is plain, ``history`` is the company's audit events."""

    key: str
    company: Sequence[Row]
    found: Sequence[Row]
    excluded: Sequence[Row]
    refused_as_exclusion: str | None
    decided: Sequence[Row]
    pushed: Sequence[Row]
    crm: Sequence[Row]
    pairs: Sequence[Row]
    history: Sequence[Row]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever heard of this company."""
        return not (self.company or self.excluded or self.crm or self.history)


def key_of_text(text: str) -> str:
    """The key under which a company stands; ``text`` is its website in any spelling, or a key."""
    stripped = text.strip()
    if ":" in stripped and stripped.partition(":")[0] in KEY_KINDS and "//" not in stripped:
        return stripped
    return key_of_site(site_of(stripped)) or stripped


KEY_KINDS = frozenset({"host", "profile", "extruct", "name"})
"""What keys of companies without a domain of their own begin with."""


def explain_company(unit: Transaction, text: str) -> Explanation:
    """Everything that the store knows of the company with this website or key."""
    key = key_of_text(text)
    rows = unit.explanations
    pushed = rows.pushed(key)
    made = [(push["connector"], push["record_id"]) for push in pushed if push["record_id"]]
    return Explanation(
        key=key,
        company=rows.company(key),
        found=[_with_scores(row) for row in rows.found(key)],
        excluded=rows.excluded(key),
        refused_as_exclusion=rows.refused(key),
        decided=rows.decided(key),
        pushed=pushed,
        crm=rows.held(key, made),
        pairs=rows.pairs(key),
        history=rows.history(key),
    )


def _with_scores(row: Mapping[str, Any]) -> Row:
    told = {name: value for name, value in row.items() if name != "raw"}
    parsed = parse_row(row["raw"])
    scores = {} if isinstance(parsed, str) else parsed.company.scores or {}
    return {**told, "scores": {name: score.grade for name, score in scores.items()}}
