"""A connector that answers in the worst way that the contract allows.

It stands before the CRM in memory. Nothing that it says is false; it says it late, twice, out of
order, in odd spellings, or not at all for a while. What the daemon does with it, it does with any.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from connectors.hostile.spelling import disguise, worst_spelling
from connectors.sdk.capabilities import Capabilities
from connectors.sdk.clock import Clock
from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    Permanent,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.outcomes import Outcome, OutcomeKind, Resolution
from connectors.sdk.protocol import Connector, Finding, Level
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper:
    """How bad the answers are, each as a probability.

    ``doubts``: an outcome that is unknown though something certain happened. ``delays``: a doubt
    that cannot be resolved yet, at most ``most_delays`` times for a company. ``faults``: a request
    that fails. ``repeats``: a page that brings an earlier one's rows again, or nothing at all.
    """

    doubts: float = 0.2
    delays: float = 0.5
    most_delays: int = 3
    faults: float = 0.0
    repeats: float = 0.4


class HostileConnector:
    """The connector ``inner`` in its worst temper."""

    def __init__(self, inner: Connector, temper: Temper, *, random: Random, clock: Clock) -> None:
        self._inner = inner
        self._temper = temper
        self._random = random
        self._clock = clock
        self._delays: Counter[str] = Counter()

    @property
    def capabilities(self) -> Capabilities:
        """Those of the CRM behind."""
        return self._inner.capabilities

    def probe(self) -> Sequence[Finding]:
        """All is well, with many words."""
        self._maybe_fail()
        warning = Finding(
            level=Level.WARNING, text=disguise("the plan ends soon"), remedy="Nothing."
        )
        return (*self._inner.probe(), warning)

    def ensure_schema(self) -> Sequence[Finding]:
        """What the CRM behind says."""
        self._maybe_fail()
        return self._inner.ensure_schema()

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """The pages, with others between them that are empty or were there before."""
        previous: tuple[CrmRecord, ...] = ()
        for page in self._inner.scan(cursor):
            self._maybe_fail()
            records = [worst_spelling(record) for record in page.records]
            self._random.shuffle(records)
            yield replace(page, records=tuple(records))
            previous, after = page.records, page.cursor
            if after is not None and self._chance(self._temper.repeats):
                again = () if self._chance(0.5) else tuple(map(worst_spelling, previous))
                yield ScanPage(records=again, cursor=after)

    def changes_from(self, moment: datetime) -> str:
        """As the CRM behind has it, or from earlier on."""
        earlier = timedelta(seconds=self._random.choice((0, 1, 3_600)))
        return self._inner.changes_from(moment - earlier)

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """The changes, out of order within a page and with rows of the page before again."""
        previous: ChangePage | None = None
        for page in self._inner.changes(cursor):
            self._maybe_fail()
            if previous is not None and self._chance(self._temper.repeats):
                yield replace(
                    page, upserts=(), deleted_ids=(), merges=(), cursor=previous.cursor, more=True
                )
            yield self._shuffled(page)
            previous = page

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """The records of each company, in any order among themselves."""
        self._maybe_fail()
        answers = [list(map(worst_spelling, found)) for found in self._inner.lookup(companies)]
        for found in answers:
            self._random.shuffle(found)
        return answers

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """The records, in any order."""
        self._maybe_fail()
        found = list(self._inner.read(record_ids).items())
        self._random.shuffle(found)
        return {record_id: worst_spelling(record) for record_id, record in found}

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Some are created, some are not sent, and of some nobody knows which of both."""
        if not items:
            return []
        self._maybe_fail()
        if self._chance(self._temper.faults):
            self._inner.push([item for item in items if self._chance(0.5)])
            message = "the connection was lost in the middle"
            raise Ambiguous("connection_lost", message)
        return self._outcomes(items)

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """What the CRM behind tells, after asking for patience a few times."""
        self._maybe_fail()
        answers = self._inner.resolve(items)
        return [self._delayed(i, a) for i, a in zip(items, answers, strict=True)]

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """Merge, if it comes to that."""
        self._maybe_fail()
        self._inner.merge(survivor_id=survivor_id, lost_id=lost_id)

    def close(self) -> None:
        """Close the connector behind."""
        self._inner.close()

    def _outcomes(self, items: Sequence[PushItem]) -> list[Outcome]:
        """Send some of the items, each with an honest outcome or a doubt."""
        skipped = {p for p in range(len(items)) if self._chance(self._temper.doubts)}
        sent = [item for place, item in enumerate(items) if place not in skipped]
        told = iter(self._inner.push(sent) if sent else ())
        return [
            self._unsent() if place in skipped else self._told(next(told))
            for place in range(len(items))
        ]

    def _unsent(self) -> Outcome:
        if self._chance(0.5):
            return Outcome.unknown(disguise("no reply came"))
        later = self._clock.now() + timedelta(seconds=self._random.randrange(60))
        return Outcome.not_sent("too busy", retry_at=self._random.choice((None, later)))

    def _told(self, outcome: Outcome) -> Outcome:
        if outcome.kind is not OutcomeKind.NOT_SENT and self._chance(self._temper.doubts):
            return Outcome.unknown(disguise("the reply cannot be read"))
        if outcome.kind is OutcomeKind.EXISTED and self._chance(0.5):
            return Outcome.existed(None, reason="somebody has it")
        if outcome.kind is OutcomeKind.CREATED:
            return replace(outcome, warnings=(*outcome.warnings, disguise("a field was left out")))
        return outcome

    def _delayed(self, item: PushItem, answer: Resolution) -> Resolution:
        asked = self._delays[item.trace_id]
        if asked < self._temper.most_delays and self._chance(self._temper.delays):
            self._delays[item.trace_id] += 1
            return Resolution.undetermined(disguise("the index is being rebuilt"))
        return answer

    def _shuffled(self, page: ChangePage) -> ChangePage:
        upserts = [worst_spelling(record) for record in page.upserts]
        deleted, merges = list(page.deleted_ids), list(page.merges)
        for rows in (upserts, deleted, merges):
            self._random.shuffle(rows)
        twice = upserts[:2] if self._chance(self._temper.repeats) else []
        return replace(
            page,
            upserts=(*upserts, *twice),
            deleted_ids=(*deleted, *deleted[:1]),
            merges=(*merges, *merges[:1]),
        )

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability

    def _maybe_fail(self) -> None:
        """Fail before anything is done.

        Raises:
            Fault: any of those that say that nothing was done.
        """
        if self._chance(self._temper.faults):
            raise self._random.choice(_FAULTS)(self._clock.now(), self._random)


_FaultMaker = Callable[[datetime, Random], Fault]

_FAULTS: tuple[_FaultMaker, ...] = (
    lambda _now, _random: NotProcessed("unavailable", disguise("down for maintenance"), status=503),
    lambda _now, _random: NotProcessed("html", "a web page came back", status=502),
    lambda _now, _random: RateLimited("rate_limited", "too many requests", status=429),
    lambda now, random: RateLimited(
        "rate_limited", "too many requests", until=now + timedelta(seconds=random.randrange(90))
    ),
    lambda now, random: QuotaExhausted(
        "quota", "the day's quota is used up", until=now + timedelta(hours=random.randrange(1, 5))
    ),
    lambda _now, _random: NeedsPerson("plan", "somebody must accept the new terms", status=402),
    lambda _now, _random: BadCredentials("unauthorized", "the token is not known", status=401),
    lambda _now, _random: Permanent("refused", "this cannot work", status=400),
)
