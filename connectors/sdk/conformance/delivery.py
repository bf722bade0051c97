"""The daemon's own protocol in miniature, with every claim of the connector compared to the CRM."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from connectors.sdk.chunks import chunks
from connectors.sdk.conformance.stage import Opened, Stage
from connectors.sdk.conformance.verdict import LawBroken, require
from connectors.sdk.faults import Ambiguous, Fault, NotProcessed, WaitUntil
from connectors.sdk.outcomes import Outcome, OutcomeKind, Resolution, ResolutionKind
from connectors.sdk.records import PushItem

_ROUNDS = 40
_PAUSE = timedelta(minutes=2)
_SETTLED = frozenset({OutcomeKind.CREATED, OutcomeKind.EXISTED, OutcomeKind.REJECTED})
_NOTHING_DONE = frozenset({OutcomeKind.REJECTED, OutcomeKind.NOT_SENT})


def push_checked(
    stage: Stage, opened: Opened, items: Sequence[PushItem], *, alone: bool = True
) -> list[Outcome]:
    """Push once; a fault becomes an outcome of each item. ``alone``: nobody else writes meanwhile.

    Raises:
        LawBroken: an outcome does not say what happened.
    """
    sent = [stage.sent(item) for item in items]
    before = [_ids(stage, item) for item in items]
    outcomes = _pushed(opened, sent)
    require(
        len(outcomes) == len(items), f"{len(outcomes)} outcomes for {len(items)} items of a push"
    )
    for item, outcome, ids in zip(items, outcomes, before, strict=True):
        _check_claim(stage, item, outcome, ids if alone else None)
        repeated = outcome.kind is OutcomeKind.CREATED and outcome.record_id in ids
        require(
            not (alone and repeated and opened.capabilities.mirrors),
            f"{item.company.key} was reported created, but {outcome.record_id} was there before",
        )
    return outcomes


def deliver(
    stage: Stage,
    opened: Opened,
    items: Sequence[PushItem],
    *,
    alone: bool = True,
    so_far: Sequence[Outcome] = (),
) -> list[Outcome]:
    """Push as the daemon does until the fate of each item is known.

    What is unknown is resolved after the settling time, and pushed again only when it is absent.
    ``so_far`` are the items' outcomes of an earlier push.

    Raises:
        LawBroken: a false claim, or no end of doubt.
    """
    fates = {place: each for place, each in enumerate(so_far) if each.kind in _SETTLED}
    doubtful = {place for place, each in enumerate(so_far) if each.kind is OutcomeKind.UNKNOWN}
    items = [stage.sent(item) for item in items]
    for _ in range(_ROUNDS):
        if len(fates) == len(items):
            return [fates[place] for place in range(len(items))]
        _push_open(stage, opened, items, doubtful, fates, alone=alone)
        if doubtful:
            stage.settle(opened)
            _resolve_doubts(opened, items, doubtful, fates)
        if len(fates) < len(items):
            stage.clock.advance(_PAUSE)
    unsettled = [items[p].company.key for p in range(len(items)) if p not in fates]
    require(not unsettled, f"after {_ROUNDS} rounds nothing is known of {unsettled}")
    return [fates[place] for place in range(len(items))]


def resolve_patiently(stage: Stage, opened: Opened, item: PushItem) -> Resolution:
    """Ask until it is told, as the daemon does.

    Raises:
        LawBroken: it is never told.
    """
    item = item if item.sent_at is not None else replace(item, sent_at=stage.clock.now())
    for _ in range(_ROUNDS):
        stage.settle(opened)
        answers = opened.connector.resolve([item])
        require(len(answers) == 1, f"{len(answers)} answers to one item of resolve")
        if answers[0].kind is not ResolutionKind.UNDETERMINED:
            return answers[0]
        stage.clock.advance(_PAUSE)
    raise LawBroken(f"resolve cannot tell after {_ROUNDS} tries")


def _push_open(
    stage: Stage,
    opened: Opened,
    items: Sequence[PushItem],
    doubtful: set[int],
    fates: dict[int, Outcome],
    *,
    alone: bool,
) -> None:
    """Push what has no fate yet and is not in doubt, in batches."""
    places = [p for p in range(len(items)) if p not in fates and p not in doubtful]
    for chunk in chunks(places, opened.capabilities.batch_size):
        outcomes = push_checked(stage, opened, [items[p] for p in chunk], alone=alone)
        for place, outcome in zip(chunk, outcomes, strict=True):
            if outcome.kind in _SETTLED:
                fates[place] = outcome
            elif outcome.kind is OutcomeKind.UNKNOWN:
                doubtful.add(place)


def _pushed(opened: Opened, items: Sequence[PushItem]) -> list[Outcome]:
    try:
        return list(opened.connector.push(items))
    except Ambiguous as doubt:
        return [Outcome.unknown(doubt.message)] * len(items)
    except (NotProcessed, WaitUntil) as fault:
        return [Outcome.not_sent(fault.message)] * len(items)
    except Fault as fault:
        raise LawBroken(f"push raised {type(fault).__name__}: {fault.message}") from fault


def _check_claim(stage: Stage, item: PushItem, outcome: Outcome, before: set[str] | None) -> None:
    """See that the outcome is what happened; ``before`` are the company's earlier records."""
    now, kind, company = _ids(stage, item), outcome.kind, item.company.key
    if kind is OutcomeKind.CREATED:
        require(
            outcome.record_id in now,
            f"{company} was reported created as {outcome.record_id}, but its records are {now}",
        )
    if before is None:
        return
    if kind is OutcomeKind.EXISTED:
        require(now <= before, f"{company} was reported as existing, but was created now")
    if kind in _NOTHING_DONE:
        require(now <= before, f"{company} was reported {kind.value}, but {now - before} was made")


def _resolve_doubts(
    opened: Opened, items: Sequence[PushItem], doubtful: set[int], fates: dict[int, Outcome]
) -> None:
    places = sorted(doubtful)
    try:
        answers = opened.connector.resolve([items[place] for place in places])
    except (NotProcessed, WaitUntil):
        return
    require(
        len(answers) == len(places), f"{len(answers)} answers for {len(places)} items of resolve"
    )
    for place, answer in zip(places, answers, strict=True):
        if answer.kind is ResolutionKind.FOUND and answer.record_id is not None:
            fates[place] = Outcome.created(answer.record_id)
        if answer.kind is not ResolutionKind.UNDETERMINED:
            doubtful.discard(place)


def _ids(stage: Stage, item: PushItem) -> set[str]:
    return {record.record_id for record in stage.records_of(item)}
