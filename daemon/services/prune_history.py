"""Prune what is old: the prose of results, audit events, their requests. Domains stay for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.db.audit_chain import PRUNED, REQUESTS_PRUNED
from daemon.db.pruning import BrokenChain
from daemon.extruct.reduction import reduce_row
from daemon.services.context import ServiceContext

RESULTS = 500
EVENTS = 5000
"""So many rows in one transaction: nobody waits long for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """From which age on something is pruned."""

    raw_results: timedelta
    audit: timedelta
    audit_requests: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneResult:
    """How many were pruned; ``broken_at`` is the row at which the audit log is not whole."""

    results: int = 0
    events: int = 0
    requests: int = 0
    broken_at: int | None = None


class PruneHistory:
    """The service that forgets, within what must be kept."""

    def __init__(self, context: ServiceContext, policy: RetentionPolicy) -> None:
        self._context = context
        self._policy = policy

    def run_once(self) -> PruneResult:
        """Prune everything that has come of age."""
        results = self._prune_results()
        requests = self._prune_requests()
        events, broken_at = self._prune_events()
        with self._context.store.transaction("prune.pages", now=self._context.now()) as unit:
            unit.pruning.forget_stale_pages()
        return PruneResult(results=results, events=events, requests=requests, broken_at=broken_at)

    def _prune_results(self) -> int:
        before = self._context.now() - self._policy.raw_results
        last = done = 0
        while not self._context.stopping():
            with self._context.store.transaction("prune.results", now=self._context.now()) as unit:
                old = unit.pruning.old_results(before=before, after_id=last, limit=RESULTS)
                if not old:
                    break
                reduced = [(each.id, reduce_row(each.raw)) for each in old]
                unit.pruning.reduce_results(reduced, unit.now)
            last = old[-1].id
            done += len(old)
        return done

    def _prune_requests(self) -> int:
        before = self._context.now() - self._policy.audit_requests
        with self._context.store.transaction("prune.requests", now=self._context.now()) as unit:
            gone = unit.pruning.prune_requests(before=before)
            if gone:
                unit.audit.write(REQUESTS_PRUNED, before=before.isoformat(), events=gone)
        return gone

    def _prune_events(self) -> tuple[int, int | None]:
        before = self._context.now() - self._policy.audit
        done = 0
        while not self._context.stopping():
            try:
                gone = self._prune_chunk(before)
            except BrokenChain as broken:
                self._say_broken(broken)
                return done, broken.seq
            if gone == 0:
                break
            done += gone
        return done, None

    def _prune_chunk(self, before: datetime) -> int:
        with self._context.store.transaction("prune.audit", now=self._context.now()) as unit:
            begin = unit.pruning.checkpoint()
            end = unit.pruning.prune_audit(before=before, limit=EVENTS, now=unit.now)
            if end is None:
                return 0
            unit.audit.write(PRUNED, through=end.seq, through_hash=end.hash)
            return end.seq - begin.seq

    def _say_broken(self, broken: BrokenChain) -> None:
        with self._context.store.transaction("prune.refused", now=self._context.now()) as unit:
            unit.audit.write(
                "audit.prune_refused",
                reason=f"{broken}; run `prospectd audit verify`",
                row=broken.seq,
            )
