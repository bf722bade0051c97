"""Finding the task whose create reply was lost, so that it is not paid for twice."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from daemon.domain.hostnames import site_of
from daemon.domain.searches import Criterion
from daemon.extruct.payloads import TaskRequest, TaskSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionPolicy:
    """How far a task may differ from what was sent and still be taken for ours.

    ``clock_skew`` is how far the two clocks may be apart. ``latest`` is how long after sending the
    server may still have carried it out. ``exclusion_drift`` is the share of the exclusion set in
    which the server's own reduction to registered domains may differ from ours (it may use another
    public suffix list).
    """

    clock_skew: timedelta = timedelta(minutes=5)
    latest: timedelta = timedelta(minutes=15)
    exclusion_drift: float = 0.01


DEFAULT_POLICY = AdoptionPolicy()


def match_created_task(
    request: TaskRequest,
    sent_at: datetime,
    snapshots: Iterable[TaskSnapshot],
    *,
    known_ids: Collection[str] = frozenset(),
    policy: AdoptionPolicy = DEFAULT_POLICY,
) -> TaskSnapshot | None:
    """The task that ``request`` made when it was sent at ``sent_at``, or None.

    ``known_ids`` are tasks that the store holds already: they are nobody's lost reply.

    A candidate has the same query, number of results and criteria (any criteria where none were
    sent: the server then makes its own), about the same exclusions, and a time of creation in the
    window. Of several, the one whose exclusions differ least wins, then the one created nearest to
    ``sent_at``, then the smallest id: the same answer whatever the order of ``snapshots``. A task
    that shows no exclusions at all is taken only when no other fits: the list may leave them out.
    """
    excluded = _reduced(request.exclude_domains)
    ranked: list[tuple[int, timedelta, str, TaskSnapshot]] = []
    for snapshot in snapshots:
        created_at = snapshot.created_at
        if snapshot.id in known_ids or created_at is None:
            continue
        if _in_window(created_at, sent_at, policy) and _same_request(request, snapshot):
            drift = _drift(request, excluded, snapshot)
            if drift <= policy.exclusion_drift * len(excluded) or not snapshot.exclude_domains:
                ranked.append((drift, abs(created_at - sent_at), snapshot.id, snapshot))
    return min(ranked, key=lambda found: found[:3])[3] if ranked else None


def _in_window(created_at: datetime, sent_at: datetime, policy: AdoptionPolicy) -> bool:
    earliest = sent_at - policy.clock_skew
    return earliest <= created_at <= sent_at + policy.latest + policy.clock_skew


def _same_request(request: TaskRequest, snapshot: TaskSnapshot) -> bool:
    return (
        snapshot.query.strip() == request.query.strip()
        and snapshot.desired_num_results == request.desired_num_results
        and (not request.criteria or _asked(snapshot.criteria) == _asked(request.criteria))
    )


def _asked(criteria: tuple[Criterion, ...]) -> frozenset[tuple[str, str, str]]:
    return frozenset((one.key, one.name.strip(), one.criterion.strip()) for one in criteria)


def _drift(request: TaskRequest, excluded: frozenset[str], snapshot: TaskSnapshot) -> int:
    """In how many domains the exclusion sets differ.

    What ``exclude_task_ids`` adds is not known here, so additions count only where none were sent.
    """
    resolved = _reduced(snapshot.exclude_domains)
    missing = len(excluded - resolved)
    return missing if request.exclude_task_ids else missing + len(resolved - excluded)


def _reduced(entries: Iterable[str]) -> frozenset[str]:
    return frozenset(site_of(entry).domain or entry.strip().lower() for entry in entries)
