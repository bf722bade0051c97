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

    @property
    def is_on_one_domain(self) -> bool:
        """Both give one website."""
        return self.identity.key in self.known.domains

    def match(self) -> Match:
        """What matching says."""
        return match_company(self.found, self.identity, [self.known], {}, MatchPolicy())


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What matching makes of labelled pairs; shares are from 0 to 1.

    ``precision`` is how many of the certain are the same, ``recall`` how many of the same are
    certain or probable, ``held`` how many of the different are probable. ``doubted`` of the
    ``on_one_domain``, which are the same and share a website, are not certain. ``wrong`` tells the
    pairs behind the errors in words.
    """

    precision: float
    recall: float
    held: float
    doubted: int
    on_one_domain: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"certain is right in {self.precision:.1%}; certain and probable find "
            f"{self.recall:.1%}; held in vain {self.held:.1%} of look-alikes; held "
            f"{self.doubted} of {self.on_one_domain} who are the same and share a website"
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
    doubted: list[bool] = []
    wrong: list[str] = []
    for pair in pairs:
        match = pair.match()
        counts[pair.same, match.kind] += 1
        if pair.same and pair.is_on_one_domain:
            doubted.append(match.kind is not MatchKind.CERTAIN)
        if (match.kind is MatchKind.NEW) if pair.same else (match.kind is not MatchKind.NEW):
            words = f"{pair.id} {match.kind} by {match.rule}"
            wrong.append(f"{words}: {pair.found.name} / {pair.known.name}")
    same = sum(number for (is_same, _), number in counts.items() if is_same)
    certain, misjudged = counts[True, MatchKind.CERTAIN], counts[False, MatchKind.CERTAIN]
    return Figures(
        precision=certain / (certain + misjudged),
        recall=(certain + counts[True, MatchKind.PROBABLE]) / same,
        held=counts[False, MatchKind.PROBABLE] / (len(pairs) - same),
        doubted=sum(doubted),
        on_one_domain=len(doubted),
        wrong=tuple(wrong),
    )
