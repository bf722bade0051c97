"""Labelled pairs of companies: how they are read, and what matching makes of them."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.hostnames import domain_keys
from daemon.domain.identities import identify
from daemon.domain.matching import Match, MatchKind, MatchPolicy, match_company


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A found company, a known one, and whether they are the same."""

    id: str
    kind: str
    same: bool
    found: FoundCompany
    known: KnownCompany

    @property
    def identity(self) -> Identity:
        """The found company's identity."""
        return identify(self.found)

    def match(self) -> Match:
        """What matching says."""
        return match_company(self.found, self.identity, [self.known], {}, MatchPolicy())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What matching makes of labelled pairs; shares are from 0 to 1.

    ``precision`` is how many of the certain are the same, ``recall`` how many of the same are
    certain or probable, ``held`` how many of the different are probable. ``wrong`` tells the pairs
    behind the errors in words.
    """

    precision: float
    recall: float
    held: float
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"certain is right in {self.precision:.1%}; certain and probable find "
            f"{self.recall:.1%}; held in vain {self.held:.1%} of look-alikes"
        )


def load_pairs(file_name: str) -> Iterator[Pair]:
    """The pairs of a file beside this one."""
    for line in (Path(__file__).parent / file_name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        websites = row["known"].pop("websites", [])
        keys = domain_keys(websites)
        yield Pair(
            id=row["id"],
            kind=row["kind"],
            same=row["same"],
            found=FoundCompany(result_id=row["id"], **{"website": "", **row["found"]}),
            known=KnownCompany(
                identity=keys[0] if keys else "record:1",
                domains=keys,
                connector="crm",
                record_id="1",
                **row["known"],
            ),
        )


def measure(pairs: Sequence[Pair]) -> Figures:
    """Match every pair and count."""
    counts: Counter[tuple[bool, MatchKind]] = Counter()
    wrong: list[str] = []
    for pair in pairs:
        match = pair.match()
        counts[pair.same, match.kind] += 1
        if (match.kind is MatchKind.NEW) if pair.same else (match.kind is not MatchKind.NEW):
            words = f"{pair.id} {match.kind} by {match.rule}"
            wrong.append(f"{words}: {pair.found.name} / {pair.known.name}")
    same = sum(number for (is_same, _), number in counts.items() if is_same)
    certain, misjudged = counts[True, MatchKind.CERTAIN], counts[False, MatchKind.CERTAIN]
    return Figures(
        precision=certain / (certain + misjudged),
        recall=(certain + counts[True, MatchKind.PROBABLE]) / same,
        held=counts[False, MatchKind.PROBABLE] / (len(pairs) - same),
        wrong=tuple(wrong),
    )
